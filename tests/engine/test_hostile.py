"""Policy documents come from strangers: whatever they send, reading ends soon, with a policy or with the documented error."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Policy, PolicySyntaxError
from engine.json_tree import MAX_CHARACTERS, MAX_DEPTH, MAX_NUMBER_CHARACTERS, parse
from tests.engine.profile import often, rarely

ROOT = Path(__file__).parents[2]
STATEMENT = '{"Effect":"Allow","Action":"*","Resource":"*"}'
GOOD = f'{{"Version":"2012-10-17","Statement":[{STATEMENT}]}}'


def refused(text: str | bytes) -> PolicySyntaxError:
    with pytest.raises(PolicySyntaxError) as caught:
        Policy.parse(text)
    return caught.value


def error_of(text: str | bytes) -> PolicySyntaxError | None:
    """The documented error; any other escapes and fails the test."""
    try:
        Policy.parse(text)
    except PolicySyntaxError as error:
        return error
    return None


def place(error: PolicySyntaxError) -> tuple[int, int, int]:
    return error.line, error.column, error.offset


def test_the_good_document_is_read() -> None:
    assert Policy.parse(GOOD).statements[0].effect == "Allow"
    assert Policy.parse(GOOD.encode()).statements[0].actions == ("*",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "}",
        "[]",
        '"text"',
        "null",
        "true",
        "12",
        GOOD[:-1],
        GOOD + "x",
        GOOD + GOOD,
        GOOD.replace(",", ",,", 1),
        GOOD.replace("]", ",]"),
        GOOD.replace("}]}", "},]}"),
        GOOD.replace('"', "'"),
        GOOD.replace('"Version"', "Version"),
        GOOD.replace('"Allow"', '"Al\nlow"'),
        GOOD.replace('"Allow"', '"Al\\xlow"'),
        GOOD.replace('"Allow"', '"Allow'),
        GOOD.replace('"Allow"', "01"),
        GOOD.replace('"Allow"', "+1"),
        GOOD.replace('"Allow"', "1."),
        GOOD.replace('"Allow"', ".5"),
        GOOD.replace('"Allow"', "0x10"),
        GOOD.replace('"Allow"', "1e"),
        GOOD.replace('"Allow"', "True"),
        GOOD.replace('"Allow"', "nul"),
        "// comment\n" + GOOD,
        GOOD + "/* comment */",
        GOOD.replace(":", " : \x0b", 1),
        GOOD.replace(":", ": \u00a0", 1),
        GOOD + "\x00",
    ],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    refused(text)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity", "nan"])
def test_constants_that_json_does_not_know(constant: str) -> None:
    error = refused(GOOD.replace('"*"}', f'"*","Condition":{{"NumericEquals":{{"s3:max-keys":{constant}}}}}}}', 1))
    assert error.offset == GOOD.index('"*"}') + len('"*","Condition":{"NumericEquals":{"s3:max-keys":')


def test_a_byte_order_mark_is_refused_at_the_start() -> None:
    assert place(refused("\ufeff" + GOOD)) == (1, 1, 0)
    assert place(refused(b"\xef\xbb\xbf" + GOOD.encode())) == (1, 1, 0)


def test_invalid_utf8_is_refused_where_it_stands() -> None:
    start = b'{\n  "Version": "'
    assert place(refused(start + b"\xff" + GOOD.encode())) == (2, 15, 16)
    assert place(refused('{\n "ü": "'.encode() + b"\xc3(")) == (2, 8, 9)
    assert refused(b"\xff\xfe{\x00}\x00").offset == 0  # UTF-16
    refused(GOOD.encode("utf-16"))
    refused(GOOD.encode().replace(b"Allow", b"A\xed\xa0\x80"))  # a surrogate written as UTF-8
    refused(GOOD.encode().replace(b"Allow", b"A\xc0\xaf"))  # an overlong form
    refused(GOOD.encode().replace(b"Allow", b"A\xf5\x80\x80\x80"))  # beyond U+10FFFF


@pytest.mark.parametrize(
    "escape", ["\\ud800", "\\udc00", "\\ud800x", "\\ud800\\u0041", "\\udc00\\ud800", "\\ud800\\ud800"]
)
def test_lone_surrogates_are_refused_where_they_stand(escape: str) -> None:
    text = GOOD.replace('"*"}', f'"arn:aws:s3:::{escape}"}}', 1)
    assert refused(text).offset == text.index("\\u")


@pytest.mark.parametrize("code", [0xD800, 0xDBFF, 0xDC00, 0xDFFF])
def test_raw_surrogates_are_refused_where_they_stand(code: int) -> None:
    surrogate = chr(code)
    text = "\n" + GOOD.replace('"*"}', f'"arn:aws:s3:::{surrogate}"}}', 1)
    error = refused(text)
    assert (error.line, error.offset) == (2, text.index(surrogate))


def test_a_surrogate_pair_is_one_character() -> None:
    policy = Policy.parse(GOOD.replace('"*"}', '"arn:aws:s3:::\\ud83d\\ude00"}', 1))
    assert policy.statements[0].resources == ("arn:aws:s3:::\U0001f600",)


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        (GOOD.replace('"Version":"2012-10-17"', '"Version":"2012-10-17","Version":"2008-10-17"'), '"Version":"2008'),
        (GOOD.replace('"Effect":"Allow"', '"Effect":"Allow",\n"Effect":"Deny"'), '"Effect":"Deny"'),
        (GOOD.replace('"Effect":"Allow"', '"Effect":"Allow","\\u0045ffect":"Deny"'), '"\\u0045ffect"'),
        (GOOD.replace('"*"}', '"*","Condition":{"Bool":{"a:b":"true"},"Bool":{}}}', 1), '"Bool":{}'),
        (GOOD.replace('"*"}', '"*","Condition":{"Bool":{"a:b":"true","a:b":"false"}}}', 1), '"a:b":"false"'),
        (GOOD.replace('"*"}', '"*","Principal":{"AWS":"*",\n "AWS":"111122223333"}}', 1), '"AWS":"111122223333"'),
        (GOOD[:-1] + f',"Statement":[{STATEMENT}]}}', '"Statement"'),
    ],
)
def test_duplicate_keys_are_refused_where_the_second_stands(text: str, repeated: str) -> None:
    offset = text.rindex(repeated)
    error = refused(text)
    assert place(error) == (text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset), offset)


@pytest.mark.parametrize("opening", ["[", '{"a":', "[[{}],", '[{"Statement":'])
def test_deep_nesting_is_refused(opening: str) -> None:
    for depth in (MAX_DEPTH + 1, 1000, 100_000):
        refused(opening * depth)
    refused(GOOD.replace('"*"}', '"*","Condition":' + "[" * 10_000 + "]" * 10_000 + "}", 1))


def test_nesting_up_to_the_bound_is_read_as_json() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert parse(text).kind == "array"
    with pytest.raises(PolicySyntaxError):
        parse(f"[{text}]")


def test_brackets_inside_strings_are_no_nesting() -> None:
    policy = Policy.parse(GOOD.replace('"*"}', '"arn:aws:s3:::' + "[{" * 500 + '"}', 1))
    assert policy.statements[0].resources == ("arn:aws:s3:::" + "[{" * 500,)


def test_long_numbers_are_refused() -> None:
    def document(number: str) -> str:
        return GOOD.replace('"*"}', f'"*","Condition":{{"NumericEquals":{{"a:b":{number}}}}}}}', 1)

    longest = "9" * MAX_NUMBER_CHARACTERS
    assert Policy.parse(document(longest)).statements[0].conditions[0].values == (longest,)
    for number in (longest + "9", "1e" + longest, "0." + longest, "9" * 1_000_000):
        assert refused(document(number)).offset == document(number).index(number)


def test_numbers_keep_the_text_they_were_written_with() -> None:
    for number in ("0", "-0", "10", "1.50", "1E5", "1e-5", "9007199254740993", "0.1"):
        text = GOOD.replace('"*"}', f'"*","Condition":{{"NumericEquals":{{"a:b":{number}}}}}}}', 1)
        assert Policy.parse(text).statements[0].conditions[0].values == (number,)


def test_long_documents_are_refused_before_they_are_read() -> None:
    refused(GOOD + " " * MAX_CHARACTERS)
    refused(GOOD.encode() + b" " * (4 * MAX_CHARACTERS + 1))


@pytest.mark.parametrize(
    "change",
    [
        ('"Allow"', '"allow"'),
        ('"Allow"', '"ALLOW"'),
        ('"Allow"', "null"),
        ('"Allow"', '["Allow"]'),
        ('"Effect"', '"effect"'),
        ('"Statement"', '"statement"'),
        ('"2012-10-17"', '"2012-10-18"'),
        ('"2012-10-17"', "20121017"),
        ('"2012-10-17"', "null"),
        ('"Action":"*"', '"Action":null'),
        ('"Action":"*"', '"Action":7'),
        ('"Action":"*"', '"Action":["*",7]'),
        ('"Action":"*"', '"Action":{"a":"*"}'),
        ('"Action":"*"', '"Action":[["*"]]'),
        ('"Action":"*"', '"Action":"*","NotAction":"s3:*"'),
        ('"Action":"*",', ""),
        ('"Resource":"*"', '"Resource":"*","NotResource":"*"'),
        ('"Resource":"*"', '"Resource":true'),
        ('"Resource":"*"', '"Resource":"*","Condition":[]'),
        ('"Resource":"*"', '"Resource":"*","Condition":null'),
        ('"Resource":"*"', '"Resource":"*","Condition":{"StringMatches":{"a:b":"c"}}'),
        ('"Resource":"*"', '"Resource":"*","Condition":{"NullIfExists":{"a:b":"true"}}'),
        ('"Resource":"*"', '"Resource":"*","Condition":{"ForSomeValues:StringEquals":{"a:b":"c"}}'),
        ('"Resource":"*"', '"Resource":"*","Condition":{"StringEquals":"a:b"}'),
        ('"Resource":"*"', '"Resource":"*","Condition":{"StringEquals":{"a:b":null}}'),
        ('"Resource":"*"', '"Resource":"*","Condition":{"StringEquals":{"a:b":{"c":"d"}}}'),
        ('"Resource":"*"', '"Resource":"*","Condition":{"StringEquals":{"a:b":[["c"]]}}'),
        ('"Resource":"*"', '"Resource":"*","condition":{}'),
        ('"Resource":"*"', '"Resource":"*","Conditions":{}'),
        ('"Resource":"*"', '"Resource":"*","Principal":{"Aws":"*"}'),
        ('"Resource":"*"', '"Resource":"*","Principal":["*"]'),
        ('"Resource":"*"', '"Resource":"*","Principal":"*","NotPrincipal":"*"'),
        ('"Resource":"*"', '"Resource":"*","Sid":7'),
        (f"[{STATEMENT}]", '"x"'),
        (f"[{STATEMENT}]", "null"),
        (f"[{STATEMENT}]", f"[[{STATEMENT}]]"),
        (f"[{STATEMENT}]", '[{"Effect":"Allow"}]'),
        (f',"Statement":[{STATEMENT}]', ""),
    ],
)
def test_what_cannot_be_evaluated_is_refused(change: tuple[str, str]) -> None:
    text = GOOD.replace(*change, 1)
    assert text != GOOD
    error = refused(text)
    assert 0 <= error.offset <= len(text)
    assert error.line == 1
    assert error.column == error.offset + 1
    with pytest.raises(PolicySyntaxError):
        Policy.from_value(json.loads(text))


@often
@given(st.binary(max_size=200))
def test_random_bytes_raise_only_the_documented_error(data: bytes) -> None:
    error = error_of(data)
    if error:
        assert error.offset >= 0
        assert error.line >= 1
        assert error.column >= 1


@often
@given(st.text(max_size=60), st.integers(0, len(GOOD)), st.integers(0, 12))
def test_damaged_documents_raise_only_the_documented_error(noise: str, start: int, length: int) -> None:
    text = GOOD[:start] + noise + GOOD[start + length :]
    error = error_of(text)
    if error:
        assert 0 <= error.offset <= len(text)
        assert error.line == text.count("\n", 0, error.offset) + 1
    else:
        assert Policy.parse(text).text == text


ELEMENTS = st.sampled_from(
    ["Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction"]
) | st.sampled_from(["Resource", "Condition", "AWS", "Service", "StringEquals", "Null", "ForAllValues:Bool", "x"])
WORDS = st.sampled_from(
    ["Allow", "Deny", "*", "2012-10-17", "2008-10-17", "s3:GetObject", "true", "${", "${aws:username}"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=4)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ELEMENTS, inner, max_size=5), max_leaves=12
)


@often
@given(VALUES)
def test_random_values_raise_only_the_documented_error(value: Any) -> None:
    try:
        policy = Policy.from_value(value)
    except PolicySyntaxError:
        return
    assert Policy.parse(policy.text).statements == policy.statements


@rarely
@given(VALUES)
def test_our_reader_reads_what_the_standard_library_writes(value: Any) -> None:
    text = json.dumps(value)
    try:
        tree = parse(text)
    except PolicySyntaxError:
        assert (
            any(word in text for word in ("NaN", "Infinity", "\\ud"))
            or max(map(len, text.split(","))) > MAX_NUMBER_CHARACTERS
        )
        return
    expected = json.loads(text, parse_int=str, parse_float=str)
    assert tree.decoded() == expected


EVIL = """
import random, sys
from engine import Policy, Request, Principal, Policies, NamedPolicy, evaluate
length = 100_000
stars = "*a" * 2000 + "*b"
marks = "*a?" * 2000 + "*b"
long_marks = ("*" + "a?" * 200) * 10 + "*b"
text = "a" * length
alice = Principal.from_arn("arn:aws:iam::111122223333:user/alice")
def decide(statement, action="s3:GetObject", resource="arn:aws:s3:::x", context={}):
    policy = Policy.from_value({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
    policies = Policies(identity=[NamedPolicy("evil", policy, "user-managed")])
    return evaluate(Request(alice, action, resource, context), policies).outcome
for pattern in (stars, marks, long_marks, "*" * 5000 + "b", "?" * length + "b", "*a" * 1000 + "?" * 1000 + "*b"):
    for outcome in (
        decide({"Action": "*", "Resource": "arn:aws:s3:::" + pattern}, resource="arn:aws:s3:::" + text),
        decide({"Action": "*", "Resource": pattern}, resource=text),
        decide({"Action": "s3:" + pattern, "Resource": "*"}, action="s3:" + text),
        decide({"Action": "*", "Resource": "*", "Condition": {"StringLike": {"s3:prefix": pattern}}}, context={"s3:prefix": text}),
        decide({"Action": "*", "Resource": "*", "Condition": {"ArnLike": {"aws:SourceArn": "arn:*:*:*:*:" + pattern}}},
               context={"aws:SourceArn": "arn:a:a:a:a:" + text}),
        decide({"Action": "*", "Resource": "arn:aws:s3:::${aws:PrincipalTag/t}" + pattern}, resource="arn:aws:s3:::" + text,
               context={"aws:PrincipalTag/t": "a"}),
    ):
        assert outcome == "implicitDeny", (pattern[:20], outcome)
assert decide({"Action": "*", "Resource": "arn:aws:s3:::" + stars[:-1]}, resource="arn:aws:s3:::" + text) == "allowed"
assert decide({"Action": "*", "Resource": "arn:aws:s3:::" + marks[:-1]}, resource="arn:aws:s3:::" + text) == "allowed"
print("finished")
"""


def test_hostile_patterns_finish() -> None:
    """A backtracking matcher would need longer than the age of the world; the bound is generous for slow machines."""
    done = subprocess.run(
        [sys.executable, "-c", EVIL], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "finished", done.stderr


@pytest.mark.parametrize(
    "values",
    [
        ["NaN", "sNaN", "Infinity", "1e999999999", "1" * 10_000, "", " ", "1 ", "１", "0x1", "1_000", "--1", "+"],
        [
            "9" * 400,
            "-" * 50,
            "2026-13-01",
            "2026-02-30T00:00:00Z",
            "0000-00-00",
            "2026-01-01T25:00:00Z",
            "T",
            "20260101T000000Z",
        ],
        [
            "999.1.1.1",
            "1.2.3",
            "::::",
            "1.2.3.4/99",
            "fe80::1%eth0",
            "01.02.03.04",
            "/",
            "1.2.3.4/-1",
            "1.2.3.4/0.0.0.255",
        ],
        ["=", "====", "Q", "QQ", "QQ=", "Q Q=", "\x00", "é", "QUJD" * 10_000],
        ["arn", "arn:", "arn:::::", ":::::", ":" * 10_000, "arn:aws:s3:::" + "*" * 1000],
        ["${", "${}", "${*", "${${aws:username}}", "${aws:username,}", "${aws:username, '}", "${, ''}", "$" * 1000],
    ],
)
def test_hostile_condition_values_match_nothing_they_should_not(values: list[str]) -> None:
    from engine import NamedPolicy, Policies, Principal, Request, evaluate

    alice = Principal.from_arn("arn:aws:iam::111122223333:user/alice")
    for operator in (
        "NumericLessThan",
        "NumericEquals",
        "DateLessThan",
        "DateEquals",
        "IpAddress",
        "ArnLike",
        "Bool",
        "BinaryEquals",
    ):
        for wanted in values:
            policy = Policy.from_value(
                {
                    "Version": "2012-10-17",
                    "Statement": {
                        "Effect": "Allow",
                        "Action": "*",
                        "Resource": "*",
                        "Condition": {operator: {"x:y": wanted}},
                    },
                }
            )
            policies = Policies(identity=[NamedPolicy("hostile", policy, "user-managed")])
            for given_value in ("plain text", "\x00", ""):
                request = Request(alice, "s3:GetObject", "arn:aws:s3:::x", {"x:y": given_value})
                assert evaluate(request, policies).outcome == "implicitDeny", (operator, wanted, given_value)
