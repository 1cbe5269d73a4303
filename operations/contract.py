"""AWS's service model as the contract of every operation: parameter names, types, lengths, patterns, enums and secrets.

The model is botocore's (package data, no network). Operations of our own, which AWS does not have, are described in the same
form in `extension_model.json`, so that one validator, one recorder and one API serve both.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

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
# Patterns for which AWS has a sentence of its own, told once all else is right (recorded of CreateVirtualMFADevice).
PATH_SENTENCE = (
    "The specified value for path is invalid. "
    "It must begin and end with / and contain only alphanumeric characters and/or / characters."
)
OWN_SENTENCES = {
    ("CreateVirtualMFADevice", "path"): PATH_SENTENCE,
    ("CreateVirtualMFADeviceFromSeed", "path"): PATH_SENTENCE,
}
MUST_MATCH = "Member must satisfy regular expression pattern: "
NAME_VALUES = frozenset({"sts"})  # the services whose sentences name the value; AWS IAM's do not (recorded of both)
NEVER_NULL = frozenset({"tagKeyType"})  # members of lists whose constraint says that they must not be null (recorded)


class Failure(NamedTuple):
    """One value that breaks one constraint; `told` is the value as a sentence may name it, with a blank after it."""

    where: str
    constraint: str
    told: str = ""


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
    names = parameter_names(service, name)
    given = {names[key]: value for key, value in params.items()}
    found = list(_structure(shape, given, "")) if shape is not None else []
    own = [one for one in found if (name, one.where) in OWN_SENTENCES and one.constraint.startswith(MUST_MATCH)]
    failures = [one for one in found if one not in own]
    if failures:
        raise ValidationError(refused(service, failures))
    if own:
        raise ValidationError(OWN_SENTENCES[name, own[0].where])


def refused(service: str, failures: Sequence[Failure]) -> str:
    """AWS's one sentence for everything that is wrong with a call's parameters."""
    named = service in NAME_VALUES
    said = "; ".join(failure(one.where, one.constraint, one.told if named else "") for one in failures)
    return f"{len(failures)} validation error{'s' if len(failures) > 1 else ''} detected: {said}"


def _structure(shape: StructureShape, value: Mapping[str, Any], where: str) -> Iterator[Failure]:
    for required in shape.required_members:
        if value.get(required) is None:
            yield Failure(join(where, required), "Member must not be null", "null ")
    for member, given in value.items():
        inner = shape.members.get(member)
        if given is None or inner is None or _fits(inner, given):
            continue
        for one in _value(inner, given, join(where, member)):
            yield one._replace(told="") if is_secret(member, inner) else one


def _fits(shape: Shape, value: Any) -> bool:
    """Whether it is a text with nothing wrong: nearly every value is one, and needs no name for a sentence about it."""
    if shape.type_name != "string":
        return False
    least, most, enum, matches = _limits(shape)
    return (
        least <= len(value) <= most and (not enum or value in enum) and (matches is None or matches(value) is not None)
    )


@cache
def _limits(shape: Shape) -> tuple[int, float, Sequence[str], Callable[[str], Any] | None]:
    """The least and greatest length of a text, the values that it may have, and the pattern that it must match."""
    pattern = _pattern(shape)
    matches = _compiled(pattern).fullmatch if pattern else None
    return shape.metadata.get("min", 0), shape.metadata.get("max", inf), shape.enum, matches


def _value(shape: Shape, value: Any, where: str) -> Iterator[Failure]:
    if isinstance(shape, StructureShape):
        yield from _structure(shape, value, where)
    elif isinstance(shape, ListShape):
        yield from _list(shape, value, where)
    elif isinstance(shape, MapShape):
        yield from _length(shape, len(value), where)
    elif isinstance(shape, Shape) and shape.type_name == "string":
        yield from _string(shape, value, where)
    elif shape.type_name in {"integer", "long"}:
        yield from _number(shape, value, where)


def _list(shape: ListShape, value: Sequence[Any], where: str) -> Iterator[Failure]:
    """A list of strings with a bad member is told as one failure, with all that a member must satisfy (recorded of AWS IAM)."""
    of_strings = shape.member.type_name == "string"
    told = f"'[{', '.join(value)}]' " if of_strings else ""
    yield from _length(shape, len(value), where, told)
    if not of_strings:
        for number, item in enumerate(value, 1):
            yield from _value(shape.member, item, f"{where}.{number}.member")
    elif any(True for item in value for _ in _string(shape.member, item, where)):
        yield Failure(where, f"Member must satisfy constraint: [{', '.join(_constraints(shape.member))}]", told)


def _constraints(shape: Shape) -> Iterator[str]:
    """All that a string must satisfy, in AWS's order."""
    if "max" in shape.metadata:
        yield f"Member must have length less than or equal to {shape.metadata['max']}"
    if "min" in shape.metadata:
        yield f"Member must have length greater than or equal to {shape.metadata['min']}"
    if shape.enum:
        yield _one_of(shape)
    if pattern := _pattern(shape):
        yield f"{MUST_MATCH}{pattern}"
    if shape.name in NEVER_NULL:
        yield "Member must not be null"


