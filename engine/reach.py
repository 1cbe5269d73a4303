"""What all policies of somebody allow together, within a permissions boundary: by service, each line with the policies that say so.

What is allowed and also denied outright is allowed nowhere, a boundary grants nothing, and what it leaves out is told apart (IAM User
Guide, «Policy evaluation logic», «Permissions boundaries for IAM entities»). Conditional denials stand beside what they may deny. Sound
as `access_difference` is; policy variables stay as they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.access_difference import Change, Found, Side, beyond, change_of, in_order, joined
from engine.bounded_difference import WITHOUT, Bounded, meetings
from engine.catalog import Action
from engine.document import Effect, Policy
from engine.near import Near
from engine.room import Room
from engine.scopes import Open, Scope
from engine.validate.context import actions_matching

BOUNDARY = -1  # in `sources`: the boundary itself says so

# Lines as changes from nothing: what is allowed is gained, what is denied or left out by the boundary is lost.
ALLOWED, DENIED, CUT = ("gain", "Allow"), ("loss", "Deny"), ("loss", "Allow")
_Numbers = tuple[int, ...]
_Told = tuple[tuple[str, str], tuple[Scope, ...], _Numbers]


@dataclass(frozen=True, slots=True)
class Reach:
    """Some actions of a service that are allowed, denied or cut (`change.direction` and `effect`: ALLOWED, DENIED, CUT), and which of the
    policies say so, by their places; BOUNDARY among them where the boundary denies."""

    change: Change
    sources: _Numbers


def reach(
    held: Sequence[Policy], boundary: Policy = WITHOUT, wanted: Callable[[Action], bool] | None = None
) -> tuple[Reach, ...]:
    """The lines of all actions, or of the `wanted` ones, by service. Raises TooMuch."""
    room = Room()
    own, limit = Side(*held, room=room), Side(boundary, room=room)
    bounded = Bounded(own, limit)
    owners = [place for place, policy in enumerate(held) for _statement in policy.statements]
    known: dict[tuple[_Numbers, _Numbers], list[_Told]] = {}
    found: dict[_Numbers, Found] = {}
    named = own.actions.keys() | {action for action, numbers in limit.actions.items() if _deny(limit, numbers)}
    for action in sorted(named, key=lambda each: each.full_name.lower()):
        if wanted is not None and not wanted(action):
            continue
        pair = tuple(own.actions.get(action, ())), tuple(limit.actions.get(action, ()))
        if pair not in known:  # most actions are named by the same statements
            known[pair] = list(_told(own, limit, bounded, pair, owners))
        for (direction, effect), scopes, sources in known[pair]:
            key = (direction, effect, action.service, scopes)
            found.setdefault(sources, {}).setdefault(key, []).append(action)  # type: ignore[arg-type]
    lines = [
        Reach(change_of(*key, actions), sources) for sources, each in found.items() for key, actions in joined(each)
    ]
    lines.sort(key=lambda line: (line.change.service.lower(), line.change.effect, line.change.direction))
    return (*lines, *(_unknown(own, limit, owners) if wanted is None else ()))


def _told(
    own: Side, limit: Side, bounded: Bounded, pair: tuple[_Numbers, _Numbers], owners: list[int]
) -> Iterator[_Told]:
    """What the statements that name an action say of it."""
    numbers, limits = pair
    alone, within, together = own.scopes(numbers), limit.scopes(limits), bounded.scopes(numbers, limits)
    denied = alone["Deny"] | within["Deny"]
    allowing = _owners(own, numbers, owners, "Allow")
    if together["Allow"]:
        yield ALLOWED, in_order(together["Allow"]), allowing
    left_out = [scope for scope in alone["Allow"] if not meetings([scope], within["Allow"], own.room)]
    if cut := _not_denied(left_out, denied, own.room):
        yield CUT, in_order(cut), allowing
    if denied:
        said = _owners(own, numbers, owners, "Deny")
        yield DENIED, in_order(denied), (*said, BOUNDARY) if _deny(limit, limits) else said


def _not_denied(scopes: Iterable[Scope], denied: Iterable[Scope], room: Room) -> frozenset[Scope]:
    """What is not denied outright anyway."""
    return beyond(scopes, [scope for scope in denied if not scope.condition], room)


def _owners(own: Side, numbers: _Numbers, owners: list[int], effect: Effect) -> _Numbers:
    return tuple(dict.fromkeys(owners[number] for number in numbers if own.effects[number] == effect))


def _deny(side: Side, numbers: Sequence[int]) -> bool:
    return any(side.effects[number] == "Deny" for number in numbers)


def _unknown(own: Side, limit: Side, owners: list[int]) -> Iterator[Reach]:
    """What policies say of actions that the catalogue does not know at all."""
    held, limits = Near(own.open, own.room), Near(limit.open, own.room)
    for number, pattern in own.open:
        if pattern.excluding or pattern.pattern == "*" or actions_matching(pattern.pattern):
            continue
        kind, scopes = DENIED, own.scopes_of(number)
        if own.effects[number] == "Allow":
            kind = ALLOWED if _named(limit, limits, pattern, "Allow") else CUT
            denied = _named(own, held, pattern, "Deny") | _named(limit, limits, pattern, "Deny")
            scopes = _not_denied(scopes, denied, own.room)
        if scopes:
            change = Change(*kind, "", (), in_order(scopes), (str(pattern),))  # type: ignore[arg-type]
            yield Reach(change, (owners[number],))


def _named(side: Side, near: Near, pattern: Open, effect: Effect) -> frozenset[Scope]:
    """Where a side says so of all that a pattern stands for."""
    found = [side.scopes_of(number) for number in near.covering(pattern) if side.effects[number] == effect]
    return frozenset().union(*found)
