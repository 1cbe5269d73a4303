"""Entities as AWS's answers show them, and as the record keeps them.

An answer's members are AWS's (`{"UserName": …, "Arn": …}`); what is absent in AWS's answer is absent here, and which optional
members an operation gives is that operation's matter.
"""

from collections.abc import Iterable
from typing import Any

from accounts.models import Group, InstanceProfile, Role, User
from policies.models import ManagedPolicy


def user(row: User) -> dict[str, Any]:
    """The members that every answer with a user has."""
    if row.is_root:
        shown: dict[str, Any] = {"UserId": row.unique_id, "Arn": row.arn, "CreateDate": row.created_at}
    else:
        shown = {"Path": row.path, "UserName": row.name, "UserId": row.unique_id, "Arn": row.arn, "CreateDate": row.created_at}
    if row.password_last_used:
        shown["PasswordLastUsed"] = row.password_last_used
    return shown


def group(row: Group) -> dict[str, Any]:
    return {"Path": row.path, "GroupName": row.name, "GroupId": row.unique_id, "Arn": row.arn, "CreateDate": row.created_at}


def role(row: Role, trust_policy: str) -> dict[str, Any]:
    """The members that every answer with a role has; `trust_policy` with its principals rendered as ARNs."""
    shown = {
        "Path": row.path,
        "RoleName": row.name,
        "RoleId": row.unique_id,
        "Arn": row.arn,
        "CreateDate": row.created_at,
        "AssumeRolePolicyDocument": trust_policy,
    }
    if row.description:
        shown["Description"] = row.description
    return shown


def instance_profile(row: InstanceProfile, roles: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "Path": row.path,
        "InstanceProfileName": row.name,
        "InstanceProfileId": row.unique_id,
        "Arn": row.arn,
        "CreateDate": row.created_at,
        "Roles": roles,
    }


def boundary(policy: ManagedPolicy) -> dict[str, str]:
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": policy.arn}


def tags(rows: Iterable[Any]) -> list[dict[str, str]]:
    return [{"Key": row.key, "Value": row.value} for row in rows]
