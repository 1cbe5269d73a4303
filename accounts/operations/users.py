"""Users: create, get, update, delete, list (IAM API Reference)."""

from typing import Any

from django.db.models import F

from accounts import describe, resolve
from accounts.models import Account, LoginProfile, User, UserTag
from accounts.operations.tag_rules import folded_tags
from operations.clock import now
from operations.errors import DeleteConflict, EntityAlreadyExists
from operations.gate import Call, Result, Target, operation
from operations.ids import iam_arn, unique_id
from operations.paging import page
from operations.prepared import children
from operations.quotas import enforce
from policies.listing import under_path
from policies.lookup import boundary_policy, count_usage


@operation("iam:CreateUser", on=resolve.to_be("user", "user_name", "AWS::IAM::User"))
def create_user(
    call: Call,
    *,
    user_name: str,
    path: str = "/",
    permissions_boundary: str | None = None,
    tags: list[dict[str, str]] | None = None,
) -> Result:
    """Create an IAM user. Raises EntityAlreadyExists, LimitExceeded, NoSuchEntity (boundary), InvalidInput (tags)."""
    refuse_taken_name(call.account_id, user_name)
    enforce("UsersQuota", user_count(call.account_id) + 1)
    boundary = boundary_policy(call.account_id, permissions_boundary) if permissions_boundary else None
    rows = folded_tags(tags or [])
    user = User.objects.create(
        account_id=call.account_id,
        name=user_name,
        name_key=user_name.lower(),
        path=path,
        unique_id=unique_id("AIDA"),
        created_at=now(),
        boundary=boundary,
        boundary_key=boundary.name_key if boundary else "",
    )
    UserTag.objects.bulk_create(UserTag(user=user, **row) for row in rows)
    count_users(call.account_id, 1)
    if boundary:
        count_usage(boundary, call.account_id, boundaries=1)
    call.changed(after=state(user))
    return {"User": describe.user(user) | optional_members(user)}


@operation("iam:GetUser", on=resolve.user_or_self)
def get_user(call: Call, *, user_name: str | None = None) -> Result:
    """A user with tags and boundary; without a name the caller. Raises NoSuchEntity."""
    user = resolve.require_user(call)
    return {"User": describe.user(user) | optional_members(user)}


def update_targets(call: Call) -> list[Target]:
    """A rename needs the permission on the old and on the new ARN."""
    old = resolve.user(call)
    user: User | None = old.entity
    path = call.params.get("new_path") or (user.path if user else "/")
    name = call.params.get("new_user_name") or (user.name if user else call.params["user_name"])
    new = iam_arn(call.account_id, f"user{path}{name}")
    return [old] if new == old.arn else [old, Target(new, None, old.context, old.type)]


@operation("iam:UpdateUser", on=update_targets)
def update_user(call: Call, *, user_name: str, new_path: str | None = None, new_user_name: str | None = None) -> Result:
    """Rename a user or move it to another path; credentials, memberships and policies stay. Raises NoSuchEntity, EntityAlreadyExists."""
    user = resolve.require_user(call)
    before = state(user)
    if new_user_name and new_user_name.lower() != user.name_key:
        refuse_taken_name(call.account_id, new_user_name)
    user.name = new_user_name or user.name
    user.name_key = user.name.lower()
    user.path = new_path or user.path
    user.save(update_fields=["name", "name_key", "path"])
    call.changed(before=before, after=state(user))
    return {}


@operation("iam:DeleteUser", on=resolve.user)
def delete_user(call: Call, *, user_name: str) -> Result:
    """Delete a user that has nothing left. Raises NoSuchEntity, DeleteConflict."""
    user = resolve.require_user(call)
    for what, rows in dependants(user):
        if rows.exists():
            raise DeleteConflict(f"Cannot delete entity, must {what} first.")
    call.changed(before=state(user))
    if user.boundary:
        count_usage(user.boundary, call.account_id, boundaries=-1)
    user.delete()
    count_users(call.account_id, -1)
    return {}


@operation("iam:ListUsers", on=resolve.collection("user"))
def list_users(
    call: Call, *, path_prefix: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Result:
    """Users by name, whatever their path; neither tags nor boundary are shown here."""
    rows = User.objects.filter(account_id=call.account_id)
    if path_prefix:
        rows = under_path(rows, path_prefix)
    found, paging = page(rows, "name_key", marker, max_items)
    return {"Users": [describe.user(user) for user in found], **paging}


def user_count(account_id: str) -> int:
    """How many IAM users the account has, as it is kept; counting them would cost more with each."""
    return Account.objects.values_list("user_count", flat=True).get(pk=account_id)


def count_users(account_id: str, step: int) -> None:
    """Keep the number of the account's users after one came or went."""
    Account.objects.filter(pk=account_id).update(user_count=F("user_count") + step)


def refuse_taken_name(account_id: str, name: str) -> None:
    """Names are unique without regard to case. Raises EntityAlreadyExists."""
    if User.everyone.filter(account_id=account_id, name_key=name.lower()).exists():
        raise EntityAlreadyExists(f"User with name {name} already exists.")


def optional_members(user: User) -> dict[str, Any]:
    """Boundary and tags, which only the answers about one user have, and only where there are any."""
    tags = describe.tags(sorted(children(user, "tags"), key=lambda tag: tag.pk))
    boundary = user.boundary if user.boundary_id is not None else None
    shown: dict[str, Any] = {"PermissionsBoundary": describe.boundary(boundary)} if boundary else {}
    return shown | ({"Tags": tags} if tags else {})


def dependants(user: User) -> list[tuple[str, Any]]:
    """What must be gone before a user can be deleted, in AWS's words, with the rows that are still there."""
    return [
        ("delete login profile", LoginProfile.objects.filter(user=user)),
        ("delete access keys", user.access_keys),
        ("delete MFA device", user.mfa_devices),
        ("delete signing certificates", user.signing_certificates),
        ("delete SSH public keys", user.ssh_public_keys),
        ("delete service specific credentials", user.service_credentials),
        ("delete policies", user.inline_policies),
        ("detach all policies", user.attachments),
        ("remove users from group", user.memberships),
    ]


def state(user: User) -> dict[str, Any]:
    """A user as the record keeps it."""
    return {
        "arn": user.arn,
        "userId": user.unique_id,
        "userName": user.name,
        "path": user.path,
        "permissionsBoundary": user.boundary.arn if user.boundary else None,
        "tags": {tag.key: tag.value for tag in user.tags.order_by("id")},
    }
