"""The order in which managed policies are listed, and paging over it.

Names are unique in an account only: a customer managed policy may be called like an AWS managed one. So the key of this order is the
name and, where two share it, the row's id.
"""

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Left

from operations.errors import ValidationError
from operations.paging import DEFAULT_MAX_ITEMS, decode, encode
from policies.models import ManagedPolicy

M = TypeVar("M", bound=Model)
P = TypeVar("P", bound=ManagedPolicy)


def under_path(rows: "QuerySet[M]", prefix: str, column: str = "path") -> "QuerySet[M]":
    """The rows whose path begins with a prefix. Paths are case-sensitive, which `startswith` is not on SQLite."""
    found: QuerySet[M] = rows.alias(path_head=Left(column, len(prefix))).filter(path_head=prefix)  # type: ignore[assignment]
    return found


def page_by_name(rows: "QuerySet[P]", marker: str | None, max_items: int | None) -> tuple[list[P], dict[str, Any]]:
    """One page of policies by name without regard to case, and the answer's `IsTruncated` and `Marker` members.

    Raises ValidationError for a marker that this service did not make.
    """
    size = max_items or DEFAULT_MAX_ITEMS
    rows = rows.order_by("name_key", "id")
    if marker:
        name, number = _key(marker)
        rows = rows.filter(Q(name_key__gt=name) | Q(name_key=name, id__gt=number))
    found = list(rows[: size + 1])
    if len(found) <= size:
        return found, {"IsTruncated": False}
    last = found[size - 1]
    return found[:size], {"IsTruncated": True, "Marker": encode([last.name_key, last.pk])}


def _key(marker: str) -> tuple[str, int]:
    key = decode(marker)
    match key:
        case [str() as name, int() as number]:
            return name, number
    raise ValidationError("Invalid Marker.")
