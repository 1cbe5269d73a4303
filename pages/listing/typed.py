"""Filters as they are typed: `mfa = none and last_activity > 90d`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from pages.listing.filters import Filter

SIGNS = {
    "!:": "not", "!=": "ne", "≠": "ne", ">=": "ge", "≥": "ge", "<=": "le", "≤": "le",
    "=": "eq", ":": "has", "^": "starts", ">": "gt", "<": "lt",
}  # fmt: skip
SIGN = "|".join(map(re.escape, SIGNS))
LONGEST = 300


@dataclass(frozen=True)
class Part:
    """One filter that was typed, perhaps without its value yet: `begun` is its text. `operator` may be none of the property's."""

    item: Filter
    operator: str
    value: str
    begun: str

    @property
    def raw(self) -> str:
        """The filter as an address has it."""
        operator = "eq" if self.operator == "has" and "has" not in self.item.operators else self.operator
        value = self.item.meant(self.value) if operator in {"eq", "ne"} else self.value
        return f"{self.item.key}:{operator}:{value}"


@dataclass(frozen=True)
class Typed:
    """What was typed: free text, filters, how they are joined (None: by no word); `mixed` says that it was by both words."""

    text: str
    parts: tuple[Part, ...]
    any: bool | None = None
    mixed: bool = False


def begin(filters: Sequence[Filter], text: str) -> Part | None:
    """A property and an operator, and what is typed behind them; None while they are not complete."""
    return _begin(_named(filters), text)


Names = Mapping[str, Filter]


def _named(filters: Sequence[Filter]) -> Names:
    """The filters by label and by key, as one who types may mean them; those with the longest labels first."""
    found: dict[str, Filter] = {}
    for item in sorted(filters, key=lambda item: -len(str(item.label))):
        for name in (str(item.label), item.key):
            found.setdefault(_plain(name), item)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", " ", name).strip().lower()


@lru_cache(maxsize=64)
def _beginning(names: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all names: to try each by itself would let a long text that joins nothing take long."""
    words = "|".join(r"[\s_]+".join(map(re.escape, name.split(" "))) for name in names)
    # Blanks around the value are stripped afterwards: an expression that did so would try every way to share them out.
    return re.compile(rf"({words})\s*({SIGN})", re.IGNORECASE)


def _begin(names: Names, text: str) -> Part | None:
    text = text.strip()
    match = _beginning(tuple(names)).match(text) if names else None
    if match is None or (item := names.get(_plain(match[1]))) is None:
        return None
    return Part(item, SIGNS[match[2]], text[match.end() :].strip(), text)


def read(filters: Sequence[Filter], text: str) -> Typed:
    """All that was typed. A joining word joins where a filter follows it: in `name : this and that` it belongs to the value."""
    return _read(_named(filters), text)


def _read(names: Names, text: str) -> Typed:
    text = text[:LONGEST].strip()
    joins = {"and": False, _("and").lower(): False, "or": True, _("or").lower(): True}
    words = "|".join(re.escape(word) for word in joins)
    pieces, used, start = [], [], 0
    for found in re.finditer(rf"(?:(?<=\s)|^)({words})\s", text, re.IGNORECASE):
        if _begin(names, text[found.end() :]) is not None:
            pieces.append(text[start : found.start()].strip())
            used.append(joins[found[1].lower()])
            start = found.end()
    pieces.append(text[start:].strip())
    made = [_begin(names, piece) for piece in pieces]
    parts = tuple(part for part in made if part is not None and part.value)
    head = pieces[0] if made[0] is None else ""
    if len(parts) + bool(made[0] is None) < len(pieces) or (head and True in used):
        return Typed(text, ())
    joined = used[0] if used else None
    return Typed(head, parts, joined, mixed=len(set(used)) > 1)


def unfinished(filters: Sequence[Filter], text: str) -> tuple[str, str]:
    """What is typed, parted into the filters that are complete and what is being typed behind their last joining word."""
    known = _named(filters)
    words = "|".join(re.escape(word) for word in ("and", "or", _("and"), _("or")))
    for found in reversed(list(re.finditer(rf"\s(?:{words})(?:\s+|$)", text[:LONGEST], re.IGNORECASE))):
        before, last = text[: found.start()], text[found.end() :]
        begun = _plain(last)
        follows = _begin(known, last) is not None or any(name.startswith(begun) for name in known)
        if follows and _read(known, before).parts:
            return text[: found.end()], last
    return "", text
