"""Many statements as one function: what do those that cover an action say about this resource in this request?

Few statements are tried one after the other. Of many, exact ARNs are looked up, and patterns are found by what every match
of theirs must hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from engine.arn import ArnPattern
from engine.compiled import CompiledStatement, ResourceTest, patterns_test
from engine.conditions import Check
from engine.finders import Bucket, Entry, enter, finders
from engine.request import Request

SILENT: Final = 0
ALLOW: Final = 1
DENY: Final = 2
Verdict = Callable[[str, Request], int]

_FEW: Final = 12


def silent(resource: str, request: Request) -> int:
    """The verdict where no statement covers the action."""
    return SILENT


def allows(resource: str, request: Request) -> int:
    """The verdict of a statement that allows everything without a condition."""
    return ALLOW


def denies(resource: str, request: Request) -> int:
    """The verdict of a statement that denies everything without a condition."""
    return DENY


def verdict_of(statements: Iterable[CompiledStatement]) -> Verdict:
    """One function for all the statements that cover an action; a Deny outweighs every Allow."""
    deny, allow = _Group(), _Group()
    for each in statements:
        (allow if each.allows else deny).add(each)
    if deny.sure:
        return denies
    if deny.size + allow.size > _FEW:
        return PatternIndex(deny, allow).verdict
    deny_test, allow_test = deny.test(), allow.test()
    if deny_test is None:
        return _only_allowing(allow, allow_test)

    def verdict(resource: str, request: Request) -> int:
        if deny_test(resource, request):
            return DENY
        return ALLOW if allow_test is not None and allow_test(resource, request) else SILENT

    return verdict


def _only_allowing(group: _Group, test: ResourceTest | None) -> Verdict:
    if group.sure:
        return allows
    if test is None:
        return silent
    return lambda resource, request: ALLOW if test(resource, request) else SILENT


def _always(resource: str, request: Request) -> bool:
    return True


class _Group:
    """The statements of one effect, sorted by how they are tried."""

    def __init__(self) -> None:
        self.sure = False
        self.patterns: list[ArnPattern] = []
        self.conditional: list[CompiledStatement] = []
        self.excluding: list[CompiledStatement] = []
        self.anywhere: dict[object, CompiledStatement] = {}

    def add(self, each: CompiledStatement) -> None:
        conditions = each.statement.conditions
        if each.excludes_resources:
            self.excluding.append(each)
        elif each.concerns_everything:
            self.sure = self.sure or not conditions
            self.anywhere[conditions, each.variables] = each  # the same text means another thing in Version 2008
        elif conditions:
            self.conditional.append(each)
        else:
            self.patterns += each.patterns

    @property
    def size(self) -> int:
        """How many patterns an index would hold; none where one statement alone says yes to everything."""
        return 0 if self.sure else len(self.patterns) + sum(len(each.patterns) for each in self.conditional)

    def entries(self) -> Iterable[Entry]:
        """What an index holds: every pattern once, with the statements that name it."""
        if self.sure:
            return ()
        found: dict[tuple[str, bool], Entry] = {}
        for pattern in self.patterns:
            found[pattern.text, pattern.variables_allowed] = (pattern, None)
        for each in self.conditional:
            for pattern in each.patterns:
                key = pattern.text, pattern.variables_allowed
                known = found.get(key)
                if known is None:
                    found[key] = (pattern, [each])
                elif known[1] is not None:
                    known[1].append(each)
        return found.values()

    def test(self) -> ResourceTest | None:
        """Whether one of the statements matches; None where there are none."""
        if self.sure:
            return _always
        patterns = [patterns_test(self.patterns) or _always] if self.patterns else []
        return _one_of([*patterns, *map(_checked, self.conditional), *self.others()])

    def others(self) -> list[ResourceTest]:
        """The tests of the statements that no index finds: of NotResource, and of conditions alone."""
        return [*map(_checked, self.excluding), *map(_checked, self.anywhere.values())]


def _checked(statement: CompiledStatement) -> ResourceTest:
    """The resource test and then the conditions, which are compiled when the first resource matches."""
    test = statement.resource_test
    if not statement.statement.conditions:
        return test or _always
    if test is None:
        only = statement.check
        return _always if only is None else lambda resource, request: only(request)
    check: Check | None = None

    def holds(resource: str, request: Request) -> bool:
        nonlocal check
        if not test(resource, request):
            return False
        if check is None:
            check = statement.check
        return check is None or check(request)

    return holds


def _one_of(tests: list[ResourceTest]) -> ResourceTest | None:
    if len(tests) < 2:
        return tests[0] if tests else None
    if len(tests) == 2:
        first, second = tests
        return lambda resource, request: first(resource, request) or second(resource, request)

    def holds(resource: str, request: Request) -> bool:
        for test in tests:  # noqa: SIM110 - a generator would double the cost of this loop
            if test(resource, request):
                return True
        return False

    return holds


class PatternIndex:
    """Entries found by the text of a resource; built once for the statements that cover an action."""

    __slots__ = ("_allow_others", "_allows_all", "_deny_others", "_denying", "_exact", "_finders")

    def __init__(self, deny: _Group, allow: _Group) -> None:
        self._exact: dict[str, Bucket] = {}
        beginnings: dict[str, Bucket] = {}
        complicated: list[tuple[Entry, int]] = []
        for effect, group in enumerate((deny, allow)):
            for entry in group.entries():
                pattern = entry[0]
                if pattern.shape == "exact":
                    enter(self._exact, pattern.literal, entry, effect)
                elif pattern.shape == "prefix":
                    enter(beginnings, pattern.literal, entry, effect)
                else:
                    complicated.append((entry, effect))
        self._finders = finders(beginnings, complicated)
        self._deny_others, self._allow_others = deny.others(), allow.others()
        self._denying = bool(deny.size or self._deny_others)
        self._allows_all = allow.sure

    def verdict(self, resource: str, request: Request) -> int:
        """What the statements say; a Deny outweighs every Allow."""
        bucket = self._exact.get(resource)
        found = [] if bucket is None else [bucket]
        for find in self._finders:
            find(resource, found)
        if self._denying and self._denies(found, resource, request):
            return DENY
        if self._allows_all:
            return ALLOW
        for _, allowing in found:
            if allowing and any_holds(allowing, resource, request):
                return ALLOW
        for test in self._allow_others:
            if test(resource, request):
                return ALLOW
        return SILENT

    def _denies(self, found: list[Bucket], resource: str, request: Request) -> bool:
        for denying, _ in found:
            if denying and any_holds(denying, resource, request):
                return True
        for test in self._deny_others:  # noqa: SIM110 - a generator would double the cost of this loop
            if test(resource, request):
                return True
        return False


def any_holds(entries: list[Entry], resource: str, request: Request) -> bool:
    """Whether one of the entries matches; those of simple shape have been found by their text already."""
    for pattern, statements in entries:
        if pattern.shape == "complex" and not pattern.holds(resource, request):
            continue
        if statements is None:
            return True
        for statement in statements:
            check = statement.check
            if check is None or check(request):
                return True
    return False
