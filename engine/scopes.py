"""Where a statement holds, and which actions it names beyond the catalogue: sets that cover one another or meet.

Sound in one direction: covering is never claimed where something escapes. What two scopes have in common lies under each of them, and a
condition that asks for more lies under one that asks for less (IAM User Guide, «Conditions with multiple context keys or values»).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from engine.operators import operator_named
from engine.wildcards import covers

_WILD: Final = re.compile(r"[*?$]")
_FIELDS: Final = 6
_TWICE: Final = " (boundary)"  # what the boundary asks of a key by an operator that the policy asks of it, too
_NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a statement holds: a resource pattern, and all of `also`, but none of the excluded ones, under a condition, for principals.

    `condition` and `principal` are canonical JSON, empty where there is none. `variables` says that `${…}` is one.
    """

    resource: str
    excluded: frozenset[str]
    condition: str
    principal: str
    variables: bool
    also: frozenset[str] = _NONE

    @property
    def patterns(self) -> frozenset[str]:
        """All patterns that a resource must match."""
        return self.also | {self.resource}

    @property
    def size(self) -> int:
        """What it costs to compare it, in `engine.room`'s steps: by its parts and by its length."""
        texts = (self.resource, self.condition, *self.also, *self.excluded)
        return len(texts) + sum(map(len, texts)) // 32

    def covers(self, other: Scope) -> bool:
        """Whether this scope holds wherever the other does; never true when something escapes."""
        if self.principal != other.principal or not _implied(self.condition, other.condition):
            return False
        if self.variables != other.variables and "$" in "".join((*self.patterns, *self.excluded, self.condition)):
            return False
        return all(any(place_covers(wide, narrow) for narrow in other.patterns) for wide in self.patterns) and all(
            any(place_covers(left, gone) for left in other.excluded)
            or not all(places_may_meet(gone, narrow) for narrow in other.patterns)
            for gone in self.excluded
        )

    def meeting(self, other: Scope) -> Scope | None:
        """Where both hold; None where they cannot."""
        if self.covers(other):
            return other
        if other.covers(self):
            return self
        patterns = _narrowest(self.patterns | other.patterns, place_covers)
        if not all(places_may_meet(one, another) for one in self.patterns for another in other.patterns):
            return None
        if any(place_covers(left, one) for left in self.excluded | other.excluded for one in patterns):
            return None
        excluded = frozenset(
            left for left in self.excluded | other.excluded if all(places_may_meet(left, one) for one in patterns)
        )
        resource, *also = sorted(patterns)
        own = any("$" in text for text in (*self.patterns, *self.excluded, self.condition))
        return Scope(
            resource,
            excluded,
            _both(self.condition, other.condition),
            self.principal,
            self.variables if own else other.variables,
            frozenset(also),
        )


@dataclass(frozen=True, slots=True)
class Open:
    """A pattern of actions, which stands for unknown ones, too: all that match `also` as well, `excluding` those of NotAction."""

    pattern: str
    excluding: frozenset[str] = _NONE
    also: frozenset[str] = _NONE

    @property
    def patterns(self) -> frozenset[str]:
        return self.also | {self.pattern}

    @property
    def size(self) -> int:
        """What it costs to compare it, as `Scope.size`."""
        texts = (self.pattern, *self.also, *self.excluding)
        return 1 + len(texts) + sum(map(len, texts)) // 32

    @property
    def services(self) -> list[str]:
        """The services, by their prefixes, that it names without a wildcard: all that it stands for is in each of them."""
        prefixes = [each.partition(":") for each in self.patterns]
        return sorted(prefix for prefix, colon, _name in prefixes if colon and not _WILD.search(prefix))

    def covers(self, other: Open) -> bool:
        """Whether this stands for whatever the other does; never true when something escapes."""
        return all(any(covers(wide, narrow) for narrow in other.patterns) for wide in self.patterns) and all(
            any(covers(left, gone) for left in other.excluding)
            or not all(_texts_may_meet(gone, narrow) for narrow in other.patterns)
            for gone in self.excluding
        )

    def meeting(self, other: Open) -> Open | None:
        """The actions that both stand for; None where there can be none."""
        if self.covers(other):
            return other
        if other.covers(self):
            return self
        if not all(_texts_may_meet(one, another) for one in self.patterns for another in other.patterns):
            return None
        patterns, left = _narrowest(self.patterns | other.patterns, covers), self.excluding | other.excluding
        if any(covers(gone, one) for gone in left for one in patterns):
            return None
        pattern, *also = sorted(patterns)
        near = frozenset(gone for gone in left if all(_texts_may_meet(gone, one) for one in patterns))
        return Open(pattern, near, frozenset(also))

    def __str__(self) -> str:
        patterns = " ∩ ".join(sorted(self.patterns))
        return f"{patterns} except {', '.join(sorted(self.excluding))}" if self.excluding else patterns


