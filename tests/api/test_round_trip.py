"""Every operation's generated parameters through botocore's serializer and our parser, every result through ours and botocore's parser."""

from datetime import UTC, datetime

import botocore.session
import pytest
from botocore import xform_name
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import parse, serialise

SESSION = botocore.session.Session()
MODELS = {name: SESSION.get_service_model(name) for name in ("iam", "sts")}
OPERATIONS = [(service, name) for service, model in MODELS.items() for name in model.operation_names]
WRITABLE = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n\r&<>\"'% +")
MOMENTS = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


def values(shape, depth=0):
    kind = shape.type_name
    if kind == "structure":
        required = {
            name: values(inner, depth + 1) for name, inner in shape.members.items() if name in shape.required_members
        }
        optional = {
            name: values(inner, depth + 1)
            for name, inner in shape.members.items()
            if name not in shape.required_members
        }
        return st.fixed_dictionaries(required, optional=optional if depth < 4 else {})
    if kind == "list":
        return st.lists(values(shape.member, depth + 1), max_size=3)
    if kind == "map":
        return st.dictionaries(st.text(WRITABLE, min_size=1, max_size=6), values(shape.value, depth + 1), max_size=3)
    return {
        "string": st.text(WRITABLE, max_size=12),
        "integer": st.integers(-(2**31), 2**31 - 1),
        "long": st.integers(-(2**31), 2**31 - 1),
        "double": st.floats(allow_nan=False, allow_infinity=False),
        "float": st.floats(allow_nan=False, allow_infinity=False, width=32),
        "boolean": st.booleans(),
        "timestamp": MOMENTS,
        "blob": st.binary(max_size=12),
    }[kind]


def normal(value):
    """Flat fields hold no trace of an empty structure or map, nor of a list of such; an empty list has its own test."""
    if isinstance(value, dict):
        found = {name: normal(item) for name, item in value.items()}
        return {name: item for name, item in found.items() if item is not None} or None
    if isinstance(value, list):
        return [item for item in map(normal, value) if item is not None] or None
    return value


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
def test_parameters_arrive_as_they_were_given(service, name):
    model = MODELS[service].operation_model(name)
    if model.input_shape is None:
        assert parse.parameters(model, {"Action": name, "Version": "x"}) == {}
        return
    serializer = create_serializer("query", include_validation=False)

    @settings(max_examples=5, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(values(model.input_shape))
    def round_trip(params):
        from urllib.parse import urlencode

        body = serializer.serialize_to_request(params, model)["body"]
        arrived = parse.parameters(model, parse.fields_of(urlencode(body).encode()))
        expected = {xform_name(key): value for key, value in params.items()}
        assert normal(arrived) == normal(expected)

    round_trip()


@pytest.mark.parametrize(("service", "name"), OPERATIONS)
def test_results_arrive_as_they_were_given(service, name):
    model = MODELS[service].operation_model(name)
    if model.output_shape is None:
        text = serialise.answer(model, {}, "https://iam.amazonaws.com/doc/2010-05-08/", "id")
        assert "Result" not in text
        return
    parser = create_parser("query")

    @settings(max_examples=5, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(values(model.output_shape))
    def round_trip(result):
        text = serialise.answer(model, result, "https://iam.amazonaws.com/doc/2010-05-08/", "the-id")
        parsed = parser.parse({"status_code": 200, "headers": {}, "body": text.encode()}, model.output_shape)
        assert parsed.pop("ResponseMetadata")["RequestId"] == "the-id"
        assert decoded(model.output_shape, parsed) == result

    round_trip()


def decoded(shape, value):
    """Undo the percent-encoding of policy documents, which botocore leaves to its handlers."""
    from urllib.parse import unquote

    if shape.type_name == "structure":
        return {name: decoded(shape.members[name], item) for name, item in value.items()}
    if shape.type_name == "list":
        return [decoded(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {name: decoded(shape.value, item) for name, item in value.items()}
    return unquote(value) if shape.name in serialise.DOCUMENTS else value


def test_what_xml_cannot_hold_becomes_the_replacement_character():
    text = serialise.error("Code", "a\x00b\x1f<&>\ud800", "ns", "id")
    assert "a\ufffdb\ufffd&lt;&amp;&gt;\ufffd" in text
    text.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"A=1&A=2", {"A": "1"}),
        (b"A=%C3%A4+b&B", {"A": "ä b", "B": ""}),
        (b"&&=x&A==", {"A": "="}),
        (b"A=%zz", {"A": "%zz"}),
    ],
)
def test_fields(text, expected):
    assert parse.fields_of(text) == expected


def test_fields_that_are_refused():
    from api.errors import MalformedQueryString

    for text in (b"&".join([b"a=1"] * 10_000), b"A=%ff", b"\xff=1"):
        with pytest.raises(MalformedQueryString):
            parse.fields_of(text)
    model = MODELS["iam"].operation_model("TagUser")
    for name in ("Tags.member." * 20, "Tags." + "x" * 1000):
        with pytest.raises(MalformedQueryString):
            parse.parameters(model, {name: "1"})


@pytest.mark.parametrize(
    ("value", "message"),
    [("", "missing value for decimal type"), ("abc", ""), ("1.5", ""), ("2147483648", ""), ("٣", "")],
)
def test_numbers_that_are_none(value, message):
    from api.errors import MalformedInput

    with pytest.raises(MalformedInput) as refused:
        parse.parameters(MODELS["iam"].operation_model("ListUsers"), {"MaxItems": value})
    assert refused.value.message == message


def test_indices_count_in_their_order_whatever_the_gaps():
    model = MODELS["iam"].operation_model("UntagUser")
    fields = {
        "TagKeys.member.10": "c",
        "TagKeys.member.2": "b",
        "TagKeys.member.x": "no",
        "UserName": "u",
        "TagKeys.member.1": "a",
    }
    assert parse.parameters(model, fields) == {"user_name": "u", "tag_keys": ["a", "b", "c"]}
    assert parse.parameters(model, {"TagKeys": ""}) == {"tag_keys": []}
