"""Ready filters of a list, each a link above it: `{% include "components/listing/presets.html" with address=… %}`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise


@dataclass(frozen=True)
class Preset:
    """A filter with a name; `query` is the list's address after the question mark."""

    label: str | Promise
    query: str
    is_current: bool = False


def presets(data: QueryDict, given: Iterable[tuple[str | Promise, Sequence[str]]]) -> Sequence[Preset]:
    """The ready filters, each a name and what stands in the address; the one that is set, and no other beside it, is current."""
    asked = data.getlist("f")
    is_other = bool(data.get("q")) or data.get("join") == "or"
    return [
        Preset(
            label,
            "&".join(f"f={item}" for item in filters) or "show=all",
            not is_other and sorted(asked) == sorted(filters),
        )
        for label, filters in given
    ]
