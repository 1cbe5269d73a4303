"""SSH keys, credentials of single services and signing certificates, as pages show them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Count, Q, Value

from accounts.models import User
from accounts.other_credentials import OTHER_CREDENTIALS, Kind
from operations.clock import now


class Number(NamedTuple):
    """How many there are, and how many of them are refused: inactive or expired."""

    all: int
    inactive: int


def numbers(user: User) -> Mapping[str, Number]:
    """How many of each kind a user has, by the kinds' keys; one query."""
    first, *others = (
        getattr(user, kind.relation)
        .order_by()
        .annotate(kind=Value(kind.key))
        .values("kind")
        .annotate(number=Count("pk"), inactive=Count("pk", filter=_refused(kind)))
        .values_list("kind", "number", "inactive")
        for kind in OTHER_CREDENTIALS
    )
    found = {kind.key: Number(0, 0) for kind in OTHER_CREDENTIALS}
    return found | {key: Number(*counted) for key, *counted in first.union(*others, all=True)}


def _refused(kind: Kind) -> Q:
    inactive = Q(is_active=False)
    return inactive | Q(expires_at__lte=now()) if kind.service else inactive


def rows(user: User, kind: Kind) -> list[Any]:
    """Those of one kind, the oldest first."""
    return list(getattr(user, kind.relation).order_by("id"))
