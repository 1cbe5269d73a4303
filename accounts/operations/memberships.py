"""Membership of users in groups (IAM API Reference)."""

from typing import Any

from django.db.models import BigIntegerField, F, Value

from accounts import describe, resolve
from accounts.group_digests import of_member
from accounts.models import Group, Membership, User
from operations.clock import now
from operations.errors import NoSuchEntity
from operations.gate import Call, Result, operation
from operations.paging import page
from operations.quotas import enforce


@operation("iam:AddUserToGroup", on=resolve.group)
def add_user_to_group(call: Call, *, group_name: str, user_name: str) -> Result:
    """Make a user a member; once more changes nothing. Raises NoSuchEntity, LimitExceeded."""
    user, group = member_and_group(call, user_name)
    if Membership.objects.filter(user=user, group=group).exists():
        return {}
    before = state(user)
    enforce("GroupsPerUserQuota", Membership.objects.filter(user=user).count() + 1)
    Membership.objects.create(user=user, group=group, created_at=now())
    count_members(user, group, 1)
    call.changed(before=before, after=state(user))
    return {}


@operation("iam:RemoveUserFromGroup", on=resolve.group)
def remove_user_from_group(call: Call, *, group_name: str, user_name: str) -> Result:
    """End a membership; where there is none nothing happens. Raises NoSuchEntity."""
    user, group = member_and_group(call, user_name)
    before = state(user)
    removed, _ = Membership.objects.filter(user=user, group=group).delete()
    if removed:
        count_members(user, group, -1)
        call.changed(before=before, after=state(user))
    return {}


@operation("iam:ListGroupsForUser", on=resolve.user)
def list_groups_for_user(
    call: Call, *, user_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The groups of a user by name. Raises NoSuchEntity."""
    user = resolve.require_user(call)
    found, paging = page(user.groups.all(), "name_key", marker, max_items)
    return {"Groups": [describe.group(group) for group in found], **paging}


def member_and_group(call: Call, user_name: str) -> tuple[User, Group]:
    """The user and the group of a call; the user is looked up first, as AWS does. Raises NoSuchEntity."""
    user = resolve.find_user(call.account_id, user_name)
    if user is None:
        raise NoSuchEntity(f"The user with name {user_name} cannot be found.")
    return user, resolve.require_group(call)


def count_members(user: User, group: Group, difference: int) -> None:
    """Move the summaries that lists sort by; the caller's transaction holds the account's lock."""
    User.objects.filter(pk=user.pk).update(group_count=F("group_count") + difference)
    # Without its type the number would be cut to half its bits.
    number: Any = Value(of_member(user.unique_id), BigIntegerField())
    Group.objects.filter(pk=group.pk).update(
        member_count=F("member_count") + difference,
        members_digest=F("members_digest").bitxor(number),  # once more takes it away again
    )


def state(user: User) -> dict[str, Any]:
    """The groups of a user as the record keeps them."""
    names = list(user.groups.order_by("name_key").values_list("name", flat=True))
    return {"arn": user.arn, "userName": user.name, "groups": names}
