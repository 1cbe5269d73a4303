"""What the property filter suggests while one types: properties first, then their values; each a link that also works by itself."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from pages.listing.filters import OPERATORS, Filter
from pages.listing.needs import Withheld
from pages.listing.state import State
from pages.listing.typed import Part, begin, unfinished


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
    """The suggestions for what was typed so far; behind complete filters and a joining word, for what follows these."""
    before, last = unfinished(state.listing.filters, typed)
    begun = begin(state.listing.filters, last)
    if begun is not None and isinstance(begun.item, Withheld):
        return [Offers(begun.item.refusal, [])]
    if begun is not None:
        return _values(state, rows, before, begun)
    wanted = last.strip().lower()
    usable = (item for item in state.listing.filters if not isinstance(item, Withheld))
    found = [item for item in usable if wanted in str(item.label).lower() or wanted in item.key]
    groups = []
    if wanted and not before and state.listing.search:
        text = Offer(_("Text contains “%(text)s”") % {"text": typed.strip()}, "", state.link(q=typed.strip()))
        groups.append(Offers(_("Search"), [text]))
    if found:
        groups.append(Offers(_("Properties"), [_property(state, before, item) for item in found]))
    return groups


def _property(state: State, before: str, item: Filter) -> Offer:
    fill = f"{before}{item.label} {OPERATORS[item.operators[0]]} "
    signs = "  ".join(OPERATORS[name] for name in item.operators)
    return Offer(str(item.label), signs, state.link(add=fill, q=None), fill)


def _values(state: State, rows: "QuerySet[Any]", before: str, part: Part) -> list[Offers]:
    item = part.item
    operator = part.operator if part.operator in item.operators else item.operators[0]
    begun = f"{item.label} {OPERATORS[operator]}"
    found = [
        Offer(
            f"{begun} {offer.label}",
            str(offer.note),
            state.with_filter(before, part, f"{item.key}:{operator}:{offer.value}"),
        )
        for offer in item.suggest(rows, part.value)
        if item.fits(operator, offer.value)
    ]
    groups = [Offers(_("Values"), found)] if found else []
    if not part.value:
        fills = [f"{item.label} {OPERATORS[name]} " for name in item.operators if name != operator]
        links = [Offer(f"{fill}…", "", state.link(add=before + fill, q=None), before + fill) for fill in fills]
        groups.append(Offers(_("Operators"), links))
    return groups