def place_covers(wide: str, narrow: str) -> bool:
    """Whether a resource pattern matches whatever the other does: field by field; one with a variable covers itself alone."""
    if wide in ("*", narrow):
        return True
    first, second = wide.split(":", _FIELDS - 1), narrow.split(":", _FIELDS - 1)
    return "$" not in wide + narrow and len(first) == len(second) == _FIELDS and all(map(covers, first, second))


def places_may_meet(one: str, other: str) -> bool:
    """Whether two patterns may match the same resource: not, where a field is told apart for certain."""
    first, second = one.split(":", _FIELDS - 1), other.split(":", _FIELDS - 1)
    pairs = zip(first, second, strict=True) if len(first) == len(second) else [(one, other)]
    return all(_texts_may_meet(*pair) for pair in pairs)


def _texts_may_meet(one: str, other: str) -> bool:
    for text, pattern in ((one, other), (other, one)):
        if not _WILD.search(text) and "$" not in pattern:
            return covers(pattern, text)
    start, begin = _WILD.split(one, maxsplit=1)[0], _WILD.split(other, maxsplit=1)[0]
    return start.startswith(begin) or begin.startswith(start)


def _narrowest(patterns: frozenset[str], wider: Callable[[str, str], bool]) -> frozenset[str]:
    """The patterns that no other lies under."""
    return frozenset(
        one
        for one in patterns
        if not any(other != one and wider(one, other) and not wider(other, one) for other in patterns)
    )


def _implied(wide: str, narrow: str) -> bool:
    """Whether a condition holds wherever the other does."""
    if not wide or wide == narrow:
        return True
    asked = _demands(narrow)
    return all(any(_follows(demand, each) for each in asked) for demand in _demands(wide))


_Demand = tuple[str, str, frozenset[str]]


@lru_cache(maxsize=1024)
def _demands(condition: str) -> tuple[_Demand, ...]:
    """What a condition asks for, all at once: an operator, a key and values each."""
    found = json.loads(condition) if condition else {}
    return tuple(
        (operator.removesuffix(_TWICE), key, frozenset(values))
        for operator, keys in found.items()
        for key, values in keys.items()
    )


def _follows(demand: _Demand, given: _Demand) -> bool:
    """Whether one demand is met wherever the other is: one of more values is easier met, one of more that must not be harder."""
    if demand == given:
        return True
    operator = operator_named(demand[0])
    if demand[:2] != given[:2] or operator is None or operator.family not in ("string", "arn"):
        return False
    if any("$" in value for value in demand[2] | given[2]):
        return False
    return demand[2] <= given[2] if operator.negated else given[2] <= demand[2]


def _both(one: str, other: str) -> str:
    """Two conditions that must hold together; a key that both ask for by the same operator stands there twice."""
    if not one or not other or one == other:
        return one or other
    joined = json.loads(one)
    for operator, keys in json.loads(other).items():
        for key, values in keys.items():
            asked = joined.setdefault(operator, {})
            if key in asked and asked[key] != values:
                joined.setdefault(f"{operator}{_TWICE}", {})[key] = values
            else:
                asked[key] = values
    return json.dumps(joined, sort_keys=True)
