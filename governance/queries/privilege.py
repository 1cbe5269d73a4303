"""Standing administrator access: how many users and roles have it, and how many of these do not use it.

What counts is what the list of users counts (accounts.risks): a policy in force that allows everything, and no boundary that allows less.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import CharField, F, Func, IntegerField, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from accounts import risks
from accounts.models import Account, Role, RoleAttachment, RoleInlinePolicy, User
from accounts.risks import OLD
from operations.clock import now
from policies.models import ManagedPolicy

NAMED: Final = 5  # of those who do not use it


@dataclass(frozen=True)
class Administrators:
    """How many users and roles have administrator access, how many of each have not used anything for 90 days, and the first of these by
    name, as (`user` or `role`, name)."""

    users: int
    roles: int
    unused_users: int
    unused_roles: int
    unused: Sequence[tuple[str, str]] = ()

    @property
    def total(self) -> int:
        return self.users + self.roles

    @property
    def unused_total(self) -> int:
        return self.unused_users + self.unused_roles


def administrators(account_id: str) -> Administrators:
    """The users and roles of an account with administrator access. One query."""
    users = User.objects.filter(risks.administrators(), account=account_id)
    return _counted(account_id, users, Role.objects.filter(_roles(), account=account_id))


def _roles() -> Q:
    """Roles with a policy that allows everything, and no boundary that allows less: as of users (accounts.risks)."""
    everything = ManagedPolicy.objects.filter(allows_everything=True).values("pk")
    attached = RoleAttachment.objects.filter(policy__in=everything).values("role")
    inline = RoleInlinePolicy.objects.filter(allows_everything=True).values("role")
    return (Q(pk__in=attached) | Q(pk__in=inline)) & (Q(boundary=None) | Q(boundary__in=everything))


def _counted(account_id: str, users: "QuerySet[User]", roles: "QuerySet[Role]") -> Administrators:
    """The numbers and the first names, in one query."""
    idle_users, idle_roles = _unused(users, "last_activity_at"), _unused(roles, "last_used_at")
    numbers: dict[str, QuerySet[Any]] = {
        "users": users, "roles": roles, "unused_users": idle_users, "unused_roles": idle_roles,
    }  # fmt: skip
    parts: list[QuerySet[Any]] = [
        Account.objects.filter(pk=account_id).values_list(_text(kind), _number(rows), Value("", TextField()))
        for kind, rows in numbers.items()
    ]
    for kind, rows in (("user", idle_users), ("role", idle_roles)):
        first = rows.order_by("name_key").values("pk")[:NAMED]
        named: QuerySet[Any] = rows.model.objects.filter(pk__in=first).order_by()
        parts.append(named.values_list(_text(kind), Value(0, IntegerField()), F("name")))
    answers = list(parts[0].union(*parts[1:], all=True))
    found = {kind: number for kind, number, name in answers if not name}
    names = sorted(((kind, name) for kind, _number, name in answers if name), key=lambda each: each[1].lower())
    return Administrators(**found, unused=names[:NAMED])


def _text(text: str) -> Value:
    return Value(text, CharField())


def _unused(rows: "QuerySet[Any]", moment: str) -> "QuerySet[Any]":
    """Those who are older than 90 days and have done nothing in that time."""
    since = now() - OLD
    return rows.filter(Q(**{f"{moment}__lt": since}) | Q(**{f"{moment}__isnull": True}), created_at__lt=since)


def _number(rows: "QuerySet[Any]") -> Coalesce:
    counted = rows.order_by().annotate(number=Func(F("pk"), function="COUNT")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
