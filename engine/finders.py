"""Ways to find, among many patterns, the few that a text can match: by its beginning, its end, or a piece inside it.

Each way takes the patterns for which it is good, hands back the others, and later names the buckets of candidates; whether
a candidate really matches is tested by whoever asked.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from engine.arn import ArnPattern, whole_pieces, words
from engine.compiled import CompiledStatement

Entry = tuple[ArnPattern, list[CompiledStatement] | None]
"""A pattern, and the statements of which the conditions of one must hold where it matches; None where nothing must."""
Bucket = tuple[list[Entry], list[Entry]]
"""What denies and what allows among the entries found at one place."""
Effect = int
"""The place of an entry's effect in a bucket: 0 denies, 1 allows."""
Numbered = tuple[Entry, Effect]
Find = Callable[[str, list[Bucket]], None]
"""Add the buckets in which a text may find its pattern."""

_SHARED: Final = 4
_FEW: Final = 24
_GRAM: Final = 4
_ARN_COLONS: Final = 5
_MANY: Final = 1000
"""Above this many, patterns are not sorted by the words between colons and slashes first: that costs the first decision
more than it saves the later ones."""


def enter(table: dict[str, Bucket], key: str, entry: Entry, effect: Effect) -> None:
    """Put an entry into the bucket of a key."""
    bucket = table.get(key)
    if bucket is None:
        bucket = table[key] = ([], [])
    bucket[effect].append(entry)


def finders(beginnings: dict[str, Bucket], complicated: list[Numbered]) -> list[Find]:
    """The ways to all patterns of these entries: `beginnings` are those that are nothing but a beginning and a star."""
    ends: dict[str, Bucket] = {}
    left = _own(complicated, beginnings, _beginning)
    left = _own(left, ends, _end)
    ways: list[Find] = [Beginnings(beginnings).find] if beginnings else []
    if ends:
        reversed_ends = Beginnings(ends)
        ways.append(lambda text, found: reversed_ends.find(text[::-1], found))
    for split, pieces_of, most in (
        (_coarse_words, _coarse_pieces, _MANY),
        (words, _word_pieces, sys.maxsize),
        (_grams, _gram_pieces, sys.maxsize),
    ):
        if len(left) <= _FEW:
            break
        if len(left) > most:
            continue
        table: dict[str, Bucket] = {}
        left = _rarest(left, table, pieces_of)
        if table:
            ways.append(_by_pieces(table, split))
    return [*ways, _inside(left)] if left else ways


class Beginnings:
    """Finds, of many literals, those that a text begins with: the last not after it in order, and its own beginnings.

    Every literal that the text begins with is also a beginning of that last one, so that following the links from it to
    ever shorter beginnings meets them all.
    """

    __slots__ = ("_buckets", "_links", "_literals")

    def __init__(self, table: dict[str, Bucket]) -> None:
        self._literals = sorted(table)
        self._buckets = [table[literal] for literal in self._literals]
        self._links: list[int] = []
        open_ones: list[int] = []
        for index, literal in enumerate(self._literals):
            while open_ones and not literal.startswith(self._literals[open_ones[-1]]):
                open_ones.pop()
            self._links.append(open_ones[-1] if open_ones else -1)
            open_ones.append(index)

    def find(self, text: str, found: list[Bucket]) -> None:
        """Add the buckets of the literals that the text begins with."""
        literals = self._literals
        index = bisect_right(literals, text) - 1
        while index >= 0:
            if text.startswith(literals[index]):
                found.append(self._buckets[index])
            index = self._links[index]


def _own(entries: list[Numbered], table: dict[str, Bucket], literal_of: Callable[[ArnPattern], str]) -> list[Numbered]:
    """Enter the patterns whose literal few others share; the others come back."""
    literals = [literal_of(entry[0]) for entry, _ in entries]
    shared = Counter(literals)
    left: list[Numbered] = []
    for (entry, effect), literal in zip(entries, literals, strict=True):
        if literal and shared[literal] <= _SHARED:
            enter(table, literal, entry, effect)
        else:
            left.append((entry, effect))
    return left


def _beginning(pattern: ArnPattern) -> str:
    return pattern.literal if pattern.literal.count(":") >= _ARN_COLONS else ""


def _end(pattern: ArnPattern) -> str:
    return pattern.literals[-1][::-1]


def _rarest(
    entries: list[Numbered], table: dict[str, Bucket], pieces_of: Callable[[ArnPattern], Iterable[str]]
) -> list[Numbered]:
    """Enter each pattern under the piece that it shares with the fewest others; those without a rare one come back."""
    pieces = [list(pieces_of(entry[0])) for entry, _ in entries]
    frequency = Counter(piece for own in pieces for piece in own)
    left: list[Numbered] = []
    for (entry, effect), own in zip(entries, pieces, strict=True):
        rarest = min(own, key=frequency.__getitem__, default=None)
        if rarest is not None and (frequency[rarest] <= _SHARED or pieces_of is _gram_pieces):
            enter(table, rarest, entry, effect)
        else:
            left.append((entry, effect))
    return left


def _by_pieces(table: dict[str, Bucket], split: Callable[[str], Iterable[str]]) -> Find:
    def find(text: str, found: list[Bucket]) -> None:
        found += [table[piece] for piece in split(text) if piece in table]

    return find


def _inside(entries: list[Numbered]) -> Find:
    """For few patterns it is quickest to look for the longest literal of each."""
    table: dict[str, Bucket] = {}
    for entry, effect in entries:
        enter(table, max(entry[0].literals, key=len), entry, effect)
    known = list(table.items())

    def find(text: str, found: list[Bucket]) -> None:
        for literal, bucket in known:
            if literal in text:
                found.append(bucket)

    return find


def _coarse_words(text: str) -> list[str]:
    return text.replace("/", ":").split(":")


def _coarse_pieces(pattern: ArnPattern) -> Iterable[str]:
    return whole_pieces(pattern.literals, _coarse_words)


def _word_pieces(pattern: ArnPattern) -> Iterable[str]:
    return pattern.whole_words


def _grams(text: str) -> Iterable[str]:
    return [text[start : start + _GRAM] for start in range(len(text) - _GRAM + 1)]


def _gram_pieces(pattern: ArnPattern) -> Iterable[str]:
    """Some four-letter pieces that every match must hold: of each literal its end, its middle and what lies between."""
    for literal in pattern.literals:
        last = len(literal) - _GRAM
        if last >= 0:
            yield from {literal[place : place + _GRAM] for place in (last, last // 2, last * 3 // 4)}
