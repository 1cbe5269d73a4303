"""Wildcards, ARN patterns, and the ways to find a pattern by a text."""

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Principal, Request
from engine.arn import ArnPattern, resource_part
from engine.finders import Bucket, enter, finders
from engine.pattern import MARK, STAR, Variable, matcher, tokens_of
from engine.templates import Pattern

ASKED = Request(Principal.from_arn("arn:aws:iam::111122223333:user/alice"), "s3:GetObject", "*", {"x:y": "value"})


def test_tokens() -> None:
    assert tokens_of("a**b?${*}${$}", variables=True) == ("a", STAR, "b", MARK, "*$")
    assert tokens_of("${ AWS:Username }-${a:b , 'c,d'}", variables=True) == (
        Variable("aws:username", "AWS:Username", None),
        "-",
        Variable("a:b", "a:b", "c,d"),
    )
    assert tokens_of("${a:b}*", variables=False) == ("${a:b}", STAR)
    assert tokens_of("a*${b:c}", variables=True, wildcards=False) == ("a*", Variable("b:c", "b:c", None))
    assert tokens_of("", variables=True) == ()
    assert tokens_of("${a}${b*", variables=True) == (Variable("a", "a", None), "${b", STAR)
    assert tokens_of("${a, b, ''}${a,b}", variables=True) == (
        Variable("a, b", "a, b", ""),
        Variable("a,b", "a,b", None),
    )


def test_endless_openings_cost_no_more_than_reading_them() -> None:
    assert tokens_of("${" * 200_000, variables=True) == ("${" * 200_000,)
    (variable,) = tokens_of("${a" + " " * 200_000 + ",'" + "}", variables=True)
    assert isinstance(variable, Variable)


@given(st.text("ab*?", max_size=12), st.text("ab", max_size=14))
def test_matching_agrees_with_a_regular_expression(pattern: str, text: str) -> None:
    expression = "".join(".*" if sign == "*" else "." if sign == "?" else sign for sign in pattern)
    assert matcher(tokens_of(pattern, variables=False))(text) == bool(re.fullmatch(expression, text))


@given(st.text("ab?", min_size=65, max_size=90), st.text("ab", max_size=200), st.integers(0, 100))
def test_long_pieces_with_question_marks_are_found(piece: str, text: str, place: int) -> None:
    planted = piece.replace("?", "b")
    held = text[:place] + planted + text[place:]
    match = matcher(tokens_of(f"*{piece}*", variables=False))
    assert match(held)
    assert match(text) == bool(re.search(piece.replace("?", "."), text))


@pytest.mark.parametrize(
    ("text", "shape", "literal"),
    [
        ("*", "all", ""),
        ("arn:aws:s3:::data", "exact", "arn:aws:s3:::data"),
        ("arn:aws:s3:::data/*", "prefix", "arn:aws:s3:::data/"),
        ("arn:aws:s3:::*", "prefix", "arn:aws:s3:::"),
        ("arn:aws:s3:*", "prefix", "arn:aws:s3:"),
        ("arn:aws:s3:::a${*}b", "exact", "arn:aws:s3:::a*b"),
        ("arn:aws:s3:::a${*}b*", "prefix", "arn:aws:s3:::a*b"),
        ("arn:aws:s3:::${aws:username}", "complex", "arn:aws:s3:::"),
        ("arn:aws:sqs:*:1:q", "complex", "arn:aws:sqs:"),
        ("*-logs", "complex", ""),
        ("", "exact", ""),
    ],
)
def test_shapes(text: str, shape: str, literal: str) -> None:
    pattern = ArnPattern(text, variables=True)
    assert (pattern.shape, pattern.literal) == (shape, literal)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("arn:aws:sqs:*:111122223333:jobs", "arn:aws:sqs:us-east-1:111122223333:jobs", True),
        ("arn:aws:sqs:us-*:111122223333:jobs", "arn:aws:sqs:eu-west-1:111122223333:jobs", False),
        ("arn:aws:s*:jobs", "arn:aws:sqs:us-east-1:111122223333:jobs", True),
        ("arn:*:*:*:*:jobs", "arn:aws:sqs:us-east-1:111122223333:jobs", True),
        ("arn:*:*:*:jobs*:x", "arn:aws:sqs:us-east-1:111122223333:jobs:x", False),
        ("arn:aws:sqs:us?east-1::*", "arn:aws:sqs:us-east-1::a:b:c", True),
        ("arn:aws:s3:::data/${aws:username}/*", "arn:aws:s3:::data/alice/x", True),
        ("arn:aws:s3:::data/${aws:username}/*", "arn:aws:s3:::data/bob/x", False),
        ("arn:aws:s3:::data/${x:missing}/*", "arn:aws:s3:::data//x", False),
        ("arn:aws:s3:::${x:y}/${aws:username}", "arn:aws:s3:::value/alice", True),
        ("arn:aws:s3:::${x:y}/${x:missing, 'none'}", "arn:aws:s3:::value/none", True),
        ("arn:aws:s3:::${x:y}/${x:missing}", "arn:aws:s3:::value/", False),
        ("arn:aws:s3:::data", "*", False),
        ("*", "anything", True),
    ],
)
def test_arn_patterns(pattern: str, text: str, expected: bool) -> None:
    compiled = ArnPattern(pattern, variables=True)
    assert compiled.holds(text, ASKED) is expected
    assert compiled.holds(text, ASKED) is expected  # what was compiled the first time