def _string(shape: Shape, value: str, where: str) -> Iterator[Failure]:
    told = f"'{value}' "
    yield from _length(shape, len(value), where, told)
    if shape.enum and value not in shape.enum:
        yield Failure(where, _one_of(shape), told)
    pattern = _pattern(shape)
    if pattern and not _compiled(pattern).fullmatch(value):
        yield Failure(where, f"{MUST_MATCH}{pattern}", told)


def _one_of(shape: Shape) -> str:
    return f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"


def _pattern(shape: Shape) -> str | None:
    pattern: str | None = WIDER_PATTERNS.get(shape.name) or shape.metadata.get("pattern")
    return pattern


def _length(shape: Shape, length: int, where: str, told: str = "") -> Iterator[Failure]:
    if length < shape.metadata.get("min", 0):
        yield Failure(where, f"Member must have length greater than or equal to {shape.metadata['min']}", told)
    if length > shape.metadata.get("max", length):
        yield Failure(where, f"Member must have length less than or equal to {shape.metadata['max']}", told)


def _number(shape: Shape, value: int, where: str) -> Iterator[Failure]:
    told = f"'{value}' "
    if value < shape.metadata.get("min", value):
        yield Failure(where, f"Member must have value greater than or equal to {shape.metadata['min']}", told)
    if value > shape.metadata.get("max", value):
        yield Failure(where, f"Member must have value less than or equal to {shape.metadata['max']}", told)


@cache
def _compiled(pattern: str) -> "re.Pattern[str] | regex.Pattern[str]":
    # AWS's patterns are Java's: \w means ASCII there, and \p{L} is understood by the regex package only. That lets other threads
    # have their turn at each match, which costs more than the match does.
    return regex.compile(pattern, regex.VERSION0) if r"\p{" in pattern else re.compile(pattern, re.ASCII)


def violations(shape: Shape, value: Any, where: str = "") -> Iterator[str]:
    """Which limits, patterns and requirements of the model a value breaks, in AWS's words. Its types must be right already."""
    for one in _value(shape, value, where):
        yield failure(one.where, one.constraint)


def failure(where: str, constraint: str, told: str = "") -> str:
    """AWS's sentence for one value that breaks one constraint."""
    return f"Value {told}at '{where}' failed to satisfy constraint: {constraint}"


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
            lower_camel(key): "***" if is_secret(key, members.get(key)) else recordable(members.get(key), item)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list | tuple):
        inner = shape.member if isinstance(shape, ListShape) else None
        return [recordable(inner, item) for item in value]
    if isinstance(value, datetime):
        return clock.text(value)
    return value.decode("ascii", "replace") if isinstance(value, bytes) else value


def is_secret(name: str, shape: Shape | None) -> bool:
    """Whether a member of a request or answer is secret: as the model says, or by its name."""
    return name in SECRET_MEMBERS or bool(shape is not None and shape.metadata.get("sensitive"))
