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
    """Whether some text matches both patterns.

    Two patterns that both have a star meet if what stands before their first and after their last stars agrees: the
    rest of each fits into a star of the other. Says yes, unproved, where one has a star and proof would be slow.
    """
    if "*" in one and "*" in other:
        return _agree(one.partition("*")[0], other.partition("*")[0]) and _agree(
            one.rpartition("*")[2][::-1], other.rpartition("*")[2][::-1]
        )
    if "*" not in one and "*" not in other:
        return len(one) == len(other) and _agree(one, other)
    star, fixed = (one, other) if "*" in one else (other, one)
    if "?" not in fixed:
        return covers(star, fixed)
    return len(star) * len(fixed) > _MEETING_BOUND or _meets_fixed(star, fixed)


def _agree(one: str, other: str) -> bool:
    """Whether the patterns, without stars, agree as far as the shorter one reaches."""
    return all(left == right or "?" in (left, right) for left, right in zip(one, other, strict=False))


def _meets_fixed(star: str, fixed: str) -> bool:
    """As `covers`, with `?` on both sides standing for anything."""
    first, *middle, last = _segments(star)
    end = len(fixed) - len(last)
    if len(first) > end or not _agree(first, fixed) or not _agree(last, fixed[end:]):
        return False
    position = len(first)
    for segment in middle:
        places = range(position, end - len(segment) + 1)
        found = next((place for place in places if _agree(segment, fixed[place : place + len(segment)])), None)
        if found is None:
            return False
        position = found + len(segment)
    return True
