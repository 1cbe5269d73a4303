"""SSH keys, credentials of single services and signing certificates, as pages show them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Count, Q, Value

from accounts.models import User
from accounts.other_credentials import OTHER_CREDENTIALS, Kind


class Number(NamedTuple):
    """How many there are, and how many of them are inactive."""

    all: int
    inactive: int


def numbers(user: User) -> Mapping[str, Number]:
    """How many of each kind a user has, by the kinds' keys; one query."""
    first, *others = (
        getattr(user, kind.relation)
        .order_by()
        .annotate(kind=Value(kind.key))
        .values("kind")
        .annotate(number=Count("pk"), inactive=Count("pk", filter=Q(is_active=False)))
        .values_list("kind", "number", "inactive")
        for kind in OTHER_CREDENTIALS
    )
    found = {kind.key: Number(0, 0) for kind in OTHER_CREDENTIALS}
    return found | {key: Number(*counted) for key, *counted in first.union(*others, all=True)}


def rows(user: User, kind: Kind) -> list[Any]:
    """Those of one kind, the oldest first."""
    return list(getattr(user, kind.relation).order_by("id"))
