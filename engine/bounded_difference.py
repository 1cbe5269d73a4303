"""What another permissions boundary gives and takes: only what the identity policies allow counts, for a boundary grants nothing.

What is allowed under a boundary is where a scope of the identity policies and one of the boundary meet; a deny holds in either (IAM User
Guide, «Permissions boundaries for IAM entities»). Sound as `access_difference` is: where a meeting cannot be ruled out it is reported.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final

from engine.access_difference import AccessDifference, Found, Open, Scope, Side, assembled, beyond, compared
from engine.document import Effect, Policy
from engine.wildcards import covers

_WILD: Final = re.compile(r"[*?$]")
_FIELDS: Final = 6
WITHOUT: Final = Policy.parse('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}')


def bounded_difference(held: Sequence[Policy], before: Policy, after: Policy) -> AccessDifference:
    """What of the policies that somebody holds is allowed under one boundary and not under the other; `WITHOUT` is no boundary."""
    own = Side(*held)
    return _difference(Bounded(own, Side(before)), Bounded(own, Side(after)))


def holders_difference(
    one: Sequence[Policy], other: Sequence[Policy], within: tuple[Policy, Policy] = (WITHOUT, WITHOUT)
) -> AccessDifference:
    """What the policies of the other allow and those of the one do not (`gain`), and the reverse (`loss`), each `within` a boundary.

    Policy variables (`${aws:username}`) are taken as they are written: what they stand for is another for each.
    """
    first, second = (Bounded(Side(*held), Side(limit)) for held, limit in zip((one, other), within, strict=True))
    return _difference(first, second)


def _difference(old: Bounded, new: Bounded) -> AccessDifference:
    found: Found = {}
    known: dict[tuple[tuple[int, ...], ...], list[tuple[str, Effect, tuple[Scope, ...]]]] = {}
    sides = (old.own, old.boundary, new.own, new.boundary)
    for action in sorted(old.own.actions.keys() | new.own.actions.keys(), key=lambda each: each.full_name.lower()):
        numbers = tuple(tuple(side.actions.get(action, ())) for side in sides)
        if numbers not in known:  # most actions are named by the same statements
            known[numbers] = list(compared(old.scopes(*numbers[:2]), new.scopes(*numbers[2:])))
        for direction, effect, scopes in known[numbers]:
            found.setdefault((direction, effect, action.service, scopes), []).append(action)  # type: ignore[arg-type]
    return assembled(found, old, new)


class Bounded:
    """What somebody's policies and a boundary allow together.

    Of one action it is told by the numbers of the statements on both sides that name it.
    """

    def __init__(self, own: Side, boundary: Side) -> None:
        self.own, self.boundary = own, boundary
        self.effects: list[Effect] = []
        self.open: list[tuple[int, Open]] = []
        self._scopes: list[frozenset[Scope]] = []
        for number, pattern in own.open:
            if own.effects[number] == "Deny":
                self._add("Deny", pattern, own.scopes_of(number))
                continue
            for other, limit in boundary.open:
                both = _open_meeting(pattern, limit) if boundary.effects[other] == "Allow" else None
                if both is not None:
                    self._add("Allow", both, meetings(own.scopes_of(number), boundary.scopes_of(other)))
        for number, pattern in boundary.open:
            if boundary.effects[number] == "Deny" and any(_open_meeting(pattern, each) for _, each in own.open):
                self._add("Deny", pattern, boundary.scopes_of(number))

    def _add(self, effect: Effect, pattern: Open, scopes: frozenset[Scope]) -> None:
        if scopes:
            self.open.append((len(self.effects), pattern))
            self.effects.append(effect)
            self._scopes.append(scopes)

    def scopes_of(self, number: int) -> frozenset[Scope]:
        """The scopes of one of the open statements."""
        return self._scopes[number]

    def scopes(self, own: Iterable[int], boundary: Iterable[int]) -> dict[Effect, frozenset[Scope]]:
        """The scopes of an action by effect; none of what the policies do not allow at all."""
        held, limit = self.own.scopes(own), self.boundary.scopes(boundary)
        if not held["Allow"]:
            return {"Allow": frozenset(), "Deny": frozenset()}
        denied = held["Deny"] | limit["Deny"]
        allowed = meetings(held["Allow"], limit["Allow"])
        return {"Allow": beyond(allowed, [scope for scope in denied if not scope.condition]), "Deny": denied}


def meetings(ones: Iterable[Scope], others: Iterable[Scope]) -> frozenset[Scope]:
    found = [_meeting(one, other) for one in ones for other in others]
    met = frozenset(scope for scope in found if scope is not None)
    return frozenset(one for one in met if not any(other.covers(one) and not one.covers(other) for other in met))


def _meeting(one: Scope, other: Scope) -> Scope | None:
    """Where both hold; None where they cannot."""
    if one.covers(other):
        return other
    if other.covers(one):
        return one
    place = _place(one, other)
    if place is None:
        return None
    resource, excluded = place
    variables = one.variables if "$" in one.resource + one.condition else other.variables
    return Scope(resource, excluded, _both(one.condition, other.condition), one.principal, variables)


def _place(one: Scope, other: Scope) -> tuple[str, frozenset[str]] | None:
    """The resources of both: the narrower pattern, else both patterns in words."""
    if one.excluded and other.excluded:
        return "*", one.excluded | other.excluded
    if one.excluded or other.excluded:
        left, pattern = (one.excluded, other.resource) if one.excluded else (other.excluded, one.resource)
        if pattern == "*":
            return "*", left
        if any(_covers(each, pattern) for each in left):
            return None
        near = sorted(each for each in left if _may_meet(each, pattern))
        return (f"{pattern} except {', '.join(near)}" if near else pattern), frozenset()
    for narrow, wide in ((one.resource, other.resource), (other.resource, one.resource)):
        if _covers(wide, narrow):
            return narrow, frozenset()
    if not _may_meet(one.resource, other.resource):
        return None
    return " ∩ ".join(sorted((one.resource, other.resource))), frozenset()


def _covers(wide: str, narrow: str) -> bool:
    if wide in ("*", narrow):
        return True
    first, second = wide.split(":", _FIELDS - 1), narrow.split(":", _FIELDS - 1)
    return "$" not in wide + narrow and len(first) == len(second) and all(map(covers, first, second))


def _may_meet(one: str, other: str) -> bool:
    """Whether two patterns may match the same resource: not, where a field is told apart for certain."""
    first, second = one.split(":", _FIELDS - 1), other.split(":", _FIELDS - 1)
    pairs = zip(first, second, strict=True) if len(first) == len(second) else [(one, other)]
    return all(_fields_may_meet(*pair) for pair in pairs)


def _fields_may_meet(one: str, other: str) -> bool:
    for text, pattern in ((one, other), (other, one)):
        if not _WILD.search(text) and "$" not in pattern:
            return covers(pattern, text)
    start, begin = _WILD.split(one, maxsplit=1)[0], _WILD.split(other, maxsplit=1)[0]
    return start.startswith(begin) or begin.startswith(start)


def _both(one: str, other: str) -> str:
    """Two conditions that must hold together; a key that both ask for by the same operator stands there twice."""
    if not one or not other or one == other:
        return one or other
    joined = json.loads(one)
    for operator, keys in json.loads(other).items():
        for key, values in keys.items():
            asked = joined.setdefault(operator, {})
            if key in asked and asked[key] != values:
                joined.setdefault(f"{operator} (boundary)", {})[key] = values
            else:
                asked[key] = values
    return json.dumps(joined, sort_keys=True)


def _open_meeting(one: Open, other: Open) -> Open | None:
    """The actions that both patterns stand for; None where there can be none."""
    if one.covers(other):
        return other
    if other.covers(one):
        return one
    if one.excluding and other.excluding:
        return Open("*", one.excluding | other.excluding)
    if one.excluding or other.excluding:
        left, pattern = (one.excluding, other.pattern) if one.excluding else (other.excluding, one.pattern)
        if pattern == "*":
            return Open("*", left)
        if any(covers(each, pattern) for each in left):
            return None
        near = sorted(each for each in left if _fields_may_meet(each, pattern))
        return Open(f"{pattern} except {', '.join(near)}" if near else pattern)
    if not _fields_may_meet(one.pattern, other.pattern):
        return None
    return Open(" ∩ ".join(sorted((one.pattern, other.pattern))))
