"""AWS's list paging: `MaxItems` (default 100) and an opaque `Marker`, over a key that never moves while one pages.

The order of every IAM listing is by name without regard to case, so the marker holds the last key that was shown: a page costs
the same at any depth, and rows added or removed meanwhile neither repeat nor hide others.
"""

import base64
import binascii
import json
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from operations.errors import ValidationError

M = TypeVar("M", bound=Model)
DEFAULT_MAX_ITEMS = 100


def encode(key: Any) -> str:
    """The marker for «after this key»."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(marker: str) -> Any:
    """The key in a marker. Raises ValidationError for one that this service did not make."""
    try:
        key = json.loads(base64.urlsafe_b64decode(marker + "=" * (-len(marker) % 4)))
        json.dumps(key, ensure_ascii=False).encode()  # half a character is in no key, and no database takes one
        return key
    except (ValueError, binascii.Error, RecursionError):
        raise ValidationError("Invalid Marker.") from None


def page(rows: "QuerySet[M]", key: str, marker: str | None, max_items: int | None) -> tuple[list[M], dict[str, Any]]:
    """One page of rows ordered by `key` (a unique column), and the answer's `IsTruncated` and `Marker` members."""
    size = max_items or DEFAULT_MAX_ITEMS
    rows = rows.order_by(key)
    if marker:
        after = decode(marker)
        if not isinstance(after, str | int):
            raise ValidationError("Invalid Marker.")
        try:
            rows = rows.filter(**{f"{key}__gt": after})
        except ValueError:  # a marker of another listing
            raise ValidationError("Invalid Marker.") from None
    found = list(rows[: size + 1])
    if len(found) <= size:
        return found, {"IsTruncated": False}
    found = found[:size]
    last: Any = found[-1]
    for part in key.split("__"):
        last = getattr(last, part)
    return found, {"IsTruncated": True, "Marker": encode(last)}


def page_of_list(items: list[Any], marker: str | None, max_items: int | None) -> tuple[list[Any], dict[str, Any]]:
    """The same for a short list that is already in memory and in order (tags, policy names of one entity)."""
    size = max_items or DEFAULT_MAX_ITEMS
    start = decode(marker) if marker else 0
    if not isinstance(start, int) or start < 0:
        raise ValidationError("Invalid Marker.")
    rest = items[start : start + size]
    if start + size < len(items):
        return rest, {"IsTruncated": True, "Marker": encode(start + size)}
    return rest, {"IsTruncated": False}
