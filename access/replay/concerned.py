"""Whom a change of a policy concerns: the users and roles among whose policies it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from django.db.models import CharField, Count, F, IntegerField, Q, QuerySet, Subquery, Value

from access.bundles import object_of
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
    """Those who have a managed policy, directly, by a group or as their boundary; those whose inline policy it is. One query at any
    number.
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
    parts = (_active(users, "user", "last_activity_at"), _active(roles, "role", "last_used_at"))
    rows = [_Row._make(row) for row in parts[0].union(parts[1], all=True)]
    rows.sort(key=lambda row: (row.active_at or _NEVER, row.kind == "role", -row.pk), reverse=True)
    totals = {row.kind: row.number for row in rows}
    return Concerned([_principal(row) for row in rows[:MOST]], sum(totals.values()))


class _Row(NamedTuple):
    """A user or role as one query reads both: when it was active last, of how many of its kind it is one, and its columns."""

    kind: str
    active_at: datetime | None
    number: int
    pk: int
    account_id: str
    unique_id: str
    name: str
    path: str
    boundary_id: int | None


def _active(rows: "QuerySet[Any]", kind: str, moment: str) -> "QuerySet[Any, Any]":
    """Those who were active last, as rows."""
    first = rows.order_by(F(moment).desc(nulls_last=True), "-id").values("pk")[:MOST]
    every = rows.values("account_id").annotate(all=Count("pk")).values("all")
    marks = {"kind": Value(kind, output_field=CharField()), "number": Subquery(every, output_field=IntegerField())}
    found: QuerySet[Any, Any] = rows.filter(pk__in=first).annotate(active_at=F(moment), **marks)
    return found.values_list(*_Row._fields)


def _principal(row: _Row) -> User | Role:
    columns = dict(zip(("id", *_Row._fields[4:]), row[3:], strict=True))
    return object_of(User, **columns, is_root=False) if row.kind == "user" else object_of(Role, **columns)
