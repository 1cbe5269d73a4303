"""Charts with their numbers beside them, so that nobody has to read a picture."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from pages import charts


def bars(rows: Iterable[Any], label: str) -> SafeString:
    """Horizontal bars from `Slice`s (or pairs of label and number), each with its number."""
    parts = _slices(rows)
    most = max((part.value for part in parts), default=0)
    drawn = [(part, charts.meter(part.value, most, part.kind)) for part in parts]
    return SafeString(render_to_string("components/bars.html", {"label": label, "rows": drawn}))


def donut(rows: Iterable[Any], label: str, size: int = 96) -> SafeString:
    """Parts of a whole as a ring with its legend."""
    parts = _slices(rows)
    values = {
        "label": label,
        "ring": charts.donut(parts, label, size),
        "rows": [(part, charts.tone(part.kind)) for part in parts],
    }
    return SafeString(render_to_string("components/donut.html", values))


def _slices(rows: Iterable[Any]) -> Sequence[charts.Slice]:
    """Accept slices, mappings and tuples, as views find convenient."""
    made = []
    for row in rows:
        if isinstance(row, charts.Slice):
            made.append(row)
        elif isinstance(row, Mapping):
            made.append(charts.Slice(**row))
        else:
            made.append(charts.Slice(*row))
    return made
