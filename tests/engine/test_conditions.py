"""What stands under the conditions: values read, operators named, keys found, variables resolved."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Policy, Principal, Request, context_keys, values
from engine.conditions import condition_check, keys_read, resolved_values
from engine.context import account_of, value_of, values_of
from engine.document import Condition
from engine.operators import OPERATORS, operator_named

ALICE = Principal.from_arn("arn:aws:iam::111122223333:user/team/alice", tags={"Team": "blue", "Cost Center": "7"})


def request(**context: object) -> Request:
    return Request(ALICE, "s3:GetObject", "arn:aws:s3:::data/x", context)  # type: ignore[arg-type]


def condition(operator: str, key: str, *wanted: str) -> Condition:
    document = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Condition": {operator: {key: list(wanted)}}},
    }
    return Policy.from_value(document).statements[0].conditions[0]


def holds(operator: str, key: str, *wanted: str, **context: object) -> bool:
    return condition_check(condition(operator, key, *wanted), variables=True)(request(**context))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-02", 86_400 * 10**9),
        ("2026-03", 1_772_323_200 * 10**9),
        ("2026-03-01T12:00Z", 1_772_366_400 * 10**9),
        ("2026-03-01T12:00:00+01:00", 1_772_362_800 * 10**9),
        ("2026-03-01T12:00:00-0130", 1_772_371_800 * 10**9),
        ("2026-03-01T12:00:00.25Z", 1_772_366_400 * 10**9 + 250_000_000),
        ("2026-03-01T12:00:00", 1_772_366_400 * 10**9),
        ("1772366400", 1_772_366_400 * 10**9),
        ("1772366400.5", 1_772_366_400 * 10**9 + 500_000_000),
        ("1772366400000", 1_772_366_400 * 10**9),
        ("-1", -(10**9)),
    ],
)
def test_dates_are_read_in_all_their_forms(text: str, expected: int) -> None:
    assert values.date(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-13-01",
        "2026-02-30",
        "2026-03-01T25:00:00Z",
        "2026-03-01T12:00:00+99:00",
        "9" * 200,
        "1e9",
        "٣",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert values.date(text) is None


@pytest.mark.parametrize(
    ("text", "expected"), [("10", 10), ("10.0", 10), ("-1.5e2", -150), (".5", Decimal("0.5")), ("+3", 3), ("5.", 5)]
)
def test_numbers_are_read_exactly(text: str, expected: object) -> None:
    assert values.number(text) == expected


@pytest.mark.parametrize("text", ["", "ten", "NaN", "Infinity", "1_000", "1e99999", "0x10", "1" * 200, "٣", " 1"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert values.number(text) is None


def test_networks_lose_their_host_bits() -> None:
    assert values.network("10.1.2.3/8") == values.network("10.0.0.0/8")
    assert values.network("2001:db8::1") == values.network("2001:db8::1/128")
    for text in ("10.0.0.256", "10.0.0.0/33", "nowhere", "", "1" * 200):
        assert values.network(text) is None


def test_bytes_and_booleans() -> None:
    assert values.binary("QUJD") == b"ABC"
    assert values.binary("QUJ") is None
    assert values.binary("") is None
    assert [values.boolean(text) for text in ("TRUE", "false", "1")] == ["true", "false", None]


@given(st.sampled_from(sorted(OPERATORS)), st.sampled_from(["", "ForAllValues:", "ForAnyValue:"]), st.booleans())
def test_every_operator_is_found_by_its_full_name(name: str, prefix: str, if_exists: bool) -> None:
    found = operator_named(f"{prefix}{OPERATORS[name].name}{'IfExists' if if_exists else ''}")
    if name == "null" and if_exists:
        assert found is None
        return
    assert found is not None
    assert (found.name, found.if_exists, found.quantifier) == (
        OPERATORS[name].name,
        if_exists,
        prefix.rstrip(":") or None,
    )


@pytest.mark.parametrize(
    "name", ["", "String", "Equals", "ForSomeValues:Bool", "StringEqualsIfExistsIfExists", "IfExists", "Bool "]
)
def test_other_names_are_no_operators(name: str) -> None:
    assert operator_named(name) is None


def test_keys_are_found_in_any_case_and_given_values_win() -> None:
    asked = request(
        **{"AWS:UserName": "mallory", "aws:TagKeys": ["a", "b"], "x:none": [], "x:number": 5, "x:flag": True}
    )
    assert value_of(asked, "aws:username") == "mallory"
    assert values_of(asked, "aws:tagkeys") == ("a", "b")
    assert value_of(asked, "x:none") is None
    assert (value_of(asked, "x:number"), value_of(asked, "x:flag")) == ("5", "true")
    assert value_of(asked, "aws:principaltag/team") == "blue"
    assert value_of(asked, "aws:resourceaccount") is None


def test_the_account_of_an_arn() -> None:
    assert account_of("arn:aws:sqs:us-east-1:111122223333:jobs") == "111122223333"
    assert [account_of(text) for text in ("*", "arn:aws:s3:::data", "arn:aws:iam::aws:policy/x", "")] == [None] * 4


def test_variables_are_resolved_in_values() -> None:
    wanted = condition(
        "StringLike",
        "s3:prefix",
        "${aws:username}/*",
        "${aws:PrincipalTag/Cost Center}",
        "${x:y, 'no'}",
        "${x:y}",
        "${$}{x}",
    )
    assert resolved_values(wanted, request(), variables=True) == ("alice/*", "7", "no", None, "${$}{x}")
    assert resolved_values(wanted, request(), variables=False) == wanted.values


def test_wildcards_in_the_value_of_a_variable_are_literal() -> None:
    assert holds("StringLike", "s3:prefix", "${x:y}", **{"x:y": "a*", "s3:prefix": "a*"})
    assert not holds("StringLike", "s3:prefix", "${x:y}", **{"x:y": "a*", "s3:prefix": "ab"})


def test_a_key_with_several_values_cannot_stand_in_a_variable() -> None:
    assert not holds("StringEquals", "s3:prefix", "${aws:TagKeys}", **{"aws:TagKeys": ["a", "b"], "s3:prefix": "a"})
    assert holds("StringEquals", "s3:prefix", "${aws:TagKeys}", **{"aws:TagKeys": ["a"], "s3:prefix": "a"})


def test_of_several_limits_the_widest_decides() -> None:
    assert holds("NumericLessThan", "x:y", "1", "10", "ten", **{"x:y": "5"})
    assert holds("NumericGreaterThanEquals", "x:y", "1", "10", **{"x:y": "1.0"})
    assert not holds("NumericLessThan", "x:y", "ten", **{"x:y": "5"})


def test_a_key_with_several_values_needs_a_quantifier() -> None:
    for operator in ("StringEquals", "StringNotEquals", "StringEqualsIfExists", "NumericLessThan"):
        assert not holds(operator, "x:y", "1", **{"x:y": ["1", "2"]})
    assert holds("StringEquals", "x:y", "1", **{"x:y": ["1"]})


def test_the_keys_that_policies_read() -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "*",
                "Resource": "arn:aws:s3:::${aws:username}/${x:y, 'z'}",
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            },
            {
                "Effect": "Deny",
                "Action": "*",
                "NotResource": "*",
                "Condition": {"StringLike": {"AWS:securetransport": "${s3:Prefix}*"}},
            },
        ],
    }
    assert context_keys([Policy.from_value(document)]) == ["aws:SecureTransport", "aws:username", "s3:Prefix", "x:y"]
    assert context_keys([Policy.from_value({**document, "Version": "2008-10-17"})]) == ["aws:SecureTransport"]


def test_keys_of_variables_with_defaults_can_be_left_out() -> None:
    wanted = condition("StringEquals", "a:b", "${c:d, 'e'}", "${f:g}")
    assert keys_read(wanted, variables=True, with_defaults=True) == ("a:b", "c:d", "f:g")
    assert keys_read(wanted, variables=True, with_defaults=False) == ("a:b", "f:g")
