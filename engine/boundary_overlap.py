"""How what somebody's policies allow and what a permissions boundary allows lie to each other: in both, cut by the boundary, or unused.

Effective are the actions that both allow (IAM User Guide, «Permissions boundaries for IAM entities»). Told of the known actions of
the catalogue; conditions of the policies themselves narrow both alike and are left aside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from engine import catalog
from engine.access_difference import Side, beyond
from engine.bounded_difference import meetings
from engine.catalog import Action
from engine.document import Policy
from engine.room import Room

Place = Literal["both", "partly", "cut", "unused"]
PLACES: Final[tuple[Place, ...]] = ("both", "partly", "cut", "unused")
Levels = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """The actions of a service by where they lie, in access levels: `both` allow it as far as the policies do, `partly` the boundary leaves
    out some of the requests that the policies allow, `cut` all of them, `unused` only the boundary allows it.
    """

    service: str
    places: Mapping[Place, Levels]

    def number(self, place: Place) -> int:
        """How many actions lie there."""
        return sum(len(names) for _level, names in self.places.get(place, ()))


def boundary_overlap(held: Sequence[Policy], boundary: Policy) -> tuple[Overlap, ...]:
    """The services that the policies or the boundary allow something of, by name. Raises TooMuch."""
    room = Room()
    own, limit = Side(*held, room=room), Side(boundary, room=room)
    known: dict[tuple[tuple[int, ...], tuple[int, ...]], Place | None] = {}
    found: dict[str, dict[Place, list[Action]]] = {}
    for action in sorted(own.actions.keys() | limit.actions.keys(), key=lambda each: each.full_name.lower()):
        pair = tuple(own.actions.get(action, ())), tuple(limit.actions.get(action, ()))
        if pair not in known:  # most actions are named by the same statements
            known[pair] = _place(own, limit, *pair)
        if place := known[pair]:
            found.setdefault(action.service, {}).setdefault(place, []).append(action)
    return tuple(
        sorted(
            (
                Overlap(catalog.service(prefix).name, {place: _levels(each) for place, each in places.items()})
                for prefix, places in found.items()
            ),
            key=lambda each: each.service.lower(),
        )
    )


def _place(own: Side, limit: Side, numbers: tuple[int, ...], limits: tuple[int, ...]) -> Place | None:
    allowed, within = own.scopes(numbers)["Allow"], limit.scopes(limits)
    if not allowed:
        return "unused" if within["Allow"] else None
    if not meetings(allowed, within["Allow"], own.room):
        return "cut"
    own.room.pairs(within["Deny"], allowed)
    denied = any(scope.meeting(each) for scope in within["Deny"] for each in allowed)
    return "partly" if denied or beyond(allowed, within["Allow"], own.room) else "both"


def _levels(actions: Sequence[Action]) -> Levels:
    levels = [
        (level, tuple(each.name for each in actions if each.access_level == level)) for level in catalog.ACCESS_LEVELS
    ]
    return tuple(level for level in levels if level[1])
