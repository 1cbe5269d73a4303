"""Every parameter of every operation with values that break parsers, columns and XML: AWS's errors or an answer, never a fault of ours."""

from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import quote_plus
from xml.etree import ElementTree as ET

import pytest
from botocore.serialize import create_serializer

from operations.contract import service_model
from tests.api import world
from tests.api.sending import send
from tests.api.test_every_operation import AWS
from tests.operations.test_every_operation import example

# Three bytes a character, and none like the one before it: what no column, index or compression makes small.
WIDE = "".join(chr(0x4E00 + (number * 7919) % 20_000) for number in range(2000))
TEXTS = {
    "empty": "",
    "odd": "]]></x><!--&#0;&lt;'\"\x01\x0b\ufffe\uffff a\u0301\u202e\U0001f600\u00ad\ufeff *?%_\\ ../..",
    "wide": WIDE,
}
ARNS = {
    "wide-policy": f"arn:aws:iam::123456789012:policy/{WIDE}"[:2048],
    "wide-user": f"arn:aws:iam::123456789012:user/{WIDE}"[:2048],
    "wide-role": f"arn:aws:iam::123456789012:role/{WIDE}"[:2048],
}
DOCUMENTS = {
    "deep": "[" * 5000,
    "wide-document": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"' + WIDE + '"}]}',
    "surrogate": '{"Version":"2012-10-17","Id":"\\ud800","Statement":[{"Sid":"\\udfff","Effect":"Allow","Action":"*","Resource":"\\ud800"}]}',
}
NUMBERS = {"huge": "9" * 400, "negative": "-1", "float": "1e999", "digits": "٣"}
DATES = {"nowhen": "0000-00-00T99:99:99Z", "far": "9" * 30, "text": "soon"}


def values(field: str, shape: Any) -> dict[str, str]:
    """What is tried on a field."""
    if shape is None or shape.type_name in {"integer", "long", "boolean"}:
        return NUMBERS
    if shape.type_name == "timestamp":
        return DATES
    name = f"{field} {shape.name}".lower()
    return TEXTS | (ARNS if "arn" in name else {}) | (DOCUMENTS if "document" in name or "polic" in name else {})


def base(model: Any, made: dict[str, Any]) -> dict[str, Any]:
    """Parameters that fit: every member that the world has, and those that are required."""
    shape = model.input_shape
    if shape is None:
        return {}
    wanted = {name for name in shape.members if name in made} | set(shape.required_members)
    return {name: made.get(name, example(name, shape.members[name])) for name in wanted}


def leaves(shape: Any, prefix: str = "", depth: int = 3) -> Iterator[tuple[str, Any]]:
    """The fields that a shape has on the wire, with their shapes; a single member for each list."""
    if depth == 0:
        return
    if shape.type_name == "structure":
        for name, inner in shape.members.items():
            yield from leaves(inner, f"{prefix}.{name}" if prefix else name, depth - 1 if prefix else depth)
    elif shape.type_name == "list":
        yield from leaves(shape.member, f"{prefix}.member.1", depth - 1)
    elif shape.type_name == "map":
        yield from ((f"{prefix}.entry.1.key", shape.key), (f"{prefix}.entry.1.value", shape.value))
    else:
        yield prefix, shape


@pytest.mark.parametrize("names", world.parts(AWS), ids=count(1))
def test_no_value_makes_a_fault(names, account, system, admin_key, subtests):
    made = world.made(system)
    for name in names:
        service, _, action = name.partition(":")
        model = service_model(service).operation_model(action)
        given = base(model, made)
        wire = dict(create_serializer("query", include_validation=False).serialize_to_request(given, model)["body"])
        with subtests.test(name), world.taken_back():
            faults = []
            for field, shape in [*(leaves(model.input_shape) if model.input_shape else ()), ("Unknown", None)]:
                for kind, value in values(field, shape).items():
                    fields = {**wire, field: value}.items()
                    body = "&".join(f"{quote_plus(str(key))}={quote_plus(str(text))}" for key, text in fields)
                    answer = send(body, key=admin_key.key_id, service=service)
                    ET.fromstring(answer.content)
                    if answer.status_code >= 500:
                        faults.append((field, kind, answer.status_code, answer.content[:300]))
            assert faults == []
