"""Wildcards and policy variables: `*`, `?`, `${key}`, `${key, 'default'}` and the escapes `${*} ${?} ${$}`.

Matching never backtracks: the pieces between the stars are looked for from left to right, each once, so that the cost is
linear in the text whatever the pattern (IAM User Guide, "IAM JSON policy elements: Resource" and "Variables and tags").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

_SPECIAL: Final = re.compile(r"\$\{([^}]*)\}|\*+|\?")
_WILDCARD: Final = re.compile(r"\*+|\?")
_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_ESCAPED: Final = frozenset("*?$")
_REGEX_LIMIT: Final = 64


@dataclass(frozen=True, slots=True)
class Variable:
    """A `${key}` or `${key, 'default'}` in a pattern; the key in lower case, as context keys compare."""

    key: str
    spelled: str
    default: str | None


class Star:
    """`*`: any characters, also none."""


class Mark:
    """`?`: exactly one character."""


STAR: Final = Star()
MARK: Final = Mark()
Token = str | Variable | Star | Mark
Matcher = Callable[[str], bool]


def tokens_of(text: str, *, variables: bool, wildcards: bool = True) -> tuple[Token, ...]:
    """The pieces of a pattern, neighbouring literals joined. Without `variables` (Version 2008) `${` is plain text."""
    plain = _WILDCARD if wildcards else None
    if not variables or "${" not in text:
        return tuple(_joined(_pieces(text, plain)))
    end = text.rfind("}") + 1  # no variable ends later, so that nothing there needs to be searched for its end
    special = _SPECIAL if wildcards else _VARIABLE
    return tuple(_joined(chain(_pieces(text[:end], special), _pieces(text[end:], plain))))


def _pieces(text: str, expression: re.Pattern[str] | None) -> Iterator[Token]:
    position = 0
    for found in expression.finditer(text) if expression else ():
        if found.start() > position:
            yield text[position : found.start()]
        position = found.end()
        matched = found.group()
        if matched[0] == "*":
            yield STAR
        elif matched == "?":
            yield MARK
        else:
            yield _variable(found.group(1))
    if position < len(text):
        yield text[position:]


def _variable(inside: str) -> Token:
    if inside in _ESCAPED:
        return inside
    key, default = inside, None
    quote = inside.rfind("'", 0, -1)
    before = inside[:quote].rstrip() if quote >= 0 else ""
    if inside.endswith("'") and before.endswith(","):
        key, default = before[:-1], inside[quote + 1 : -1]
    key = key.strip()
    return Variable(key.lower(), key, default if key else None)


def _joined(pieces: Iterator[Token]) -> Iterator[Token]:
    literal: list[str] = []
    previous: Token | None = None
    for piece in pieces:
        if isinstance(piece, str):
            literal.append(piece)
            previous = piece
            continue
        if literal:
            yield "".join(literal)
            literal.clear()
        if not (piece is STAR and previous is STAR):
            yield piece
        previous = piece
    if literal:
        yield "".join(literal)


def matcher(tokens: tuple[Token, ...]) -> Matcher:
    """A function that says whether a whole text matches. The tokens hold no variables any more."""
    segments: list[list[Token]] = [[]]
    for token in tokens:
        if token is STAR:
            segments.append([])
        else:
            segments[-1].append(token)
    if any(MARK in segment for segment in segments):
        return _matcher_with_marks([_Segment(segment) for segment in segments])
    return _literal_matcher(["".join(str(token) for token in segment) for segment in segments])


def _literal_matcher(segments: list[str]) -> Matcher:
    """For patterns whose only wildcard is `*`: text between the stars."""
    if len(segments) == 1:
        return segments[0].__eq__
    first, middles, last = segments[0], [segment for segment in segments[1:-1] if segment], segments[-1]
    if not middles:
        return _edges_matcher(first, last)
    shortest = len(first) + len(last)
    skip, tail = len(first), len(last)

    def match(text: str) -> bool:
        if not text.startswith(first) or not text.endswith(last) or len(text) < shortest:
            return False
        position, end = skip, len(text) - tail
        for middle in middles:
            position = text.find(middle, position, end)
            if position < 0:
                return False
            position += len(middle)
        return True

    return match


def _edges_matcher(first: str, last: str) -> Matcher:
    if not last:
        return (lambda text: text.startswith(first)) if first else (lambda text: True)
    if not first:
        return lambda text: text.endswith(last)
    shortest = len(first) + len(last)
    return lambda text: text.startswith(first) and text.endswith(last) and len(text) >= shortest


class _Segment:
    """What stands between two stars, with question marks in it: a fixed length and literals at fixed places."""

    __slots__ = ("_regex", "_table", "length", "literals", "tokens")

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.literals: list[tuple[int, str]] = []
        self.length = 0
        for token in tokens:
            if isinstance(token, str):
                self.literals.append((self.length, token))
                self.length += len(token)
            else:
                self.length += 1
        self._regex: re.Pattern[str] | None = None
        self._table: dict[str, int] | None = None

    def stands_at(self, text: str, position: int) -> bool:
        return all(text.startswith(literal, position + offset) for offset, literal in self.literals)

    def find(self, text: str, start: int, end: int) -> int:
        """The first place at or after `start` where the segment stands and ends before `end`, or -1."""
        if end - start < self.length:
            return -1
        if len(self.literals) == 0:
            return start
        if self.length <= _REGEX_LIMIT:
            if self._regex is None:
                pieces = (re.escape(token) if isinstance(token, str) else "." for token in self.tokens)
                self._regex = re.compile("".join(pieces), re.DOTALL)
            found = self._regex.search(text, start, end)
            return found.start() if found else -1
        return self._find_by_bits(text, start, end)

    def _find_by_bits(self, text: str, start: int, end: int) -> int:
        """Shift-And: one state bit per place in the segment, all moved at once by each character."""
        if self._table is None:
            self._table = self._character_bits()
        table, anything, state, last = self._table, self._table[""], 0, 1 << (self.length - 1)
        for position in range(start, end):
            state = ((state << 1) | 1) & table.get(text[position], anything)
            if state & last:
                return position + 1 - self.length
        return -1

    def _character_bits(self) -> dict[str, int]:
        """For each character the places it may stand at; under "" those of the question marks, open to any."""
        marks = (1 << self.length) - 1
        bits: dict[str, int] = {}
        for offset, literal in self.literals:
            marks &= ~(((1 << len(literal)) - 1) << offset)
            for index, character in enumerate(literal, offset):
                bits[character] = bits.get(character, 0) | (1 << index)
        return {"": marks, **{character: places | marks for character, places in bits.items()}}


def _matcher_with_marks(segments: list[_Segment]) -> Matcher:
    if len(segments) == 1:
        only = segments[0]
        return lambda text: len(text) == only.length and only.stands_at(text, 0)
    first, middles, last = segments[0], [segment for segment in segments[1:-1] if segment.length], segments[-1]
    shortest = first.length + last.length

    def match(text: str) -> bool:
        end = len(text) - last.length
        if len(text) < shortest or not first.stands_at(text, 0) or not last.stands_at(text, end):
            return False
        position = first.length
        for middle in middles:
            position = middle.find(text, position, end)
            if position < 0:
                return False
            position += middle.length
        return True

    return match
