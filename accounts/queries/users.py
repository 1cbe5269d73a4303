"""What the pages about users read, in a fixed number of queries each."""

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import GroupAttachment, GroupInlinePolicy, User, UserAttachment, UserInlinePolicy
from policies.models import ManagedPolicy


def user_rows(account_id: str) -> "QuerySet[User]":
    """The rows of the users list."""
    return User.objects.filter(account_id=account_id).select_related("boundary")


def user_by_name(account_id: str, name: str) -> User | None:
    """One user for its page, with boundary and tags."""
    rows = User.objects.select_related("boundary", "account").prefetch_related("tags")
    return rows.filter(account_id=account_id, name_key=name.lower()).first()


@dataclass(frozen=True)
class Source:
    """One policy that gives a user permissions, and where it comes from: `group` is empty for what is the user's own."""

    name: str
    kind: str  # aws-managed, user-managed, inline
    policy: ManagedPolicy | None
    group: str
    inline_id: int | None = None

    @property
    def is_own(self) -> bool:
        return not self.group


def policy_sources(user: User) -> list[Source]:
    """Every policy that bears on a user, own ones first; four queries."""
    found = [
        _managed(row.policy, "")
        for row in UserAttachment.objects.filter(user=user).select_related("policy").order_by("policy__name_key")
    ]
    found += [
        Source(row.name, "inline", None, "", row.pk)
        for row in UserInlinePolicy.objects.filter(user=user).order_by("name_key")
    ]
    of_groups = GroupAttachment.objects.filter(group__memberships__user=user).select_related("policy", "group")
    found += [_managed(row.policy, row.group.name) for row in of_groups.order_by("group__name_key", "policy__name_key")]
    inline = GroupInlinePolicy.objects.filter(group__memberships__user=user).select_related("group")
    found += [
        Source(row.name, "inline", None, row.group.name, row.pk)
        for row in inline.order_by("group__name_key", "name_key")
    ]
    return found


def _managed(policy: ManagedPolicy, group: str) -> Source:
    return Source(policy.name, "aws-managed" if policy.is_aws_managed else "user-managed", policy, group)
