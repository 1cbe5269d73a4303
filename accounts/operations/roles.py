"""Roles: create, get, update, delete, list, and their trust policy (IAM API Reference)."""

from typing import Any

from accounts import describe, resolve, trust
from accounts.models import Role, RoleTag
from accounts.operations.service_linked import modifiable_role
from accounts.operations.tag_rules import folded_tags
from operations.clock import now
from operations.errors import DeleteConflict, EntityAlreadyExists, InvalidInput
from operations.gate import Call, Result, operation
from operations.ids import unique_id
from operations.paging import page
from operations.quotas import enforce
from policies.listing import under_path
from policies.lookup import boundary_policy, count_usage

RESERVED_PATHS = ("/aws-service-role/", "/aws-reserved/")  # the roles under them are made by AWS alone
DEFAULT_SESSION = 3600


@operation("iam:CreateRole", on=resolve.to_be("role", "role_name", "AWS::IAM::Role"))
def create_role(
    call: Call,
    *,
    role_name: str,
    assume_role_policy_document: str,
    path: str = "/",
    description: str = "",
    max_session_duration: int = DEFAULT_SESSION,
    permissions_boundary: str | None = None,
    tags: list[dict[str, str]] | None = None,
) -> Result:
    """Create a role. Raises EntityAlreadyExists, LimitExceeded, MalformedPolicyDocument, NoSuchEntity (boundary), InvalidInput."""
    if path.startswith(RESERVED_PATHS):
        raise InvalidInput(f"The path {path} is reserved for roles that AWS creates.")
    refuse_taken_name(call.account_id, role_name)
    enforce("RolesQuota", Role.objects.filter(account_id=call.account_id).count() + 1)
    boundary = boundary_policy(call.account_id, permissions_boundary) if permissions_boundary else None
    rows = folded_tags(tags or [])
    trusted = trust.checked(assume_role_policy_document)
    role = Role.objects.create(
        account_id=call.account_id,
        name=role_name,
        name_key=role_name.lower(),
        path=path,
        unique_id=unique_id("AROA"),
        created_at=now(),
        description=description,
        max_session_duration=max_session_duration,
        **trust.columns(trusted),
        boundary=boundary,
        boundary_key=boundary.name_key if boundary else "",
    )
    RoleTag.objects.bulk_create(RoleTag(role=role, **row) for row in rows)
    if boundary:
        count_usage(boundary, call.account_id, boundaries=1)
    call.changed(after=state(role))
    return {"Role": describe.role(role, trust.readable(role.trust_policy)) | optional_members(role)}


@operation("iam:GetRole", on=resolve.role)
def get_role(call: Call, *, role_name: str) -> Result:
    """A role with everything that AWS tells about it. Raises NoSuchEntity."""
    role = resolve.require_role(call)
    shown = describe.role(role, trust.readable(role.trust_policy)) | describe.description(role)
    shown |= {"MaxSessionDuration": role.max_session_duration, "RoleLastUsed": describe.role_last_used(role)}
    return {"Role": shown | optional_members(role)}


@operation("iam:UpdateRole", on=resolve.role)
def update_role(
    call: Call, *, role_name: str, description: str | None = None, max_session_duration: int | None = None
) -> Result:
    """Change a role's description or longest session; what is not given stays. Raises NoSuchEntity, UnmodifiableEntity."""
    role = resolve.require_role(call)
    if max_session_duration is not None:
        resolve.refuse_protected(role)
    before = state(role)
    role.description = role.description if description is None else description
    role.max_session_duration = max_session_duration or role.max_session_duration
    role.save(update_fields=["description", "max_session_duration"])
    call.changed(before=before, after=state(role))
    return {}


@operation("iam:UpdateRoleDescription", on=resolve.role)
def update_role_description(call: Call, *, role_name: str, description: str) -> Result:
    """Change a role's description, also a service-linked role's. Raises NoSuchEntity."""
    role = resolve.require_role(call)
    before = state(role)
    role.description = description
    role.save(update_fields=["description"])
    call.changed(before=before, after=state(role))
    return {"Role": describe.role(role, trust.readable(role.trust_policy)) | describe.description(role)}


@operation("iam:UpdateAssumeRolePolicy", on=resolve.role)
def update_assume_role_policy(call: Call, *, role_name: str, policy_document: str) -> Result:
    """Replace a role's trust policy. Raises NoSuchEntity, UnmodifiableEntity, MalformedPolicyDocument, LimitExceeded."""
    role = modifiable_role(call)
    before = state(role)
    columns = trust.columns(trust.checked(policy_document, role.trust_policy))
    for name, value in columns.items():
        setattr(role, name, value)
    role.save(update_fields=list(columns))
    call.changed(before=before, after=state(role))
    return {}


@operation("iam:DeleteRole", on=resolve.role)
def delete_role(call: Call, *, role_name: str) -> Result:
    """Delete a role that has nothing left. Raises NoSuchEntity, DeleteConflict, UnmodifiableEntity."""
    role = modifiable_role(call)
    for what, rows in dependants(role):
        if rows.exists():
            raise DeleteConflict(f"Cannot delete entity, must {what} first.")
    call.changed(before=state(role))
    if role.boundary:
        count_usage(role.boundary, call.account_id, boundaries=-1)
    role.delete()
    return {}


@operation("iam:ListRoles", on=resolve.collection("role"))
def list_roles(
    call: Call, *, path_prefix: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Result:
    """Roles by name, whatever their path; neither tags, boundary nor last use are shown here."""
    rows = Role.objects.filter(account_id=call.account_id)
    if path_prefix:
        rows = under_path(rows, path_prefix)
    found, paging = page(rows, "name_key", marker, max_items)
    documents = trust.readable_forms([role.trust_policy for role in found])
    shown = [
        describe.role(role, document) | describe.description(role) | {"MaxSessionDuration": role.max_session_duration}
        for role, document in zip(found, documents, strict=True)
    ]
    return {"Roles": shown, **paging}


def refuse_taken_name(account_id: str, name: str) -> None:
    """Names are unique without regard to case. Raises EntityAlreadyExists."""
    if Role.objects.filter(account_id=account_id, name_key=name.lower()).exists():
        raise EntityAlreadyExists(f"Role with name {name} already exists.")


def optional_members(role: Role) -> dict[str, Any]:
    """Boundary and tags, which only the answers about one role have, and only where there are any."""
    tags = describe.tags(role.tags.order_by("id"))
    shown: dict[str, Any] = {"PermissionsBoundary": describe.boundary(role.boundary)} if role.boundary else {}
    return shown | ({"Tags": tags} if tags else {})


def dependants(role: Role) -> list[tuple[str, Any]]:
    """What must be gone before a role can be deleted, in AWS's words, with the rows that are still there."""
    return [
        ("remove roles from instance profile", role.instance_profiles),
        ("delete policies", role.inline_policies),
        ("detach all policies", role.attachments),
    ]


def state(role: Role) -> dict[str, Any]:
    """A role as the record keeps it."""
    return {
        "arn": role.arn,
        "roleId": role.unique_id,
        "roleName": role.name,
        "path": role.path,
        "description": role.description,
        "maxSessionDuration": role.max_session_duration,
        "assumeRolePolicyDocument": trust.readable(role.trust_policy),
        "permissionsBoundary": role.boundary.arn if role.boundary else None,
        "tags": {tag.key: tag.value for tag in role.tags.order_by("id")},
    }
