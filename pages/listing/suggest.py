"""What the property filter suggests while one types: properties first, then their values; each a link that also works by itself."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from pages.listing.filters import OPERATORS, Filter
from pages.listing.needs import Withheld
from pages.listing.state import TYPED, State


@dataclass(frozen=True)
class Offer:
    """A line of the suggestions: `fill` is what it puts into the box, or `href` where it leads when it is a whole filter."""

    label: str
    note: str
    href: str
    fill: str = ""


@dataclass(frozen=True)
class Offers:
    """A group of suggestions under a heading."""

    heading: str
    offers: list[Offer]


def offers(state: State, rows: "QuerySet[Any]", typed: str) -> list[Offers]:
    """The suggestions for what was typed so far."""
    chosen, operator, value = _split(state, typed)
    if isinstance(chosen, Withheld):
        return [Offers(chosen.refusal, [])]
    if chosen is not None:
        return _values(state, rows, chosen, operator, value)
    wanted = typed.strip().lower()
    usable = (item for item in state.listing.filters if not isinstance(item, Withheld))
    found = [item for item in usable if wanted in str(item.label).lower() or wanted in item.key]
    groups = []
    if wanted and state.listing.search:
        text = Offer(_("Text contains “%(text)s”") % {"text": typed.strip()}, "", state.link(q=typed.strip()))
        groups.append(Offers(_("Search"), [text]))
    if found:
        groups.append(Offers(_("Properties"), [_property(state, item) for item in found]))
    return groups


def _property(state: State, item: Filter) -> Offer:
    fill = f"{item.label} {OPERATORS[item.operators[0]]} "
    signs = "  ".join(OPERATORS[name] for name in item.operators)
    return Offer(str(item.label), signs, state.link(add=fill, q=None), fill)


def _values(state: State, rows: "QuerySet[Any]", item: Filter, operator: str, value: str) -> list[Offers]:
    kept = [token.raw for token in state.tokens]
    begun = f"{item.label} {OPERATORS[operator]}"
    found = [
        # What is typed stands where the free text stood: a filter takes its place.
        Offer(
            f"{begun} {offer.label}",
            str(offer.note),
            state.link(f=[*kept, f"{item.key}:{operator}:{offer.value}"], q=None),
        )
        for offer in item.suggest(rows, value)
        if item.fits(operator, offer.value)
    ]
    groups = [Offers(_("Values"), found)] if found else []
    if not value:
        fills = [f"{item.label} {OPERATORS[name]} " for name in item.operators if name != operator]
        groups.append(
            Offers(_("Operators"), [Offer(f"{fill}…", "", state.link(add=fill, q=None), fill) for fill in fills])
        )
    return groups


def _split(state: State, typed: str) -> tuple[Filter | None, str, str]:
    """The property, operator and value typed so far; no property while it is not complete."""
    text = typed.lstrip()
    for item in sorted(state.listing.filters, key=lambda item: -len(str(item.label))):
        for name in (str(item.label), item.key):
            if not text.lower().startswith(name.lower()):
                continue
            rest = text[len(name) :].lstrip()
            for sign in sorted(TYPED, key=len, reverse=True):
                if rest.startswith(sign):
                    operator = TYPED[sign] if TYPED[sign] in item.operators else item.operators[0]
                    return item, operator, rest[len(sign) :].strip()
    return None, "", ""
