"""Layout, line diff and canonical form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Policy, PolicySyntaxError
from engine.canonical import canonical, canonical_text, diff, fingerprint, fmt, laid_out, same_meaning
from tests.engine.managed_policies import managed_policies

ONE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "A",
            "Effect": "Allow",
            "Action": ["s3:putobject", "S3:GetObject", "s3:Get*"],
            "Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::a/*", "arn:aws:s3:::a/*"],
            "Condition": {"stringlike": {"AWS:PrincipalTag/Team": ["b", "a"], "aws:username": "x"}},
        },
        {"Effect": "Deny", "Action": "iam:*", "Resource": "*", "Condition": {"NumericLessThan": {"aws:EpochTime": 7}}},
    ],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def policy(value: Any) -> Policy:
    return Policy.from_value(value)


def test_layout() -> None:
    text = '{"Statement":{"Resource":"*","Action":["s3:Get*"],"Effect":"Allow","Condition":{}},"Version":"2012-10-17"}'
    assert fmt(text, 2) == (
        '{\n  "Version": "2012-10-17",\n  "Statement": {\n    "Effect": "Allow",\n    "Action": [\n'
        '      "s3:Get*"\n    ],\n    "Resource": "*",\n    "Condition": {}\n  }\n}\n'
    )


@given(JSON)
def test_layout_changes_no_value_and_is_stable(value: Any) -> None:
    text = fmt(json.dumps(value))
    assert json.loads(text) == value
    assert fmt(text) == text
    assert all(ord(letter) <= 0xFF for letter in text)


def test_layout_keeps_numbers_as_written() -> None:
    assert fmt('{"a": 1.10e2}') == '{\n    "a": 1.10e2\n}\n'


def test_layout_of_nonsense_is_refused_with_its_place() -> None:
    with pytest.raises(PolicySyntaxError) as error:
        fmt('{\n "a": }')
    assert (error.value.line, error.value.column) == (2, 7)


def test_line_diff() -> None:
    old = '{"Version": "2012-10-17", "Statement": []}'
    new = '{"Statement": [],\n"Version": "2008-10-17"}'
    lines = diff(old, new)
    assert [(line.sign, line.text.strip()) for line in lines] == [
        (" ", "{"),
        ("-", '"Version": "2012-10-17",'),
        ("+", '"Version": "2008-10-17",'),
        (" ", '"Statement": []'),
        (" ", "}"),
    ]
    assert [(line.old_number, line.new_number) for line in lines] == [(1, 1), (2, None), (None, 2), (3, 3), (4, 4)]
    assert [line.sign for line in diff(old, new, context=0)] == ["-", "+"]
    assert {line.sign for line in diff(old, fmt(old))} == {" "}
    assert diff("no json", old, context=0)[0].sign == "-"


def test_canonical_form() -> None:
    found = canonical(policy(ONE))
    assert found["Statement"][0]["Action"] == ["s3:GetObject", "s3:PutObject", "s3:get*"]
    assert found["Statement"][0]["Resource"] == ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]
    assert found["Statement"][0]["Condition"] == {
        "StringLike": {"aws:principaltag/team": ["a", "b"], "aws:username": ["x"]}
    }
    assert found["Statement"][1]["Condition"] == {"NumericLessThan": {"aws:EpochTime": ["7"]}}


def test_canonical_form_of_canonical_form_is_itself() -> None:
    for value in (ONE, *(each["Document"] for each in list(managed_policies().values())[::25])):
        first = canonical_text(policy(value))
        assert canonical_text(Policy.parse(first)) == first


def test_the_star_as_principal_is_the_star_under_aws() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    bare = policy({"Version": "2012-10-17", "Statement": {**statement, "Principal": "*"}})
    long = policy({"Version": "2012-10-17", "Statement": [{**statement, "Principal": {"AWS": ["*"]}}]})
    assert canonical(bare) == canonical(long)


def test_two_spellings_of_one_key_stay_apart() -> None:
    condition = {"StringLike": {"aws:username": "a*"}, "stringlike": {"aws:username": "*b"}}
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}
    found = canonical(policy({"Version": "2012-10-17", "Statement": statement}))
    assert len(found["Statement"][0]["Condition"]) == 2


def test_fingerprints_forget_layout_sids_and_order() -> None:
    turned = {**ONE, "Statement": [ONE["Statement"][1], {**ONE["Statement"][0], "Sid": "Other"}]}  # type: ignore[dict-item]
    assert same_meaning(policy(ONE), policy(turned))
    other = json.loads(json.dumps(ONE).replace("Deny", "Allow"))
    assert fingerprint(policy(ONE)) != fingerprint(policy(other))
    older = {**ONE, "Version": "2008-10-17"}
    assert not same_meaning(policy(ONE), policy(older))


def test_only_a_document_in_one_line_is_laid_out_to_be_read() -> None:
    assert laid_out('{"Version":"2012-10-17"}\n') == '{\n    "Version": "2012-10-17"\n}'
    several = '{\n "Version":"2012-10-17"}'
    assert laid_out(several) == several
    assert laid_out(several, always=True) == '{\n    "Version": "2012-10-17"\n}'
    assert laid_out("{ wrong") == "{ wrong"
