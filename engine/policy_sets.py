"""Several policies that count together (the identity policies of a caller, one level of SCPs), with a plan per action.

Sets of the same documents are the same object, so that principals who share policies share the plans too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final
from weakref import WeakValueDictionary

from engine import rules
from engine.compiled import CompiledPolicy, CompiledStatement, compiled
from engine.context import value_of
from engine.document import Policy
from engine.index import Verdict, allows, denies, silent, verdict_of
from engine.request import Request

_KEPT_PLANS: Final = 1024
_KEPT_DECISIONS: Final = 4096
_MANY_POLICIES: Final = 24
_MANY_STATEMENTS: Final = 1000


class Plan:
    """What to ask for one action: one function over all statements that cover it, and what AWS treats specially."""

    __slots__ = ("_decided", "_keys", "action", "resource_decides", "undeniable", "verdict", "wildcard_only")

    def __init__(self, action: str, verdict: Verdict) -> None:
        self.verdict = verdict
        self._keys: tuple[str, ...] = ()
        self._decided: dict[object, int] | None = None
        self.action = action
        self.undeniable = action in rules.CANNOT_BE_DENIED
        self.resource_decides = rules.resource_may_have_to_allow(action)
        trivial = verdict in (silent, allows, denies)
        self.wildcard_only = not trivial and rules.supports_no_resource(action)

    def kept_verdict(self, policies: PolicySet, resource: str, request: Request) -> int:
        """The verdict, looked up if the same resource came before with the same values of the context keys that the
        statements of these policies read."""
        decided = self._decided
        if decided is None:
            read = {key.lower() for each in policies.concerning(self.action) for key in each.keys_read()}
            self._keys = tuple(sorted(read))
            decided = self._decided = {}
        keys = self._keys
        question = (resource, *[value_of(request, key) for key in keys]) if keys else resource
        found = decided.get(question)
        if found is None:
            if len(decided) >= _KEPT_DECISIONS:
                decided.clear()
            found = decided[question] = self.verdict(resource, request)
        return found


class PolicySet:
    """Policies that count together. Made by `policy_set`."""

    __slots__ = ("__weakref__", "_by_name", "_not_by_name", "plans", "policies")

    def __init__(self, policies: tuple[CompiledPolicy, ...]) -> None:
        self.policies = policies
        self.plans: dict[str, Plan] = {}
        self._by_name: dict[str, list[CompiledPolicy]] | None = None
        self._not_by_name: list[CompiledPolicy] = []

    def plan(self, action: str) -> Plan:
        """The plan for an action, in any case; made when it is first asked for."""
        found = self.plans.get(action)
        if found is None:
            lower = action.lower()
            found = self.plans.get(lower)
            if found is None:
                found = Plan(lower, verdict_of(self.concerning(lower)))
            if len(self.plans) >= _KEPT_PLANS:
                self.plans.clear()
            self.plans[action] = found
        return found

    def concerning(self, action: str) -> list[CompiledStatement]:
        """The statements that cover an action (in lower case)."""
        return [each for policy in self.candidates(action) for each in policy.concerning(action)]

    def candidates(self, action: str) -> Sequence[CompiledPolicy]:
        """The policies that may have such statements; of many policies only those that name the action or service."""
        if len(self.policies) < _MANY_POLICIES:
            return self.policies
        if self._by_name is None:
            self._by_name = {}
            for policy in self.policies:
                if policy.concerns_anything:
                    self._not_by_name.append(policy)
                    continue
                for name in policy.entry_names():
                    self._by_name.setdefault(name, []).append(policy)
        prefix = action.partition(":")[0]
        return list(dict.fromkeys([*self._not_by_name, *self._by_name.get(action, ()), *self._by_name.get(prefix, ())]))

    def prepare(self) -> None:
        """Do now what first decisions would do: the patterns of all statements, the catalogue's part on services, and the
        plans of actions that very many statements name."""
        for policy in self.policies:
            for statement in policy.statements:
                for pattern in statement.patterns:
                    pattern.prepare()
        for prefix in {prefix for policy in self.policies for prefix in policy.service_prefixes()}:
            rules.supports_no_resource(f"{prefix}:")
        named = Counter(name for policy in self.policies for name in policy.names_used())
        for action, count in named.items():
            if count > _MANY_STATEMENTS:
                self.plan(action)


_sets: WeakValueDictionary[tuple[int, ...], PolicySet] = WeakValueDictionary()


def policy_set(policies: Sequence[Policy]) -> PolicySet:
    """The set of these documents; the same one for the same documents as long as somebody holds it."""
    prepared = tuple({id(each): each for each in map(compiled, policies)}.values())
    key = tuple(map(id, prepared))
    found = _sets.get(key)
    if found is None:
        found = _sets[key] = PolicySet(prepared)
    return found
