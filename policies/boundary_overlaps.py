"""Policies beside a permissions boundary, as pages show them: what both allow, what the boundary cuts, and what of it nobody uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext

from engine import PolicySyntaxError
from engine.boundary_overlap import PLACES, Levels, Overlap, Place, boundary_overlap
from engine.room import TooMuch
from pages.components.shell import grouped
from policies.access_changes import MOST_SERVICES
from policies.documents import read_document

HEADINGS: Final[Mapping[Place, Promise | str]] = {
    "both": gettext_lazy("Allowed by both"),
    "partly": gettext_lazy("Partly cut"),
    "cut": gettext_lazy("Cut by the boundary"),
    "unused": gettext_lazy("In the boundary, not granted"),
}
SHOWN: Final = 12  # rows with the names of their actions; a boundary of all services has hundreds


@dataclass(frozen=True)
class Cell:
    """The actions of a row in one place, by access level with their names; no names where a row stands for many services."""

    heading: Promise | str
    number: int
    levels: Sequence[tuple[str, int, str]]


@dataclass(frozen=True)
class Row:
    """A service, or many that lie alike with their names."""

    service: str
    services: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class BoundaryOverlaps:
    """The table: headings of the columns that have something, rows with names and those after them, and the sum in a sentence.

    `is_told` is false where the documents cannot be read together.
    """

    headings: Sequence[Promise | str] = ()
    rows: Sequence[Row] = ()
    more: Sequence[Row] = ()
    lead: str = ""
    is_told: bool = True


def boundary_overlaps(held: Sequence[str], boundary: str) -> BoundaryOverlaps:
    """How the held documents and a boundary lie to each other."""
    found = _overlap(tuple(held), boundary)
    if found is None:
        return BoundaryOverlaps(is_told=False)
    sums = {place: sum(each.number(place) for each in found) for place in PLACES}
    places = [place for place in PLACES if place != "partly" or sums[place]]
    alike: dict[Place, list[Overlap]] = {}
    for each in found:
        if len(each.places) == 1:
            alike.setdefault(next(iter(each.places)), []).append(each)
    many = {place: each for place, each in alike.items() if len(each) > MOST_SERVICES}
    joined = {each.service for group in many.values() for each in group}
    rows = [
        *(_of_many(group, places) for _place, group in sorted(many.items(), key=lambda item: PLACES.index(item[0]))),
        *(_of_one(each, places) for each in found if each.service not in joined),
    ]
    return BoundaryOverlaps([HEADINGS[place] for place in places], rows[:SHOWN], rows[SHOWN:], _lead(sums))


def _lead(sums: Mapping[Place, int]) -> str:
    said = (
        ngettext("%(n)s action allowed by both", "%(n)s actions allowed by both", sums["both"]),
        ngettext("%(n)s partly cut", "%(n)s partly cut", sums["partly"]),
        ngettext("%(n)s cut by the boundary", "%(n)s cut by the boundary", sums["cut"]),
        ngettext("%(n)s in the boundary, not granted", "%(n)s in the boundary, not granted", sums["unused"]),
    )
    return ", ".join(
        words % {"n": grouped(sums[place])}
        for place, words in zip(PLACES, said, strict=True)
        if place == "both" or sums[place]
    )


def _of_one(each: Overlap, places: Sequence[Place]) -> Row:
    def cell(place: Place) -> Cell:
        levels: Levels = each.places.get(place, ())
        return Cell(
            HEADINGS[place],
            each.number(place),
            [(level, len(names), ", ".join(names)) for level, names in levels],
        )

    return Row(each.service, "", [cell(place) for place in places])


def _of_many(group: Sequence[Overlap], places: Sequence[Place]) -> Row:
    """Services of which all lies in one place."""

    def cell(place: Place) -> Cell:
        return Cell(HEADINGS[place], sum(each.number(place) for each in group), ())

    count = len(group)
    word = ngettext("%(number)d service", "%(number)d services", count) % {"number": count}
    return Row(word, ", ".join(each.service for each in group), [cell(place) for place in places])


# What is kept is the engine's answer, not the words: those are in the language of whoever reads them.
@lru_cache(maxsize=16)
def _overlap(held: tuple[str, ...], boundary: str) -> tuple[Overlap, ...] | None:
    try:
        return boundary_overlap([read_document(text) for text in held], read_document(boundary))
    except (PolicySyntaxError, TooMuch):
        return None
