"""Entities as AWS's answers show them, and as the record keeps them.

An answer's members are AWS's (`{"UserName": …, "Arn": …}`); what is absent in AWS's answer is absent here, and which optional
members an operation gives is that operation's matter.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from accounts.models import Group, InstanceProfile, Role, User
from operations.clock import now
from policies.models import ManagedPolicy

ROLE_TRACKING_PERIOD = timedelta(days=400)  # IAM User Guide, «Role last used»


def user(row: User) -> dict[str, Any]:
    """The members that every answer with a user has."""
    if row.is_root:
        shown: dict[str, Any] = {"UserId": row.unique_id, "Arn": row.arn, "CreateDate": row.created_at}
    else:
        shown = {
            "Path": row.path,
            "UserName": row.name,
            "UserId": row.unique_id,
            "Arn": row.arn,
            "CreateDate": row.created_at,
        }
    if row.password_last_used:
        shown["PasswordLastUsed"] = row.password_last_used
    return shown


def group(row: Group) -> dict[str, Any]:
    """The members that every answer with a group has."""
    return {
        "Path": row.path,
        "GroupName": row.name,
        "GroupId": row.unique_id,
        "Arn": row.arn,
        "CreateDate": row.created_at,
    }


def role(row: Role, trust_policy: str) -> dict[str, Any]:
    """The members that every answer with a role has; `trust_policy` with its principals rendered as ARNs."""
    return {
        "Path": row.path,
        "RoleName": row.name,
        "RoleId": row.unique_id,
        "Arn": row.arn,
        "CreateDate": row.created_at,
        "AssumeRolePolicyDocument": trust_policy,
    }


def description(row: Role) -> dict[str, str]:
    """The role's description, where it has one: the answers to a creation and within an instance profile leave it out."""
    return {"Description": row.description} if row.description else {}


def role_last_used(row: Role) -> dict[str, Any]:
    """When and in which Region a role was last used; empty when never within the 400 days that AWS tracks."""
    if row.last_used_at is None or row.last_used_at < now() - ROLE_TRACKING_PERIOD:
        return {}
    return {"LastUsedDate": row.last_used_at, "Region": row.last_used_region}


def instance_profile(row: InstanceProfile, roles: list[dict[str, Any]]) -> dict[str, Any]:
    """The members that every answer with an instance profile has, with the role in it as `role` shows it."""
    return {
        "Path": row.path,
        "InstanceProfileName": row.name,
        "InstanceProfileId": row.unique_id,
        "Arn": row.arn,
        "CreateDate": row.created_at,
        "Roles": roles,
    }


def boundary(policy: ManagedPolicy) -> dict[str, str]:
    """A permissions boundary, as the answers about one user or role show it."""
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": policy.arn}


def tags(rows: Iterable[Any]) -> list[dict[str, str]]:
    """Tag rows of any kind of entity."""
    return [{"Key": row.key, "Value": row.value} for row in rows]
