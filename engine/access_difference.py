"""What one document gives that another does not: the access that a change of a policy adds and takes away.

Sound in one direction: an empty difference means that no request is decided otherwise. It is found by covering: what a
document allows or denies is a set of scopes (resource, condition, principal), and a scope that the other document covers is
no change. Where covering cannot be proved a change is reported.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, Protocol

from engine import catalog
from engine.canonical import canonical
from engine.document import Effect, Policy, Statement
from engine.near import Near
from engine.room import Room
from engine.scopes import Open, Scope
from engine.validate.context import actions_matching
from engine.wildcards import has_wildcard, matches

# A Deny that is added is a loss and one that goes a gain. Where the whole of what is held is compared and allows nothing that the Deny
# could take, no decision moves: it is `withheld` when it comes and `released` when it goes.
Direction = Literal["gain", "loss", "withheld", "released"]
_STARS: Final = re.compile(r"\*+")
MOST_NAMED: Final = 1_000_000  # times that statements name an action; there are some 22,000 actions
_WORD: Final = 4  # steps for reading a pattern of actions or a scope
Found = dict[tuple[Direction, Effect, str, "tuple[Scope, ...]"], list[catalog.Action]]
_EFFECTS: Final[tuple[Effect, ...]] = ("Allow", "Deny")


@dataclass(frozen=True, slots=True)
class Change:
    """Access that is gained or lost in one service, with the scopes it holds in. `effect` is that of the statements.
    `levels` are access levels with their actions. `service` is empty for all services; `patterns` are those that no known
    action tells apart, such as a wildcard in place of a list of all actions.
    """

    direction: Direction
    effect: Effect
    service: str
    levels: tuple[tuple[str, tuple[str, ...]], ...]
    scopes: tuple[Scope, ...]
    patterns: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """How many known actions it is about."""
        return sum(len(names) for _, names in self.levels)


@dataclass(frozen=True, slots=True)
class AccessDifference:
    """All changes from one document to another. Falsy where there is none."""

    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    @property
    def gains(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.direction == "gain")

    @property
    def losses(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.direction == "loss")

    @property
    def idle(self) -> tuple[Change, ...]:
        """Those that move no decision of what is compared: a Deny of what is allowed nowhere."""
        return tuple(change for change in self.changes if change.direction in ("withheld", "released"))

    @property
    def gained(self) -> int:
        """How many entries, actions or patterns, are gained."""
        return sum(change.number + len(change.patterns) for change in self.gains)

    @property
    def lost(self) -> int:
        """How many entries, actions or patterns, are lost."""
        return sum(change.number + len(change.patterns) for change in self.losses)


def access_difference(before: Policy, after: Policy, room: Room | None = None) -> AccessDifference:
    """What `after` allows that `before` does not, and what it allows no more. Raises TooMuch."""
    room = room or Room()
    old, new = Side(before, room=room), Side(after, room=room)
    found: Found = {}
    known: dict[tuple[tuple[int, ...], tuple[int, ...]], list[tuple[Direction, Effect, tuple[Scope, ...]]]] = {}
    for action in sorted(old.actions.keys() | new.actions.keys(), key=lambda each: each.full_name.lower()):
        pair = tuple(old.actions.get(action, ())), tuple(new.actions.get(action, ()))
        if pair not in known:  # most actions are named by the same statements
            known[pair] = list(compared(old.scopes(pair[0]), new.scopes(pair[1]), room))
        for direction, effect, scopes in known[pair]:
            found.setdefault((direction, effect, action.service, scopes), []).append(action)
    return assembled(found, old, new)


def differing_actions(before: Policy, after: Policy, room: Room | None = None) -> frozenset[catalog.Action]:
    """The known actions of which the documents do not say the same: where nothing else changes, no other action is decided otherwise.

    Raises TooMuch.
    """
    room = room or Room()
    old, new = Side(before, room=room), Side(after, room=room)
    found: dict[tuple[tuple[int, ...], tuple[int, ...]], list[catalog.Action]] = {}
    for action in old.actions.keys() | new.actions.keys():  # most actions are named by the same statements
        pair = tuple(old.actions.get(action, ())), tuple(new.actions.get(action, ()))
        found.setdefault(pair, []).append(action)
    return frozenset(
        action
        for (one, other), actions in found.items()
        if old.said_of(one) != new.said_of(other)
        for action in actions
    )


def assembled(found: Found, old: Said, new: Said) -> AccessDifference:
    """The changes of known actions by service, and those of what both sides say of others."""
    changes = [change_of(*key, actions) for key, actions in joined(found)]
    return AccessDifference((*changes, *_open_changes(old, new, {key[:2] + key[3:] for key in found})))


class Said(Protocol):
    """What a side says of actions that the catalogue does not know: patterns of statements with their effects and scopes."""

    is_whole: bool  # whether a Deny takes only what is allowed here
    room: Room
    effects: list[Effect]
    open: list[tuple[int, Open]]

    def scopes_of(self, number: int) -> frozenset[Scope]: ...


class Side:
    """One document, or several that hold together: their statements as scopes, and which of them name which action."""

    is_whole = False  # another policy may allow what a Deny of this one takes away

    def __init__(self, *policies: Policy, among: Set[catalog.Action] | None = None, room: Room | None = None) -> None:
        """`among` are the known actions that are looked at, all without it. Raises TooMuch."""
        self.room = room = room or Room()
        statements = [statement for policy in policies for statement in policy.statements]
        self.effects = [statement.effect for statement in statements]
        self._scopes = [
            frozenset(_scopes(statement, form, policy.has_variables))
            for policy in policies
            for statement, form in zip(policy.statements, canonical(policy)["Statement"], strict=True)
        ]
        self.actions: dict[catalog.Action, list[int]] = {}
        self.open: list[tuple[int, Open]] = []
        services = None if among is None else {action.service for action in among}
        names = Room(MOST_NAMED)
        for number, statement in enumerate(statements):
            room.take(_WORD * (len(statement.actions or ()) + len(self._scopes[number])))
            before = names.left
            for action in _actions(statement, among, services, room):
                self.actions.setdefault(action, []).append(number)
                names.take(1)
            room.take(before - names.left)
            self.open += ((number, each) for each in _open(statement))

    def scopes_of(self, number: int) -> frozenset[Scope]:
        """The scopes of one statement."""
        return self._scopes[number]

    def said_of(self, numbers: Iterable[int]) -> frozenset[tuple[Effect, Scope]]:
        """What some statements say: their scopes, each with the effect."""
        found: set[tuple[Effect, Scope]] = set()
        for number in numbers:
            self.room.take(1 + len(self._scopes[number]))
            found.update((self.effects[number], scope) for scope in self._scopes[number])
        return frozenset(found)

    def scopes(self, numbers: Iterable[int]) -> dict[Effect, frozenset[Scope]]:
        """The scopes of some statements by effect. What is allowed and also denied outright is allowed nowhere."""
        found: dict[Effect, set[Scope]] = {"Allow": set(), "Deny": set()}
        for number in numbers:
            self.room.take(1 + 4 * len(self._scopes[number]))  # they are put together, put in order and written out
            found[self.effects[number]] |= self._scopes[number]
        outright = [scope for scope in found["Deny"] if not scope.condition]
        return {"Allow": beyond(found["Allow"], outright, self.room), "Deny": frozenset(found["Deny"])}


def _scopes(statement: Statement, form: dict[str, object], variables: bool) -> Iterator[Scope]:
    condition = json.dumps(form["Condition"], sort_keys=True) if "Condition" in form else ""
    named = {name: form[name] for name in ("Principal", "NotPrincipal") if name in form}
    principal = json.dumps(named, sort_keys=True) if named else ""
    if statement.not_resources is not None:
        excluded = frozenset(_plain(each) for each in statement.not_resources)
        yield Scope("*", excluded, condition, principal, variables)
        return
    for resource in statement.resources if statement.resources is not None else ("*",):
        yield Scope(_plain(resource), frozenset(), condition, principal, variables)


def _plain(pattern: str) -> str:
    return pattern if "$" in pattern else _STARS.sub("*", pattern)


def _actions(
    statement: Statement, among: Set[catalog.Action] | None, services: Container[str] | None, room: Room
) -> Iterator[catalog.Action]:
    """The known actions that a statement names, of those `among` which are in some `services`, or of all."""
    looked = _all_actions() if among is None else among
    if statement.actions is None:
        patterns = _charged(statement.not_actions or (), room)
        excluded = {action for each in patterns for action in _named(each.lower())}
        yield from (each for each in looked if each not in excluded)
    elif "*" in map(_plain, statement.actions):
        yield from looked
    else:
        near = [each for each in statement.actions if services is None or _prefix(each) in services]
        named = {action: None for pattern in _charged(near, room) for action in actions_matching(pattern)}
        yield from named if among is None else (each for each in named if each in among)


def _charged(patterns: Iterable[str], room: Room) -> Iterator[str]:
    """The patterns, each paid for: to one with a wildcard all actions of its service are held, or all that there are."""
    for pattern in patterns:
        prefix = _prefix(pattern)
        if has_wildcard(prefix):
            room.take(len(_all_actions()))
        elif has_wildcard(pattern) and catalog.service_exists(prefix):
            room.take(len(catalog.service(prefix).actions))
        yield pattern


def _prefix(pattern: str) -> str:
    return pattern.partition(":")[0].lower()


@lru_cache(maxsize=256)
def _named(pattern: str) -> tuple[catalog.Action, ...]:
    """The actions that a pattern of NotAction names, in lower case; its service may be a pattern, too."""
    if not has_wildcard(pattern.partition(":")[0]):
        return actions_matching(pattern)
    return tuple(each for each in _all_actions() if matches(pattern, each.full_name.lower()))


@lru_cache(maxsize=1)
def _all_actions() -> tuple[catalog.Action, ...]:
    return tuple(action for prefix in catalog.services() for action in catalog.actions(prefix))


def _open(statement: Statement) -> Iterator[Open]:
    """What a statement says of actions beyond the catalogue: patterns, unknown names, and all that NotAction leaves."""
    if statement.actions is None:
        yield Open("*", frozenset(_plain(each).lower() for each in statement.not_actions or ()))
        return
    for pattern in dict.fromkeys(_plain(each).lower() for each in statement.actions):
        if "*" in pattern or "?" in pattern or not actions_matching(pattern):
            yield Open(pattern)


def beyond(scopes: Iterable[Scope], others: Iterable[Scope], room: Room) -> frozenset[Scope]:
    """The scopes that none of the others covers. Raises TooMuch."""
    given = frozenset(others)
    left = frozenset(scopes) - given  # each covers itself
    room.pairs(left, given)
    return frozenset(scope for scope in left if not any(other.covers(scope) for other in given))


def compared(
    old: dict[Effect, frozenset[Scope]], new: dict[Effect, frozenset[Scope]], room: Room, *, is_whole: bool = False
) -> Iterator[tuple[Direction, Effect, tuple[Scope, ...]]]:
    """How the scopes of an action differ. Where they are the whole of what is held, a Deny that meets nothing allowed is told apart."""
    for effect in _EFFECTS:
        for one, other, added in ((new, old, True), (old, new, False)):
            scopes = beyond(one[effect], other[effect], room)
            allowed = other["Allow"] if is_whole else None
            for direction, part in _parts(scopes, effect, allowed, room, added=added):
                yield direction, effect, in_order(part)


def _parts(
    scopes: frozenset[Scope], effect: Effect, allowed: Iterable[Scope] | None, room: Room, *, added: bool
) -> Iterator[tuple[Direction, frozenset[Scope]]]:
    """What only one side says, by what it does: a Deny of the one takes what the other side has `allowed`; None may be anything."""
    if effect == "Allow" or allowed is None:
        parts: tuple[tuple[Direction, frozenset[Scope]], ...] = ((_direction(effect, added=added), scopes),)
    else:
        given = tuple(allowed)
        room.pairs(scopes, given)
        felt = frozenset(scope for scope in scopes if any(scope.meeting(each) for each in given))
        idle: Direction = "withheld" if added else "released"
        parts = ((_direction(effect, added=added), felt), (idle, scopes - felt))
    yield from (part for part in parts if part[1])


def _direction(effect: Effect, *, added: bool) -> Direction:
    """A Deny that is added takes access away."""
    return "gain" if added == (effect == "Allow") else "loss"


class _Ordered(tuple[Scope, ...]):
    """Scopes that find their hash once: they stand in a key for each of thousands of actions."""

    def __hash__(self) -> int:
        found: int | None = self.__dict__.get("hash")
        if found is None:
            found = self.__dict__["hash"] = super().__hash__()
        return found


def in_order(scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    return _Ordered(
        sorted(
            scopes,
            key=lambda each: (each.resource, sorted(each.also), sorted(each.excluded), each.condition, each.principal),
        )
    )


def joined(
    found: Found,
) -> list[tuple[tuple[Direction, Effect, str, tuple[Scope, ...]], list[catalog.Action]]]:
    """The changes by service; one for all services where every known action changes alike."""
    sizes: dict[tuple[Direction, Effect, tuple[Scope, ...]], int] = {}
    for (direction, effect, _service, scopes), actions in found.items():
        sizes[direction, effect, scopes] = sizes.get((direction, effect, scopes), 0) + len(actions)
    every = {key for key, size in sizes.items() if size == len(_all_actions())}
    rows = [(key, actions) for key, actions in found.items() if (key[0], key[1], key[3]) not in every]
    whole = [((key[0], key[1], "", key[2]), list(_all_actions())) for key in every]
    return [*whole, *rows]


def change_of(
    direction: Direction, effect: Effect, service: str, scopes: tuple[Scope, ...], actions: Sequence[catalog.Action]
) -> Change:
    levels = [
        (level, tuple(each.full_name if not service else each.name for each in actions if each.access_level == level))
        for level in catalog.ACCESS_LEVELS
    ]
    name = catalog.service(service).name if service else ""
    return Change(direction, effect, name, tuple(level for level in levels if level[1]), scopes)


def _open_changes(old: Said, new: Said, told: set[tuple[Direction, Effect, tuple[Scope, ...]]]) -> Iterator[Change]:
    """Changes in what patterns say of actions that the catalogue does not know; left out where known actions tell the same."""
    room, near = new.room, {id(side): Near(side.open, new.room) for side in (old, new)}
    for one, other, added in ((new, old, True), (old, new, False)):
        found: dict[tuple[Direction, Effect, tuple[Scope, ...]], list[str]] = {}
        same: dict[tuple[Effect, Open], frozenset[Scope]] = {}
        for place, known in other.open:
            key = other.effects[place], known
            same[key] = same.get(key, frozenset()) | other.scopes_of(place)
            room.take(len(same[key]))
        for number, pattern in one.open:
            effect = one.effects[number]
            if one.scopes_of(number) <= same.get((effect, pattern), frozenset()):
                continue  # the other says it in the same words; most patterns of long policies are such
            given = [
                scope
                for place in near[id(other)].covering(pattern)
                if other.effects[place] == effect
                for scope in other.scopes_of(place)
            ]
            room.take(len(given))
            beside = beyond(one.scopes_of(number), given, room)
            allowed = _allowed(other, near[id(other)].meeting(pattern)) if one.is_whole else None
            for direction, part in _parts(beside, effect, allowed, room, added=added):
                scopes = in_order(part)
                if not {(direction, effect, scopes), (_direction(effect, added=added), effect, scopes)} & told:
                    found.setdefault((direction, effect, scopes), []).append(str(pattern))
        for (direction, effect, scopes), patterns in found.items():
            yield Change(direction, effect, "", (), scopes, tuple(dict.fromkeys(patterns)))


def _allowed(side: Said, near: Iterable[tuple[int, Open]]) -> frozenset[Scope]:
    """Where some of a side's statements allow something."""
    return frozenset(
        scope for place, _both in near if side.effects[place] == "Allow" for scope in side.scopes_of(place)
    )
