"""JSON in and out of an operation's model: members in snake case, one generic way for every operation (docs/api.md)."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from operations import clock
from operations.errors import ValidationError

NOT_AN_OBJECT = "The request body must be a JSON object."


def arguments(model: OperationModel, body: bytes) -> dict[str, Any]:
    """The keyword arguments of an operation from a JSON object. Raises ValidationError: no JSON, an unknown member, a wrong type."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise ValidationError(NOT_AN_OBJECT) from None
    found = _read(model.input_shape, given, "")
    return {xform_name(member): value for member, value in found.items()}


def answer(model: OperationModel, result: Mapping[str, Any]) -> dict[str, Any]:
    """An operation's result as it goes into JSON."""
    found: dict[str, Any] = _write(model.output_shape, result)
    return found


def _read(shape: Shape, value: Any, where: str) -> Any:
    if isinstance(shape, StructureShape):
        return _read_structure(shape, value, where)
    if isinstance(shape, MapShape):
        if not isinstance(value, dict):
            raise _wrong(where, "an object")
        return {str(key): _read(shape.value, item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(shape, ListShape):
        if not isinstance(value, list):
            value = [value]  # one value may stand for a list of one
        return [_read(shape.member, item, f"{where}[{number}]") for number, item in enumerate(value)]
    return _read_scalar(shape, value, where)


def _read_structure(shape: StructureShape, value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(where, "an object") if where else ValidationError(NOT_AN_OBJECT)
    known = _members(shape)
    found = {}
    for key, item in value.items():
        place = f"{where}.{key}" if where else key
        if key not in known:
            raise ValidationError(f"Unknown member {place[:128]}.")
        if item is not None:
            member, inner = known[key]
            found[member] = _read(inner, item, place)
    return found


@cache
def _members(shape: StructureShape) -> dict[str, tuple[str, Shape]]:
    """The members of a structure by their names in JSON."""
    return {xform_name(member): (member, inner) for member, inner in shape.members.items()}


def _read_scalar(shape: Shape, value: Any, where: str) -> Any:
    if shape.type_name == "boolean":
        if not isinstance(value, bool):
            raise _wrong(where, "true or false")
        return value
    if shape.type_name in {"integer", "long"}:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong(where, "a whole number")
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):  # a policy document may stand as an object
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, str | int | float):
        raise _wrong(where, "a string")
    text = str(value)
    if "\0" in text or (not text.isprintable() and any("\ud800" <= character <= "\udfff" for character in text)):
        raise _wrong(where, "text")
    return text


def _write(shape: Shape | None, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        members = shape.members
        return {xform_name(name): _write(members.get(name), item) for name, item in value.items() if item is not None}
    if isinstance(shape, ListShape):
        return [_write(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {name: _write(shape.value, item) for name, item in value.items()}
    if isinstance(value, datetime):
        return clock.text(value)
    return value


def _wrong(where: str, wanted: str) -> ValidationError:
    return ValidationError(f"{where or 'The request'} must be {wanted}.")
