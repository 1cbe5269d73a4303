"""Managed policies as AWS's answers show them, and as the record keeps them."""

from collections.abc import Iterable
from typing import Any

from policies.models import ManagedPolicy, PolicyTag, PolicyVersion


def policy(row: ManagedPolicy, *, attachments: int = 0, boundaries: int = 0) -> dict[str, Any]:
    """The members that every answer with a managed policy has."""
    return {
        "PolicyName": row.name,
        "PolicyId": row.unique_id,
        "Arn": row.arn,
        "Path": row.path,
        "DefaultVersionId": row.default_version_id,
        "AttachmentCount": attachments,
        "PermissionsBoundaryUsageCount": boundaries,
        "IsAttachable": row.is_attachable,
        "CreateDate": row.created_at,
        "UpdateDate": row.updated_at,
    }


def version(row: PolicyVersion, default: int) -> dict[str, Any]:
    """A version without its document, as it is created and listed."""
    return {"VersionId": row.version_id, "IsDefaultVersion": row.number == default, "CreateDate": row.created_at}


def tags(rows: Iterable[PolicyTag]) -> list[dict[str, str]]:
    """Tags by key; capitals come first, as AWS sorts them, whatever the database's collation."""
    return [{"Key": row.key, "Value": row.value} for row in sorted(rows, key=lambda tag: tag.key)]


def state(row: ManagedPolicy) -> dict[str, Any]:
    """A policy as the record keeps it: the document in force, and which versions there are."""
    versions = row.versions.order_by("number")
    documents = versions.filter(number=row.default_version).values_list("document", flat=True)
    return {
        "arn": row.arn,
        "policyId": row.unique_id,
        "policyName": row.name,
        "path": row.path,
        "description": row.description,
        "defaultVersionId": row.default_version_id,
        "versions": [f"v{number}" for number in versions.values_list("number", flat=True)],
        "document": documents.first(),
        "tags": {tag.key: tag.value for tag in row.tags.all()},
    }
