"""Policies prepared for deciding: what a statement tests, as functions, and which statements an action concerns.

A document is prepared once, when it is first needed; patterns and conditions of a statement only when the statement is
first a candidate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from engine.arn import ArnPattern
from engine.conditions import Check, check_of, condition_check, keys_read
from engine.document import Condition, Policy, Statement
from engine.pattern import Matcher, matcher, tokens_of
from engine.request import Request

ResourceTest = Callable[[str, Request], bool]
_KEPT_ACTIONS: Final = 1024
_NOT_PREPARED: Final = object()


class CompiledStatement:
    """One statement with its tests, made on first use."""

    __slots__ = ("_check", "_checks", "_patterns", "_resource_test", "allows", "statement", "variables")

    def __init__(self, statement: Statement, *, variables: bool) -> None:
        self.statement = statement
        self.allows = statement.effect == "Allow"
        self.variables = variables
        self._check: object = _NOT_PREPARED
        self._checks: tuple[tuple[Condition, Check], ...] | None = None
        self._patterns: tuple[ArnPattern, ...] | None = None
        self._resource_test: object = _NOT_PREPARED

    @property
    def check(self) -> Check | None:
        """The function of the Condition element; None where there is none."""
        if self._check is _NOT_PREPARED:
            self._check = check_of(self.statement.conditions, variables=self.variables)
        return self._check  # type: ignore[return-value]

    @property
    def checks(self) -> tuple[tuple[Condition, Check], ...]:
        """Each condition with its own function."""
        if self._checks is None:
            conditions = self.statement.conditions
            self._checks = tuple((each, condition_check(each, variables=self.variables)) for each in conditions)
        return self._checks

    @property
    def patterns(self) -> tuple[ArnPattern, ...]:
        """The patterns of Resource or NotResource. A statement without either concerns every resource."""
        if self._patterns is None:
            texts = self.statement.not_resources if self.excludes_resources else self.statement.resources
            self._patterns = tuple(ArnPattern(text, variables=self.variables) for text in _given(texts))
        return self._patterns

    @property
    def excludes_resources(self) -> bool:
        """Whether the patterns say what the statement is not about."""
        return self.statement.not_resources is not None

    @property
    def concerns_everything(self) -> bool:
        """Whether the statement is about every resource."""
        return not self.excludes_resources and "*" in _given(self.statement.resources)

    @property
    def resource_test(self) -> ResourceTest | None:
        """The function of Resource or NotResource; None where every resource passes."""
        if self._resource_test is _NOT_PREPARED:
            test = patterns_test(self.patterns)
            self._resource_test = _inverted(test) if self.excludes_resources else test
        return self._resource_test  # type: ignore[return-value]

    def keys_read(self, *, with_defaults: bool = True) -> list[str]:
        """The context keys that decide about this statement, as written: of conditions and of variables in resources."""
        found: list[str] = []
        for condition in self.statement.conditions:
            found += keys_read(condition, variables=self.variables, with_defaults=with_defaults)
        for pattern in self.patterns:
            found += (each.spelled for each in pattern.variables if with_defaults or each.default is None)
        return found


def _given(texts: tuple[str, ...] | None) -> tuple[str, ...]:
    return ("*",) if texts is None else texts


def _inverted(test: ResourceTest | None) -> ResourceTest:
    if test is None:
        return lambda resource, request: False
    return lambda resource, request: not test(resource, request)


def patterns_test(patterns: Iterable[ArnPattern]) -> ResourceTest | None:
    """Whether one of the patterns matches; None where `*` is among them."""
    exact: list[str] = []
    prefixes: list[str] = []
    others: list[ArnPattern] = []
    for pattern in patterns:
        if pattern.shape == "all":
            return None
        if pattern.shape == "exact":
            exact.append(pattern.literal)
        elif pattern.shape == "prefix":
            prefixes.append(pattern.literal)
        else:
            others.append(pattern)
    if others:
        return _mixed_test(frozenset(exact), tuple(prefixes), others)
    if len(exact) == 1 and not prefixes:
        only = exact[0]
        return lambda resource, request: resource == only
    if not exact:
        starts = prefixes[0] if len(prefixes) == 1 else tuple(prefixes)
        return lambda resource, request: resource.startswith(starts)
    accepted, starts = frozenset(exact), tuple(prefixes)
    return lambda resource, request: resource in accepted or resource.startswith(starts)


def _mixed_test(exact: frozenset[str], prefixes: tuple[str, ...], others: list[ArnPattern]) -> ResourceTest:
    fixed = [pattern for pattern in others if not pattern.variables]
    variable = [pattern for pattern in others if pattern.variables]
    matchers: list[Matcher] = []

    def test(resource: str, request: Request) -> bool:
        if resource in exact or resource.startswith(prefixes):
            return True
        if fixed and not matchers:
            matchers.extend(pattern.matcher() for pattern in fixed)
        for match in matchers:
            if match(resource):
                return True
        return any(pattern.holds(resource, request) for pattern in variable) if variable else False

    return test


class CompiledPolicy:
    """One document, with its statements found by action."""

    __slots__ = ("_by_action", "_everything", "_excluding", "_names", "_patterns", "policy", "statements")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        variables = policy.has_variables
        self.statements = tuple(CompiledStatement(statement, variables=variables) for statement in policy.statements)
        self._names: dict[str, list[CompiledStatement]] = {}
        self._patterns: dict[str, dict[str, list[CompiledStatement]]] = {}
        self._everything: list[CompiledStatement] = []
        self._excluding: list[CompiledStatement] = []
        self._by_action: dict[str, tuple[CompiledStatement, ...]] = {}
        for compiled in self.statements:
            self._enter(compiled)

    def _enter(self, compiled: CompiledStatement) -> None:
        actions = compiled.statement.actions
        if actions is None:
            self._excluding.append(compiled)
            return
        for written in actions:
            action = written.lower()
            if "*" not in action and "?" not in action:
                self._names.setdefault(action, []).append(compiled)
            elif not action.strip("*"):
                self._everything.append(compiled)
            else:
                prefix, _, name = action.partition(":")
                self._patterns.setdefault(prefix, {}).setdefault(name, []).append(compiled)

    def service_prefixes(self) -> set[str]:
        """The services whose actions the statements name."""
        return {name.partition(":")[0] for name in self._names} | set(self._patterns)

    @property
    def concerns_anything(self) -> bool:
        """Whether a statement covers every action, or all but some."""
        return bool(self._everything or self._excluding)

    def names_used(self) -> Iterator[str]:
        """The actions named in full, as often as statements name them."""
        return (name for name, statements in self._names.items() for _ in statements)

    def entry_names(self) -> set[str]:
        """The actions named in full (`s3:getobject`), and the services (`s3`) of which patterns are named."""
        return {*self._names, *self._patterns}

    def concerning(self, action: str) -> tuple[CompiledStatement, ...]:
        """The statements whose Action or NotAction covers an action (in lower case), in the document's order."""
        found = self._by_action.get(action)
        if found is None:
            if len(self._by_action) >= _KEPT_ACTIONS:
                self._by_action.clear()
            found = self._by_action[action] = self._find(action)
        return found

    def _find(self, action: str) -> tuple[CompiledStatement, ...]:
        found = list(self._everything)
        found += self._names.get(action, ())
        prefix, _, name = action.partition(":")
        for pattern, statements in self._patterns.get(prefix, {}).items():
            if name_matcher(pattern)(name):
                found += statements
        found += (each for each in self._excluding if not action_covered(each.statement.not_actions or (), action))
        if len(found) < 2:
            return tuple(found)
        return tuple(sorted(set(found), key=_index))


