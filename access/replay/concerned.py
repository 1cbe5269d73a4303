"""Whom a change of a policy concerns: the users and roles among whose policies it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import F, Q, QuerySet

from accounts.models import Group, GroupAttachment, Membership, Role, RoleAttachment, User, UserAttachment
from policies.models import ManagedPolicy

MOST: Final = 100  # of more, those who were active last
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Concerned:
    """The users and roles that were active last, and how many there are in all."""

    principals: Sequence[User | Role]
    total: int


def concerned(holder: Any, account_id: str) -> Concerned:
    """Those who have a managed policy, directly, by a group or as their boundary; those whose inline policy it is. Four queries, and
    two for their tags, at any number.
    """
    users, roles = User.objects.filter(account_id=account_id), Role.objects.filter(account_id=account_id)
    if isinstance(holder, ManagedPolicy):
        groups = GroupAttachment.objects.filter(policy=holder).values("group_id")
        by_group = Q(pk__in=Membership.objects.filter(group_id__in=groups).values("user_id"))
        attached = Q(pk__in=UserAttachment.objects.filter(policy=holder).values("user_id"))
        users = users.filter(attached | by_group | Q(boundary=holder))
        roles = roles.filter(
            Q(pk__in=RoleAttachment.objects.filter(policy=holder).values("role_id")) | Q(boundary=holder)
        )
    elif isinstance(holder, Group):
        users = users.filter(pk__in=Membership.objects.filter(group=holder).values("user_id"))
        roles = roles.none()
    elif isinstance(holder, User):
        users, roles = users.filter(pk=holder.pk), roles.none()
    else:
        users, roles = users.none(), roles.filter(pk=holder.pk)
    found = [*_active(users, "last_activity_at"), *_active(roles, "last_used_at")]
    found.sort(key=lambda row: (row.last_activity_at if isinstance(row, User) else row.last_used_at) or _NEVER)
    return Concerned(found[::-1][:MOST], users.count() + roles.count())


def _active(rows: "QuerySet[Any]", moment: str) -> "QuerySet[Any]":
    order = F(moment).desc(nulls_last=True)
    return rows.select_related("account").prefetch_related("tags").order_by(order, "-id")[:MOST]
