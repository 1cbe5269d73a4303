"""The trail's ready filters, each a link above the list."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Preset:
    """A filter with a name; `query` is the list's address after the question mark."""

    label: str | Promise
    query: str
    is_current: bool = False


# What changed is what the dashboard lists as changes, too.
PRESETS = (
    (_("All"), ()),
    (_("Denied"), ("outcome:eq:denied",)),
    (_("Changes"), ("read-only:eq:false", "service:eq:iam.amazonaws.com", "outcome:eq:allowed")),
)


def presets(data: QueryDict) -> Sequence[Preset]:
    """The ready filters; the one that is set, and no other beside it, is current."""
    asked = tuple(data.getlist("f"))
    is_other = bool(data.get("q")) or data.get("join") == "or"
    return [
        Preset(
            label,
            "&".join(f"f={item}" for item in filters) or "show=all",
            not is_other and sorted(asked) == sorted(filters),
        )
        for label, filters in PRESETS
    ]
