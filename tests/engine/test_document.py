"""Reading documents: places, bounds, and that the quick reader and the one with places agree."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Policy, PolicySyntaxError
from engine.document import Principals, decoded_json
from engine.json_tree import MAX_CHARACTERS, MAX_DEPTH, MAX_NUMBER_CHARACTERS, NumberText, parse

DOCUMENT = """{
  "Version": "2012-10-17",
  "Id": "example",
  "Statement": [
    {"Sid": "One", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*",
     "Condition": {"NumericLessThan": {"s3:max-keys": [10, 1.50, true]}}},
    {"Effect": "Deny", "NotAction": "iam:*", "NotResource": ["arn:aws:s3:::a"], "NotPrincipal": {"AWS": "*"}}
  ]
}"""


def statement(**elements: Any) -> dict[str, Any]:
    return {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}}


def test_a_document_becomes_statements() -> None:
    policy = Policy.parse(DOCUMENT)
    first, second = policy.statements
    assert (policy.version, policy.id) == ("2012-10-17", "example")
    assert (first.sid, first.effect, first.actions, first.resources) == (
        "One",
        "Allow",
        ("s3:GetObject", "s3:PutObject"),
        ("*",),
    )
    assert first.conditions[0].values == ("10", "1.50", "true")
    assert (second.actions, second.not_actions, second.not_resources) == (None, ("iam:*",), ("arn:aws:s3:::a",))
    assert second.not_principal == Principals(aws=("*",))


def test_elements_know_their_places() -> None:
    policy = Policy.parse(DOCUMENT)
    first, second = policy.statements
    assert (first.span.start_line, first.span.start_column, second.span.start_line) == (5, 5, 7)
    action = first.value_span("Action", 1)
    assert action is not None
    assert DOCUMENT[action.start_offset : action.end_offset] == '"s3:PutObject"'
    condition = first.conditions[0].span
    assert DOCUMENT[condition.start_offset : condition.end_offset] == "[10, 1.50, true]"
    assert first.element_span("NotAction") is None


def test_a_policy_from_a_value_has_text_and_places() -> None:
    policy = Policy.from_value(json.loads(DOCUMENT))
    assert json.loads(policy.text) == json.loads(DOCUMENT)
    assert policy.text.splitlines()[policy.statements[1].span.start_line - 1].strip() == "{"
    assert Policy.parse(policy.text).statements == policy.statements


def test_a_missing_version_means_2008() -> None:
    assert Policy.from_value(statement()).version == "2008-10-17"
    assert not Policy.from_value(statement()).has_variables


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", (1, 1), "ends too early"),
        ("[1,]", (1, 4), "comma"),
        ('{"a": 1 "b": 2}', (1, 9), "comma"),
        ("{'a': 1}", (1, 2), "double quotes"),
        ('{"a" 1}', (1, 6), "colon"),
        ('{"a": NaN}', (1, 7), "value is expected"),
        ('{"a": Infinity}', (1, 7), "value is expected"),
        ('{"a": 01}', (1, 7), "number"),
        ('{"a": 1.}', (1, 7), "number"),
        ('{"a": -}', (1, 7), "number"),
        ('{"a": 1' + "0" * MAX_NUMBER_CHARACTERS + "}", (1, 7), "longer"),
        ('{"a":\n "b\nc"}', (2, 4), "control character"),
        ('{"a": "\\x"}', (1, 8), "escape"),
        ('{"a": "\\ud800"}', (1, 8), "surrogate"),
        ('{"a": "\ud800"}', (1, 8), "surrogate"),
        ('{"a": "b', (1, 7), "does not end"),
        ("{} {}", (1, 4), "after the end"),
        ("\ufeff{}", (1, 1), "byte order mark"),
        ("[" * (MAX_DEPTH + 1), (1, MAX_DEPTH + 1), "deeper"),
    ],
)
def test_what_is_no_json_is_refused_at_its_place(text: str, place: tuple[int, int], words: str) -> None:
    with pytest.raises(PolicySyntaxError) as raised:
        parse(text)
    assert (raised.value.line, raised.value.column) == place
    assert words in raised.value.message
    with pytest.raises(PolicySyntaxError):
        Policy.parse(text)


def test_invalid_utf8_is_refused_at_its_place() -> None:
    with pytest.raises(PolicySyntaxError) as raised:
        Policy.parse('{"ä":\n "'.encode() + b"\xff")
    assert (raised.value.line, raised.value.column, raised.value.offset) == (2, 3, 8)


def test_size_is_bounded() -> None:
    with pytest.raises(PolicySyntaxError, match="longer"):
        Policy.parse(" " * (MAX_CHARACTERS + 1))
    with pytest.raises(PolicySyntaxError, match="longer"):
        Policy.parse(b" " * (4 * MAX_CHARACTERS + 1))


def test_surrogate_pairs_and_escapes_are_read() -> None:
    assert parse('"\\ud83d\\ude00 \\u00e4 \\n\\/"').value == "😀 ä \n/"


@pytest.mark.parametrize(
    ("document", "element", "words"),
    [
        ('{"Statement": [], "Statement": []}', "Statement", "twice"),
        ('{"Statement": {"Effect": "Allow", "Effect": "Deny", "Action": "*"}}', "Effect", "twice"),
        ('{"statement": []}', "statement", "no element"),
        ('{"Version": "2020-01-01", "Statement": []}', "Version", "Version"),
        ('{"Id": 5, "Statement": []}', "Id", "string"),
        ('{"Version": "2012-10-17"}', "", "no Statement"),
        ("[]", "", "object"),
        ('{"Statement": "x"}', "Statement", "list"),
        ('{"Statement": [5]}', "", "object"),
        ('{"Statement": {"Effect": "allow", "Action": "*"}}', "Effect", "Allow or Deny"),
        ('{"Statement": {"Effect": "Allow"}}', "", "neither"),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "NotAction": "*"}}', "NotAction", "not both"),
        (
            '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "NotResource": "*"}}',
            "NotResource",
            "not both",
        ),
        (
            '{"Statement": {"Effect": "Allow", "Action": "*", "Principal": "*", "NotPrincipal": "*"}}',
            "NotPrincipal",
            "not both",
        ),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "Conditions": {}}}', "Conditions", "no element"),
        ('{"Statement": {"Effect": "Allow", "Action": 5}}', "Action", "string"),
        ('{"Statement": {"Effect": "Allow", "Action": ["*", null]}}', "Action", "string"),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "Sid": 5}}', "Sid", "string"),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "Principal": ["*"]}}', "Principal", "object"),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "Principal": {"aws": "*"}}}', "aws", "no element"),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "Condition": []}}', "Condition", "object"),
        (
            '{"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"StringIs": {"a:b": "c"}}}}',
            "StringIs",
            "no condition",
        ),
        (
            '{"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"NullIfExists": {"a:b": "true"}}}}',
            "Null",
            "no condition",
        ),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"Bool": "true"}}}', "Bool", "keys and values"),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"Bool": {"": "true"}}}}', "Bool", "empty"),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"Bool": {"a:b": {}}}}}', "a:b", "value"),
        ('{"Statement": {"Effect": "Allow", "Action": "*", "Condition": {"Bool": {"a:b": null}}}}', "a:b", "value"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_at_its_place(document: str, element: str, words: str) -> None:
    with pytest.raises(PolicySyntaxError) as raised:
        Policy.parse(document)
    assert words in raised.value.message
    assert raised.value.line == 1
    if element:
        assert raised.value.offset >= document.index(element) - 1
    if "twice" not in words:
        with pytest.raises(PolicySyntaxError):
            Policy.from_value(json.loads(document))


def test_operators_are_known_with_their_prefixes_and_suffixes_in_any_case() -> None:
    for name in ("stringequals", "ForAnyValue:ArnLikeIfExists", "FORALLVALUES:BOOL", "Null", "ForAnyValue:Null"):
        assert (
            Policy.from_value(statement(Condition={name: {"aws:x": "y"}})).statements[0].conditions[0].operator == name
        )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, b"x", object()])
def test_values_that_json_cannot_hold_are_refused(value: object) -> None:
    with pytest.raises(PolicySyntaxError):
        Policy.from_value(statement(Condition={"StringEquals": {"a:b": value}}))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def plain(value: Any) -> Any:
    if isinstance(value, NumberText):
        return json.loads(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


@given(values, st.sampled_from([None, 2]), st.booleans())
def test_both_readers_read_what_json_writes(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert plain(parse(text).decoded()) == value
    assert plain(decoded_json(text)) == value


@given(st.text(alphabet='{}[]",:\\u0d8 \n1-.eEtrufalsn', max_size=40))
def test_both_readers_refuse_the_same(text: str) -> None:
    def read(reader: Any) -> Any:
        try:
            return reader(text)
        except PolicySyntaxError as error:
            return error.message.startswith("The key ") or None

    own = read(lambda given: parse(given).decoded())
    quick = read(decoded_json)
    assert own == quick or quick is True


@given(st.text(max_size=30))
def test_spans_cut_out_what_they_say(text: str) -> None:
    document = json.dumps({"a": [1, text]}, ensure_ascii=False, indent=1)
    node = parse(document).members[0].value.items[1]
    cut = document[node.span.start_offset : node.span.end_offset]
    assert json.loads(cut) == node.value == text
    line = document.split("\n")[node.span.start_line - 1]
    assert line[node.span.start_column - 1 :].startswith('"')
