"""Effective access: what the policies of a user, group or role allow together within its boundary, each line with where it comes from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from access.comparing import Side, documents_read
from accounts.queries.held_policies import HeldPolicy
from engine import PolicySyntaxError, catalog
from engine.access_difference import Change
from engine.bounded_difference import WITHOUT
from engine.catalog import Action
from engine.reach import ALLOWED, BOUNDARY, CUT, DENIED, Reach, reach
from engine.room import TooMuch
from engine.wildcards import matches
from operations.caller import Caller
from pages.engine_texts import translated
from policies.access_changes import ChangeRow, Words, change_rows
from policies.documents import read_document
from policies.lookup import documents_in_force

WORDS: Words = {
    ALLOWED: ("allowed", _("Allowed")),
    DENIED: ("explicitDeny", _("Denied")),
    CUT: ("implicitDeny", _("Outside the boundary")),
}
LONGEST_SOUGHT = 200


@dataclass(frozen=True)
class Line:
    """Some actions of a service, and the policies that say so; `by_boundary` where the boundary denies them."""

    row: ChangeRow
    sources: Sequence[HeldPolicy]
    by_boundary: bool

    @property
    def outcome(self) -> str:
        return self.row.outcome


COLUMNS: Final = (
    ("service", _("Service")),
    ("outcome", _("Outcome")),
    ("actions", _("Actions")),
    ("resource", _("Resource")),
    ("condition", _("Request condition")),
    ("comes_from", _("Comes from")),
)  # of an export


def exported(line: Line) -> list[Any]:
    """A line as an export has it, by COLUMNS: what stands in several lines of a cell is a list."""
    row = line.row
    actions = [
        f"{translated(level)}: {names}" if names else f"{translated(level)} ({n})" for level, n, names in row.levels
    ]
    sources = [_source(held) for held in line.sources]
    return [row.service, str(row.word), actions, list(row.resources), list(row.conditions), sources]


def _source(held: HeldPolicy) -> str:
    groups = [way.group.name for way in held.sources if way.group]
    return f"{held.name} ({', '.join(groups)})" if groups else held.name


def effective(caller: Caller, side: Side, sought: str = "", outcome: str = "") -> list[Line] | None:
    """The lines for the actions that are sought (a service, a part of a name, or a pattern as in policies), of one outcome or of all.

    None where a document cannot be read, or where they say too much to be put together. Raises AccessDenied for whoever may not read
    every document.
    """
    (held,) = documents_read(caller, side)
    limit = documents_in_force([side.boundary.arn])[side.boundary.arn] if side.boundary else ""
    found = _reach(tuple(held.documents), limit, sought[:LONGEST_SOUGHT].strip().lower())
    if found is None:
        return None
    return [
        line
        for line in _lines(found, side.policies.value or [], whole=not sought)
        if not outcome or line.outcome == outcome
    ]


def _lines(found: Sequence[Reach], held: Sequence[HeldPolicy], *, whole: bool) -> list[Line]:
    """A line for each; where all is shown, one for many services that are alike. What is allowed comes first of a service."""
    alike: dict[tuple[int, ...], list[list[Change]]] = {}
    for one in found:
        groups = alike.setdefault(one.sources, [])
        if whole and groups:
            groups[0].append(one.change)
        else:
            groups.append([one.change])
    lines = [
        Line(row, [held[place] for place in sources if place >= 0], BOUNDARY in sources)
        for sources, groups in alike.items()
        for changes in groups
        for row in change_rows(changes, WORDS)
    ]
    return sorted(lines, key=lambda line: (line.row.service.lower(), line.outcome != "allowed"))


@lru_cache(maxsize=32)
def _reach(documents: tuple[str, ...], boundary: str, sought: str) -> tuple[Reach, ...] | None:
    try:
        held = [read_document(text) for text in documents]
        limit = read_document(boundary) if boundary else WITHOUT
        return reach(held, limit, _wanted(sought) if sought else None)
    except (PolicySyntaxError, TooMuch):
        return None


def _wanted(sought: str) -> Callable[[Action], bool]:
    """Whether an action is meant by what was typed: a pattern, a service's prefix, or a part of its name or of the action's."""
    if ":" in sought:
        pattern = sought if "*" in sought else f"{sought}*"
        return lambda action: matches(pattern, action.full_name.lower())
    if catalog.service_exists(sought):
        return lambda action: action.service == sought
    services = {
        prefix for prefix in catalog.services() if sought in prefix or sought in catalog.service(prefix).name.lower()
    }
    return lambda action: action.service in services or sought in action.name.lower()
