"""Whether a document allows anything that others do not allow already, told at once and only where it is certain.

Certain is what the others allow on every resource and without a condition: patterns against patterns, no catalogue asked. What they allow
in part is compared by the review of a form (policies.access_changes), which takes longer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from engine import Policy, PolicySyntaxError, action_sets
from engine.summary import EVERY_ACTION
from engine.wildcards import covers, has_wildcard
from policies.documents import read_document

MOST_COMPARED: Final = 50_000  # pairs of patterns
_ANY: Final = "*"


@dataclass(frozen=True)
class Everywhere:
    """The patterns of actions, in lower case, that documents allow on every resource and without a condition, by their service."""

    patterns: Mapping[str, frozenset[str]]

    @property
    def actions(self) -> int:
        """The actions of the catalogue among them (engine.action_sets)."""
        found = 0
        for each in self.patterns.values():
            for pattern in each:
                found |= action_sets.matching(pattern)
        return found

    def cover(self, document: str) -> bool:
        """Whether a document adds nothing: each action that it allows is allowed everywhere, and it denies nothing."""
        wanted = _allowed(document)
        if not wanted or not self.patterns:
            return False
        whole, compared = self.patterns.get(_ANY, frozenset()), 0
        for pattern in wanted:
            own = self.patterns.get(pattern.partition(":")[0], frozenset())
            if whole & EVERY_ACTION or pattern in own:
                continue
            compared += len(own) + len(whole)
            if compared > MOST_COMPARED or not any(covers(each, pattern) for each in (*own, *whole)):
                return False
        return True


def everywhere(documents: Iterable[str]) -> Everywhere:
    """What some documents allow everywhere, together."""
    found: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        for pattern in _everywhere(document):
            service = pattern.partition(":")[0]
            found[_ANY if has_wildcard(service) else service].add(pattern)
    return Everywhere({service: frozenset(patterns) for service, patterns in found.items()})


@lru_cache(maxsize=256)
def allowed_actions(document: str) -> int:
    """The actions of the catalogue of which a document allows something (engine.action_sets); of one that cannot be read, none."""
    policy = _read(document)
    return 0 if policy is None else action_sets.allowed_by(policy)


@lru_cache(maxsize=256)
def _everywhere(document: str) -> frozenset[str]:
    policy = _read(document)
    return frozenset(
        pattern.lower()
        for statement in (policy.statements if policy else ())
        if statement.effect == "Allow" and not statement.conditions and "*" in (statement.resources or ())
        for pattern in statement.actions or ()
    )


@lru_cache(maxsize=256)
def _allowed(document: str) -> frozenset[str]:
    """The patterns that a document allows; none of one that denies something, names what it does not allow, or cannot be read."""
    policy = _read(document)
    if policy is None or any(each.effect != "Allow" or each.actions is None for each in policy.statements):
        return frozenset()
    return frozenset(pattern.lower() for each in policy.statements for pattern in each.actions or ())


def _read(document: str) -> Policy | None:
    try:
        return read_document(document)
    except PolicySyntaxError:
        return None