def test_what_a_pattern_reads_like_resolved() -> None:
    assert ArnPattern("arn:aws:s3:::${x:y}-*?", variables=True).resolved_text(ASKED) == "arn:aws:s3:::value-*?"
    assert ArnPattern("arn:aws:s3:::${x:missing}", variables=True).resolved_text(ASKED) is None
    assert Pattern("plain*", variables=True).resolved_text(ASKED) == "plain*"


def test_case_folds_where_asked() -> None:
    assert Pattern("${x:y}A", variables=True, wildcards=False, fold=True).holds("VALUEa", ASKED)
    assert not Pattern("${x:y}A", variables=True, wildcards=False).holds("VALUEa", ASKED)


def test_the_resource_part() -> None:
    assert resource_part("arn:aws:iam::1:role/a:b") == "role/a:b"
    assert resource_part("*") == "*"


def random_pattern(r: Random) -> str:
    number = r.randrange(300)
    kinds = (
        f"arn:aws:s3:::bucket-{number}/*",
        f"arn:aws:s3:::bucket-{number}/logs/*.gz",
        f"arn:aws:s3:::*-{number}/*",
        f"*{number}*",
        f"*/{number}",
        f"arn:aws:sqs:*:111122223333:queue-{number}",
        f"arn:aws:sqs:*:111122223333:q*-{number}*",
        f"arn:aws:sqs:us-?ast-1:111122223333:queue-{number}",
        "arn:aws:s3:::bucket-${x:y}*",
        f"*a?{number}*",
        "*?*",
        f"arn:aws:s3:::bucket-{number % 10}*/x/{number}",
    )
    return r.choice(kinds)


@pytest.mark.parametrize("size", [1, 10, 60, 800])
def test_whatever_matches_is_found(size: int) -> None:
    r = Random(size)
    patterns = [ArnPattern(random_pattern(r), variables=True) for _ in range(size)]
    beginnings: dict[str, Bucket] = {}
    complicated = []
    for pattern in patterns:
        if pattern.shape == "prefix":
            enter(beginnings, pattern.literal, (pattern, None), 1)
        else:
            complicated.append(((pattern, None), 1))
    ways = finders(beginnings, complicated)
    for _ in range(400):
        number = r.randrange(300)
        texts = (
            f"arn:aws:s3:::bucket-{number}/logs/{r.randrange(300)}.gz",
            f"arn:aws:s3:::bucket-{number}/x/{number}",
            f"arn:aws:sqs:us-east-1:111122223333:queue-{number}",
            "arn:aws:s3:::bucket-value/x",
            "",
            "*",
        )
        text = r.choice(texts)
        found: list[Bucket] = []
        for find in ways:
            find(text, found)
        candidates = {entry[0].text for bucket in found for entry in bucket[1]}
        matching = {pattern.text for pattern in patterns if pattern.holds(text, ASKED)}
        assert matching <= candidates