def _index(compiled: CompiledStatement) -> int:
    return compiled.statement.index


_name_matchers: dict[str, Matcher] = {}
_KEPT_MATCHERS: Final = 8192


def name_matcher(pattern: str) -> Matcher:
    """The matcher of an action name pattern (in lower case), shared by all policies."""
    found = _name_matchers.get(pattern)
    if found is None:
        if len(_name_matchers) >= _KEPT_MATCHERS:
            _name_matchers.clear()
        found = _name_matchers[pattern] = matcher(tokens_of(pattern, variables=False))
    return found


def action_matches(written: str, action: str) -> bool:
    """Whether one Action value, as written, covers an action (in lower case). The service prefix knows no wildcard."""
    pattern = written.lower()
    if pattern and not pattern.strip("*"):
        return True
    prefix, colon, name = pattern.partition(":")
    service, _, asked = action.partition(":")
    return bool(colon) and prefix == service and name_matcher(name)(asked)


def action_covered(written: Iterable[str], action: str) -> bool:
    """Whether one of several Action values covers an action (in lower case)."""
    return any(action_matches(each, action) for each in written)


def compiled(policy: Policy) -> CompiledPolicy:
    """The prepared form of a policy; made once and kept with it."""
    found = policy.prepared
    if found is None:
        found = CompiledPolicy(policy)
        policy.keep_prepared(found)
    return found  # type: ignore[no-any-return]


def context_keys(policies: Iterable[Policy]) -> list[str]:
    """The context keys that policies refer to, in conditions and variables: each once, as first written, in alphabetical
    order (IAM API Reference, GetContextKeysForCustomPolicy)."""
    found: dict[str, str] = {}
    for policy in policies:
        for statement in compiled(policy).statements:
            for key in statement.keys_read():
                found.setdefault(key.lower(), key)
    return sorted(found.values(), key=str.lower)
