"""Questions about patterns with `*` and `?` that advice needs and deciding does not: covering and meeting.

All are linear or nearly so in the length of the texts: patterns come from strangers.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

WILDCARDS: Final = frozenset("*?")
_STARS: Final = re.compile(r"\*+")
_MEETING_BOUND: Final = 40_000


def has_wildcard(text: str) -> bool:
    """Whether `*` or `?` stands in the text."""
    return "*" in text or "?" in text


def literal_prefix(pattern: str) -> str:
    """The text before the first wildcard."""
    for position, character in enumerate(pattern):
        if character in WILDCARDS:
            return pattern[:position]
    return pattern


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern matches the whole text; case matters."""
    return covers(pattern, text)


def covers(pattern: str, other: str) -> bool:
    """Whether `pattern` matches whatever `other` matches.

    Sound: never true when something escapes. Found by matching `other` as if its own wildcards were letters that only
    a wildcard matches, and `*` not by `?`.
    """
    if pattern == "*":
        return True
    if not has_wildcard(pattern):
        return pattern == other
    segments = _segments(pattern)
    first, last = segments[0], segments[-1]
    if len(segments) == 1:
        return len(first) == len(other) and _fits(first, other, 0)
    if len(first) + len(last) > len(other):
        return False
    if not _fits(first, other, 0) or not _fits(last, other, len(other) - len(last)):
        return False
    position, end = len(first), len(other) - len(last)
    for segment in segments[1:-1]:
        found = _find(segment, other, position, end)
        if found < 0:
            return False
        position = found + len(segment)
    return True


@lru_cache(maxsize=4096)
def _segments(pattern: str) -> tuple[str, ...]:
    return tuple(_STARS.split(pattern))


def _fits(segment: str, text: str, position: int) -> bool:
    if "?" not in segment:
        return text.startswith(segment, position)
    return all(
        wanted == given or (wanted == "?" and given != "*")
        for wanted, given in zip(segment, text[position : position + len(segment)], strict=True)
    )


def _find(segment: str, text: str, start: int, end: int) -> int:
    if "?" not in segment:
        return text.find(segment, start, end)
    literal = max(segment.split("?"), key=len)
    offset = segment.index(literal) if literal else 0
    position = start
    while position + len(segment) <= end:
        if literal:
            found = text.find(literal, position + offset, end)
            if found < 0:
                return -1
            position = found - offset
            if position + len(segment) > end:
                return -1
        if _fits(segment, text, position):
            return position
        position += 1
    return -1


def may_meet(one: str, other: str) -> bool:
    """Whether some text matches both patterns. Says yes, unproved, for texts so long that proof would be slow."""
    first, second = literal_prefix(one), literal_prefix(other)
    shorter = min(len(first), len(second))
    if first[:shorter] != second[:shorter]:
        return False
    if not has_wildcard(one):
        return covers(other, one)
    if not has_wildcard(other):
        return covers(one, other)
    if len(one) * len(other) > _MEETING_BOUND:
        return True
    return _meet(_STARS.sub("*", one), _STARS.sub("*", other))


@lru_cache(maxsize=8192)
def _meet(one: str, other: str) -> bool:
    """By table over the positions of both: `row[j]` is whether the rest of `one` from here may meet `other[j:]`."""
    width = len(other)
    below = [False] * width + [True]
    for j in range(width - 1, -1, -1):
        below[j] = other[j] == "*" and below[j + 1]
    for letter in reversed(one):
        row = [False] * (width + 1)
        row[width] = letter == "*" and below[width]
        for j in range(width - 1, -1, -1):
            given = other[j]
            if letter == "*" or given == "*":
                row[j] = (
                    below[j + 1]
                    or (letter == "*" and (below[j] or row[j + 1]))
                    or (given == "*" and (row[j + 1] or below[j]))
                )
            else:
                row[j] = below[j + 1] and ("?" in (letter, given) or letter == given)
        below = row
    return below[0]
