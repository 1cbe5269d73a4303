"""Permissions boundaries of users and roles: put, delete (IAM API Reference)."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from accounts import resolve
from accounts.models import Role, User
from accounts.operations.service_linked import modifiable_role
from operations.gate import Call, Result, operation
from policies.lookup import boundary_policy, count_usage
from policies.models import ManagedPolicy

Bounded: TypeAlias = User | Role


@operation("iam:PutUserPermissionsBoundary", on=resolve.user)
def put_user_permissions_boundary(call: Call, *, user_name: str, permissions_boundary: str) -> Result:
    """Set a user's boundary, or put another one in its place. Raises NoSuchEntity, InvalidInput, PolicyNotAttachable."""
    return bound(call, resolve.require_user(call), permissions_boundary)


@operation("iam:PutRolePermissionsBoundary", on=resolve.role)
def put_role_permissions_boundary(call: Call, *, role_name: str, permissions_boundary: str) -> Result:
    """Set a role's boundary, or put another one in its place.

    Raises NoSuchEntity, InvalidInput, PolicyNotAttachable, UnmodifiableEntity (a service-linked role).
    """
    return bound(call, modifiable_role(call), permissions_boundary)


@operation("iam:DeleteUserPermissionsBoundary", on=resolve.user)
def delete_user_permissions_boundary(call: Call, *, user_name: str) -> Result:
    """Remove a user's boundary; where there is none, nothing happens. Raises NoSuchEntity."""
    return replace(call, resolve.require_user(call), None)


@operation("iam:DeleteRolePermissionsBoundary", on=resolve.role)
def delete_role_permissions_boundary(call: Call, *, role_name: str) -> Result:
    """Remove a role's boundary. Raises NoSuchEntity, UnmodifiableEntity (a service-linked role)."""
    return replace(call, modifiable_role(call), None)


def bound(call: Call, entity: Bounded, policy_arn: str) -> Result:
    """Set the boundary to the policy of that ARN."""
    return replace(call, entity, boundary_policy(call.account_id, policy_arn))


def replace(call: Call, entity: Bounded, boundary: ManagedPolicy | None) -> Result:
    """Put one boundary, or none, in another's place, and count both uses."""
    before, old = state(entity), entity.boundary
    if old == boundary:
        return {}
    entity.boundary = boundary
    entity.boundary_key = boundary.name_key if boundary else ""
    entity.save(update_fields=["boundary", "boundary_key"])
    if old:
        count_usage(old, call.account_id, boundaries=-1)
    if boundary:
        count_usage(boundary, call.account_id, boundaries=1)
    call.changed(before=before, after=state(entity))
    return {}


def state(entity: Bounded) -> Mapping[str, Any]:
    """An entity's boundary as the record keeps it."""
    return {"arn": entity.arn, "permissionsBoundary": entity.boundary.arn if entity.boundary else None}
