"""Filters as they are typed: `mfa = none and last_activity > 90d`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

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
    text = text.strip()
    for item in sorted(filters, key=lambda item: -len(str(item.label))):
        for name in (str(item.label), item.key):
            words = r"[\s_]+".join(re.escape(word) for word in re.split(r"[\s_]+", name))
            # Blanks around the value are stripped afterwards: an expression that did so would try every way to share them out.
            match = re.match(rf"{words}\s*({SIGN})", text, re.IGNORECASE)
            if match is not None:
                operator = SIGNS[match[1]]
                return Part(item, operator, text[match.end() :].strip(), text)
    return None


def read(filters: Sequence[Filter], text: str) -> Typed:
    """All that was typed. A joining word joins where a filter follows it: in `name : this and that` it belongs to the value."""
    text = text[:LONGEST].strip()
    joins = {"and": False, _("and").lower(): False, "or": True, _("or").lower(): True}
    words = "|".join(re.escape(word) for word in joins)
    pieces, used, start = [], [], 0
    for found in re.finditer(rf"(?:(?<=\s)|^)({words})\s", text, re.IGNORECASE):
        if begin(filters, text[found.end() :]) is not None:
            pieces.append(text[start : found.start()].strip())
            used.append(joins[found[1].lower()])
            start = found.end()
    pieces.append(text[start:].strip())
    made = [begin(filters, piece) for piece in pieces]
    parts = tuple(part for part in made if part is not None and part.value)
    head = pieces[0] if made[0] is None else ""
    if len(parts) + bool(made[0] is None) < len(pieces) or (head and True in used):
        return Typed(text, ())
    joined = used[0] if used else None
    return Typed(head, parts, joined, mixed=len(set(used)) > 1)


def unfinished(filters: Sequence[Filter], text: str) -> tuple[str, str]:
    """What is typed, parted into the filters that are complete and what is being typed behind their last joining word."""
    words = "|".join(re.escape(word) for word in ("and", "or", _("and"), _("or")))
    for found in reversed(list(re.finditer(rf"\s(?:{words})(?:\s+|$)", text[:LONGEST], re.IGNORECASE))):
        before, last = text[: found.start()], text[found.end() :]
        begun = re.sub(r"[\s_]+", " ", last.strip().lower())
        names = (name for item in filters for name in (str(item.label).lower(), item.key))
        if read(filters, before).parts and (
            begin(filters, last) is not None or any(name.startswith(begun) for name in names)
        ):
            return text[: found.end()], last
    return "", text
