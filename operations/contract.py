"""AWS's service model as the contract of every operation: parameter names, types, lengths, patterns, enums and secrets.

The model is botocore's (package data, no network). Operations of our own, which AWS does not have, are described in the same
form in `extension_model.json`, so that one validator, one recorder and one API serve both.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import regex
from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from operations import clock
from operations.errors import ValidationError

# Members of answers and requests that the model does not mark as sensitive, and that must not be recorded all the same.
SECRET_MEMBERS = frozenset(
    {"SessionToken", "TokenCode", "AuthenticationCode1", "AuthenticationCode2", "EncodedMessage", "DecodedMessage"}
)


# Shapes whose documented use goes beyond the pattern that the model gives them, by their names.
WIDER_PATTERNS = {
    "AttachmentName": r"[\w+=,.@*?-]+"
}  # «wildcard characters are supported» (InlinePolicyIdentifierType)


@cache
def service_model(service: str) -> ServiceModel:
    """botocore's model of `iam` or `sts`, or our own model for `extension`."""
    if service == "extension":
        path = Path(__file__).with_name("extension_model.json")
        return ServiceModel(json.loads(path.read_text(encoding="utf-8")), "iam")
    session = botocore.session.Session()
    return session.get_service_model(service)


@cache
def operation_model(service: str, name: str) -> OperationModel:
    """The model of one operation. Raises KeyError when neither AWS nor we have an operation of that name."""
    for model in (service_model(service), service_model("extension")):
        if name in model.operation_names:
            return model.operation_model(name)
    raise KeyError(f"{service}:{name}")


@cache
def parameter_names(service: str, name: str) -> Mapping[str, str]:
    """snake_case keyword → AWS's parameter name (`user_name` → `UserName`), as boto3 converts them."""
    shape = operation_model(service, name).input_shape
    return {xform_name(member): member for member in shape.members} if shape else {}


def validate(service: str, name: str, params: Mapping[str, Any]) -> None:
    """Check keyword arguments against the contract; raise ValidationError with every failure in AWS's one sentence."""
    shape = operation_model(service, name).input_shape
    failures: list[str] = []
    names = parameter_names(service, name)
    given = {names[key]: value for key, value in params.items()}
    if shape is not None:
        failures.extend(_structure(shape, given, ""))
    if failures:
        number = f"{len(failures)} validation error{'s' if len(failures) > 1 else ''} detected"
        raise ValidationError(f"{number}: {'; '.join(failures)}")


def _structure(shape: StructureShape, value: Mapping[str, Any], where: str) -> Iterator[str]:
    for required in shape.required_members:
        if value.get(required) is None:
            yield failure(join(where, required), "Member must not be null")
    for member, given in value.items():
        if given is not None and member in shape.members:
            yield from _value(shape.members[member], given, join(where, member))


def _value(shape: Shape, value: Any, where: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, where)
    elif isinstance(shape, ListShape):
        yield from _length(shape, len(value), where)
        for number, item in enumerate(value, 1):
            yield from _value(shape.member, item, f"{where}.{number}.member")
    elif isinstance(shape, MapShape):
        yield from _length(shape, len(value), where)
    elif isinstance(shape, Shape) and shape.type_name == "string":
        yield from _string(shape, value, where)
    elif shape.type_name in {"integer", "long"}:
        yield from _number(shape, value, where)


def _string(shape: Shape, value: str, where: str) -> Iterator[str]:
    yield from _length(shape, len(value), where)
    if shape.enum and value not in shape.enum:
        yield failure(where, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    pattern = WIDER_PATTERNS.get(shape.name) or shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        yield failure(where, f"Member must satisfy regular expression pattern: {pattern}")


def _length(shape: Shape, length: int, where: str) -> Iterator[str]:
    if length < shape.metadata.get("min", 0):
        yield failure(where, f"Member must have length greater than or equal to {shape.metadata['min']}")
    if length > shape.metadata.get("max", length):
        yield failure(where, f"Member must have length less than or equal to {shape.metadata['max']}")


def _number(shape: Shape, value: int, where: str) -> Iterator[str]:
    if value < shape.metadata.get("min", value):
        yield failure(where, f"Member must have value greater than or equal to {shape.metadata['min']}")
    if value > shape.metadata.get("max", value):
        yield failure(where, f"Member must have value less than or equal to {shape.metadata['max']}")


@cache
def _compiled(pattern: str) -> "regex.Pattern[str]":
    # AWS's patterns are Java's: \w means ASCII there, and \p{L} is understood by the regex package only.
    flags = regex.VERSION0 if r"\p{" in pattern else regex.VERSION0 | regex.ASCII
    return regex.compile(pattern, flags)


def violations(shape: Shape, value: Any, where: str = "") -> Iterator[str]:
    """Which limits, patterns and requirements of the model a value breaks, in AWS's words. Its types must be right already."""
    yield from _value(shape, value, where)


def failure(where: str, constraint: str) -> str:
    """AWS's sentence for one value that breaks one constraint."""
    return f"Value at '{where}' failed to satisfy constraint: {constraint}"


def join(where: str, member: str) -> str:
    """The name of a member in such a sentence: in lower camel case, after what it belongs to."""
    return f"{where}.{lower_camel(member)}" if where else lower_camel(member)


def lower_camel(member: str) -> str:
    """`UserName` → `userName`: the form of names in CloudTrail records and in validation sentences."""
    return member[:1].lower() + member[1:]


def recordable(shape: Shape | None, value: Any) -> Any:
    """A request or answer as a record may hold it: names in lower camel case, secrets masked, dates as ISO text."""
    if isinstance(value, Mapping):
        members = shape.members if isinstance(shape, StructureShape) else {}
        return {
            lower_camel(key): "***" if _secret(key, members.get(key)) else recordable(members.get(key), item)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list | tuple):
        inner = shape.member if isinstance(shape, ListShape) else None
        return [recordable(inner, item) for item in value]
    if isinstance(value, datetime):
        return clock.text(value)
    return value.decode("ascii", "replace") if isinstance(value, bytes) else value


def _secret(name: str, shape: Shape | None) -> bool:
    return name in SECRET_MEMBERS or bool(shape is not None and shape.metadata.get("sensitive"))
