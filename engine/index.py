"""Many statements as one function: what do those that cover an action say about this resource in this request?

Few statements are tried one after the other. Of many, exact ARNs are looked up, literal beginnings found by bisection with
links to shorter beginnings, other patterns by the rarest word or the rarest four letters that every match of theirs holds.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from engine.arn import ArnPattern
from engine.compiled import CompiledStatement, ResourceTest, patterns_test
from engine.conditions import Check
from engine.request import Request

SILENT: Final = 0
ALLOW: Final = 1
DENY: Final = 2
Verdict = Callable[[str, Request], int]

_FEW: Final = 12
_FEW_COMPLEX: Final = 4
_SHARED: Final = 4
_GRAM: Final = 4
_ARN_FIELDS: Final = 5
_words: Final = re.compile(r"[^-/:._]+").findall

Entry = tuple[ArnPattern, CompiledStatement | None]
"""A pattern, and the statement whose conditions must hold where it matches; None where it has none."""
Bucket = tuple[list[Entry], list[Entry]]
"""What denies and what allows among the entries found at one place."""


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

    def entries(self) -> Iterator[Entry]:
        """What an index holds."""
        if not self.sure:
            yield from ((pattern, None) for pattern in self.patterns)
            yield from ((pattern, each) for each in self.conditional for pattern in each.patterns)

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

    __slots__ = ("_allow_others", "_allows_all", "_beginnings", "_deny_others", "_exact", "_grams", "_rest", "_words")

    def __init__(self, deny: _Group, allow: _Group) -> None:
        self._exact: dict[str, Bucket] = {}
        beginnings: dict[str, Bucket] = {}
        complicated: dict[object, tuple[Entry, int]] = {}
        for effect, group in enumerate((deny, allow)):
            for entry in group.entries():
                pattern = entry[0]
                if pattern.shape == "exact":
                    _enter(self._exact, pattern.literal, entry, effect)
                elif pattern.shape == "prefix":
                    _enter(beginnings, pattern.literal, entry, effect)
                else:
                    conditions = entry[1].statement.conditions if entry[1] else None
                    complicated[pattern.text, pattern.variables_allowed, conditions, effect] = entry, effect
        self._words: dict[str, Bucket] = {}
        self._grams: dict[str, Bucket] = {}
        left = _by_own_beginning(list(complicated.values()), beginnings)
        left = _by_rarest(left, self._words, _whole_words)
        left = _by_rarest(left, self._grams, _samples)
        self._rest: Bucket = ([entry for entry, effect in left if not effect], [e for e, effect in left if effect])
        self._beginnings = Beginnings(beginnings) if beginnings else None
        self._deny_others, self._allow_others = deny.others(), allow.others()
        self._allows_all = allow.sure

    def verdict(self, resource: str, request: Request) -> int:
        """What the statements say; a Deny outweighs every Allow."""
        found = self._found(resource)
        for denying, _ in found:
            if denying and any_holds(denying, resource, request):
                return DENY
        for test in self._deny_others:
            if test(resource, request):
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

    def _found(self, resource: str) -> list[Bucket]:
        """The entries whose text says that they may match."""
        found = [self._rest]
        bucket = self._exact.get(resource)
        if bucket is not None:
            found.append(bucket)
        if self._beginnings is not None:
            self._beginnings.find(resource, found)
        if self._words:
            words = self._words
            found += [words[word] for word in _words(resource) if word in words]
        if self._grams:
            grams = self._grams
            pieces = (resource[start : start + _GRAM] for start in range(len(resource) - _GRAM + 1))
            found += [grams[piece] for piece in pieces if piece in grams]
        return found


def any_holds(entries: list[Entry], resource: str, request: Request) -> bool:
    """Whether one of the entries matches; those of simple shape have been found by their text already."""
    for pattern, statement in entries:
        if pattern.shape == "complex" and not pattern.holds(resource, request):
            continue
        if statement is None:
            return True
        check = statement.check
        if check is None or check(request):
            return True
    return False


class Beginnings:
    """Finds, of many literal beginnings, those of a text: the greatest not after it in order, and its shorter ones.

    Every beginning of the text that is here is also a beginning of that greatest one, so that following the links from it
    to ever shorter beginnings meets them all.
    """

    __slots__ = ("_buckets", "_literals", "_shorter")

    def __init__(self, buckets: dict[str, Bucket]) -> None:
        self._literals = sorted(buckets)
        self._buckets = [buckets[literal] for literal in self._literals]
        self._shorter: list[int] = []
        open_ones: list[int] = []
        for index, literal in enumerate(self._literals):
            while open_ones and not literal.startswith(self._literals[open_ones[-1]]):
                open_ones.pop()
            self._shorter.append(open_ones[-1] if open_ones else -1)
            open_ones.append(index)

    def find(self, text: str, found: list[Bucket]) -> None:
        """Add the buckets of the text's beginnings."""
        literals = self._literals
        index = bisect_right(literals, text) - 1
        while index >= 0:
            if text.startswith(literals[index]):
                found.append(self._buckets[index])
            index = self._shorter[index]


def _enter(table: dict[str, Bucket], key: str, entry: Entry, effect: int) -> None:
    bucket = table.get(key)
    if bucket is None:
        bucket = table[key] = ([], [])
    bucket[effect].append(entry)


def _by_own_beginning(entries: list[tuple[Entry, int]], beginnings: dict[str, Bucket]) -> list[tuple[Entry, int]]:
    """Enter the patterns whose literal beginning few others share; the others come back."""
    shared = Counter(entry[0].literal for entry, _ in entries)
    left: list[tuple[Entry, int]] = []
    for entry, effect in entries:
        literal = entry[0].literal
        if literal.count(":") >= _ARN_FIELDS and shared[literal] <= _SHARED:
            _enter(beginnings, literal, entry, effect)
        else:
            left.append((entry, effect))
    return left


def _by_rarest(
    entries: list[tuple[Entry, int]], table: dict[str, Bucket], pieces_of: Callable[[ArnPattern], list[str]]
) -> list[tuple[Entry, int]]:
    """Enter each pattern under the piece that it shares with the fewest others; those without come back, or all if few."""
    if len(entries) <= _FEW_COMPLEX:
        return entries
    pieces = [pieces_of(entry[0]) for entry, _ in entries]
    frequency = Counter(piece for own in pieces for piece in own)
    left: list[tuple[Entry, int]] = []
    for (entry, effect), own in zip(entries, pieces, strict=True):
        if own:
            _enter(table, min(own, key=frequency.__getitem__), entry, effect)
        else:
            left.append((entry, effect))
    return left


def _whole_words(pattern: ArnPattern) -> list[str]:
    """The words of a pattern's literals that are whole in every match: no wildcard touches them."""
    literals = pattern.literals
    found: list[str] = []
    for index, literal in enumerate(literals):
        inside = _words(literal)
        if inside and index > 0 and literal.startswith(inside[0]):
            inside = inside[1:]
        if inside and index < len(literals) - 1 and literal.endswith(inside[-1]):
            inside = inside[:-1]
        found += inside
    return found


def _samples(pattern: ArnPattern) -> list[str]:
    """Some four-letter pieces that every match must hold: of each literal its end, its middle and what lies between."""
    found: list[str] = []
    for literal in pattern.literals:
        last = len(literal) - _GRAM
        if last >= 0:
            found += {literal[place : place + _GRAM] for place in (last, last // 2, last * 3 // 4)}
    return found[:_FEW]
