"""Covering and meeting of patterns agree with trying out every short text."""

from __future__ import annotations

import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from engine.wildcards import covers, matches, may_meet

TEXTS = ["".join(letters) for length in range(7) for letters in itertools.product("ab", repeat=length)]
PATTERNS = st.text("ab*?", max_size=5)


def texts_of(pattern: str) -> set[str]:
    expression = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    compiled = re.compile(expression)
    return {text for text in TEXTS if compiled.fullmatch(text)}


@given(PATTERNS, st.sampled_from(TEXTS))
def test_matching(pattern: str, text: str) -> None:
    assert matches(pattern, text) == (text in texts_of(pattern))


@given(PATTERNS, PATTERNS)
def test_covering_is_sound(pattern: str, other: str) -> None:
    if covers(pattern, other):
        assert texts_of(other) <= texts_of(pattern)


@given(PATTERNS)
def test_covering_is_reflexive_and_the_star_covers_all(pattern: str) -> None:
    assert covers(pattern, pattern)
    assert covers("*", pattern)


@given(st.text("ab*?", max_size=3), st.text("ab*?", max_size=3))
def test_meeting(one: str, other: str) -> None:
    assert may_meet(one, other) == bool(texts_of(one) & texts_of(other))
    assert may_meet(one, other) == may_meet(other, one)
