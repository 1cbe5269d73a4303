"""Many statements as one test: does any of them match this resource in this request?

Exact ARNs are looked up, literal beginnings found by bisection with links to shorter beginnings, other patterns by the
rarest word or the rarest four letters that every match of theirs holds. What is left is tried one by one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from engine.arn import ArnPattern
from engine.compiled import CompiledStatement, ResourceTest, patterns_test
from engine.conditions import Check
from engine.request import Request

_FEW: Final = 12
_FEW_COMPLEX: Final = 4
_SHARED: Final = 4
_GRAM: Final = 4
_ARN_FIELDS: Final = 5
_words: Final = re.compile(r"[^-/:._]+").findall

Entry = tuple[ArnPattern, CompiledStatement | None]
"""A pattern, and the statement whose conditions must hold where it matches; None where it has none."""


def always(resource: str, request: Request) -> bool:
    """The test of statements that concern every resource without a condition."""
    return True


def test_of(statements: Iterable[CompiledStatement]) -> ResourceTest | None:
    """One test for all the statements; None where there are none, `always` where nothing needs to be looked at."""
    sure: list[ArnPattern] = []
    conditional: list[CompiledStatement] = []
    excluding: list[CompiledStatement] = []
    anywhere: dict[object, CompiledStatement] = {}
    empty = True
    for each in statements:
        empty = False
        if each.excludes_resources:
            excluding.append(each)
        elif each.concerns_everything:
            if not each.statement.conditions:
                return always
            anywhere[each.statement.conditions] = each
        elif each.statement.conditions:
            conditional.append(each)
        else:
            sure += each.patterns
    return None if empty else _joined([*_tests(sure, conditional), *map(_checked, excluding)], tuple(anywhere.values()))


def _tests(sure: list[ArnPattern], conditional: list[CompiledStatement]) -> Iterator[ResourceTest]:
    if len(sure) + sum(len(each.patterns) for each in conditional) > _FEW:
        entries: list[Entry] = [(pattern, None) for pattern in sure]
        entries += ((pattern, each) for each in conditional for pattern in each.patterns)
        yield PatternIndex(entries).holds
        return
    if sure:
        yield patterns_test(sure) or always
    yield from map(_checked, conditional)


def _checked(statement: CompiledStatement) -> ResourceTest:
    """The resource test and then the conditions, which are compiled when the first resource matches."""
    test = statement.resource_test or always
    if not statement.statement.conditions:
        return test
    check: Check | None = None

    def holds(resource: str, request: Request) -> bool:
        nonlocal check
        if not test(resource, request):
            return False
        if check is None:
            check = statement.check
        return check is None or check(request)

    return holds


def _joined(tests: list[ResourceTest], anywhere: tuple[CompiledStatement, ...]) -> ResourceTest:
    if not anywhere and len(tests) == 1:
        return tests[0]
    if not anywhere and len(tests) == 2:
        first, second = tests
        return lambda resource, request: first(resource, request) or second(resource, request)
    checks = [check for each in anywhere if (check := each.check)]
    if not tests and len(checks) == 1:
        only = checks[0]
        return lambda resource, request: only(request)

    def holds(resource: str, request: Request) -> bool:
        for test in tests:
            if test(resource, request):
                return True
        for check in checks:  # noqa: SIM110 - a generator would double the cost of this loop
            if check(request):
                return True
        return False

    return holds


class PatternIndex:
    """Entries found by the text of a resource; built once for a set of statements that concern the same action."""

    __slots__ = ("_beginnings", "_exact", "_grams", "_rest", "_words")

    def __init__(self, entries: list[Entry]) -> None:
        self._exact: dict[str, list[Entry]] = {}
        beginnings: dict[str, list[Entry]] = {}
        complicated: list[Entry] = []
        for entry in entries:
            pattern = entry[0]
            if pattern.shape == "exact":
                self._exact.setdefault(pattern.literal, []).append(entry)
            elif pattern.shape == "prefix":
                beginnings.setdefault(pattern.literal, []).append(entry)
            else:
                complicated.append(entry)
        complicated = _with_own_beginning(complicated, beginnings)
        self._beginnings = Beginnings(beginnings) if beginnings else None
        self._words: dict[str, list[Entry]] = {}
        self._grams: dict[str, list[Entry]] = {}
        self._rest = _by_rarest(complicated, self._words, self._grams)

    def holds(self, resource: str, request: Request) -> bool:
        """Whether an entry matches the resource and its conditions hold."""
        found = self._exact.get(resource)
        if found is not None and any_holds(found, resource, request):
            return True
        if self._beginnings is not None and self._beginnings.holds(resource, request):
            return True
        if self._words:
            words = self._words
            for word in _words(resource):
                if word in words and any_holds(words[word], resource, request):
                    return True
        if self._grams:
            grams = self._grams
            for start in range(len(resource) - _GRAM + 1):
                gram = resource[start : start + _GRAM]
                if gram in grams and any_holds(grams[gram], resource, request):
                    return True
        return any_holds(self._rest, resource, request)


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

    __slots__ = ("_entries", "_literals", "_shorter")

    def __init__(self, entries: dict[str, list[Entry]]) -> None:
        self._literals = sorted(entries)
        self._entries = [entries[literal] for literal in self._literals]
        self._shorter: list[int] = []
        open_ones: list[int] = []
        for index, literal in enumerate(self._literals):
            while open_ones and not literal.startswith(self._literals[open_ones[-1]]):
                open_ones.pop()
            self._shorter.append(open_ones[-1] if open_ones else -1)
            open_ones.append(index)

    def holds(self, resource: str, request: Request) -> bool:
        """Whether an entry with a beginning of the resource matches."""
        literals = self._literals
        index = bisect_right(literals, resource) - 1
        while index >= 0:
            if resource.startswith(literals[index]) and any_holds(self._entries[index], resource, request):
                return True
            index = self._shorter[index]
        return False


def _with_own_beginning(entries: list[Entry], beginnings: dict[str, list[Entry]]) -> list[Entry]:
    """Give the patterns whose literal beginning few others share their place there; the others come back."""
    shared = Counter(pattern.literal for pattern, _ in entries)
    left: list[Entry] = []
    for entry in entries:
        literal = entry[0].literal
        if literal.count(":") >= _ARN_FIELDS and shared[literal] <= _SHARED:
            beginnings.setdefault(literal, []).append(entry)
        else:
            left.append(entry)
    return left


def _by_rarest(entries: list[Entry], words: dict[str, list[Entry]], grams: dict[str, list[Entry]]) -> list[Entry]:
    """Enter each pattern under the word, or else the four letters, that it shares with the fewest others, and that every
    match must hold. Back come those that have neither, or all if they are few."""
    if len(entries) <= _FEW_COMPLEX:
        return entries
    pieces = [_whole_words(pattern) for pattern, _ in entries]
    without = [entry for entry, own in zip(entries, pieces, strict=True) if not own]
    _enter([(entry, own) for entry, own in zip(entries, pieces, strict=True) if own], words)
    if len(without) <= _FEW_COMPLEX:
        return without
    samples = [_samples(pattern) for pattern, _ in without]
    _enter([(entry, own) for entry, own in zip(without, samples, strict=True) if own], grams)
    return [entry for entry, own in zip(without, samples, strict=True) if not own]


def _enter(entries: list[tuple[Entry, list[str]]], table: dict[str, list[Entry]]) -> None:
    frequency = Counter(piece for _, pieces in entries for piece in pieces)
    for entry, pieces in entries:
        table.setdefault(min(pieces, key=frequency.__getitem__), []).append(entry)


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
