"""Reading AWS's Query protocol: flat fields (`Tags.member.1.Key=team`) into the parameters of an operation, led by botocore's model.

The reverse of botocore's QuerySerializer. Unknown fields are ignored and of a repeated field the first counts, as AWS does.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import unquote_to_bytes

from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from api.errors import MalformedInput, MalformedQueryString
from operations.errors import ValidationError

MOST_FIELDS = 5000
LONGEST_NAME = 256
MOST_LEVELS = 12
Tree = dict[str, Any]
Reader = Callable[[str], Any]
_INT_MAX = 2**31


def fields_of(text: bytes) -> dict[str, str]:
    """The fields of a form body or a query. Raises MalformedQueryString (too many, no UTF-8), ValidationError (a null character)."""
    if text.count(b"&") >= MOST_FIELDS:
        raise MalformedQueryString(f"A request can have up to {MOST_FIELDS} parameters.")
    found: dict[str, str] = {}
    if b"%00" in text or b"\0" in text:
        raise ValidationError("A parameter contains a character that is not valid.")
    try:
        for part in text.split(b"&"):
            name, _, value = part.partition(b"=")
            if name:
                found.setdefault(_decoded(name), _decoded(value))
    except UnicodeDecodeError:
        raise MalformedQueryString("The request is not encoded in UTF-8.") from None
    return found


def parameters(model: OperationModel, fields: Mapping[str, str]) -> dict[str, Any]:
    """The keyword arguments of an operation: AWS's names in snake case, nested structures as boto3 has them.

    Raises MalformedInput for values that cannot be read as their type.
    """
    shape = model.input_shape
    if shape is None:
        return {}
    simple = _simple_readers(model)
    found: dict[str, Any] = {}
    nested = False
    for name, value in fields.items():
        known = simple.get(name)
        if known is not None:
            found[known[0]] = known[1](value)
        elif not nested and name.partition(".")[0] in shape.members:
            nested = True
    return found | _nested(shape, fields) if nested else found


def _decoded(text: bytes) -> str:
    if b"+" in text:
        text = text.replace(b"+", b" ")
    return (unquote_to_bytes(text) if b"%" in text else text).decode()


@cache
def _simple_readers(model: OperationModel) -> dict[str, tuple[str, Reader]]:
    """Wire name → keyword and reader, for the parameters that are one field."""
    found: dict[str, tuple[str, Reader]] = {}
    for member, shape in model.input_shape.members.items():
        if shape.type_name not in {"structure", "list", "map"}:
            found[_wire_name(member, shape)] = (xform_name(member), _READERS[shape.type_name])
    return found


def _nested(shape: StructureShape, fields: Mapping[str, str]) -> dict[str, Any]:
    tree = _tree(fields)
    found: dict[str, Any] = {}
    for member, inner in shape.members.items():
        if inner.type_name in {"structure", "list", "map"}:
            value = _composite(inner, tree, _wire_name(member, inner))
            if value is not None:
                found[xform_name(member)] = value
    return found


def _tree(fields: Mapping[str, str]) -> Tree:
    """`{"Tags": {"member": {"1": {"Key": …}}}}` from flat names; a name that is both a value and a branch stays the branch."""
    root: Tree = {}
    for name, value in fields.items():
        if len(name) > LONGEST_NAME or name.count(".") > MOST_LEVELS:
            raise MalformedQueryString("The name of a parameter is too long.")
        *branches, leaf = name.split(".")
        place = root
        for branch in branches:
            inner = place.get(branch)
            if not isinstance(inner, dict):
                inner = place[branch] = {}
            place = inner
        if not isinstance(place.get(leaf), dict):
            place[leaf] = value
    return root


def _composite(shape: Shape, tree: Tree, name: str) -> Any:
    """The value of a structure, list or map that stands under a name; None where nothing does."""
    if isinstance(shape, ListShape):
        return _list(shape, tree, name)
    node = tree.get(name)
    if node is None:
        return None
    if isinstance(shape, MapShape):
        return _map(shape, node)
    if isinstance(shape, StructureShape):
        return _structure(shape, node if isinstance(node, dict) else {})
    if isinstance(node, dict):
        return None
    return _READERS[shape.type_name](node)


def _structure(shape: StructureShape, node: Tree) -> dict[str, Any]:
    found = {}
    for member, inner in shape.members.items():
        value = _composite(inner, node, _wire_name(member, inner))
        if value is not None:
            found[member] = value
    return found


def _list(shape: ListShape, tree: Tree, name: str) -> list[Any] | None:
    flattened = shape.serialization.get("flattened")
    if flattened:
        name = shape.member.serialization.get("name", name)
    node = tree.get(name)
    if node is None:
        return None
    if not isinstance(node, dict):
        return []  # `TagKeys=` is how an empty list is sent
    items = node if flattened else node.get(shape.member.serialization.get("name", "member"), {})
    return [_composite(shape.member, items, index) for index in _indices(items)]


def _map(shape: MapShape, node: Any) -> dict[str, Any]:
    if not isinstance(node, dict):
        return {}
    entries = node if shape.serialization.get("flattened") else node.get("entry", {})
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    found = {}
    for index in _indices(entries):
        entry = entries[index] if isinstance(entries[index], dict) else {}
        key = entry.get(key_name)
        if isinstance(key, str):
            found[key] = _composite(shape.value, entry, value_name)
    return found


def _indices(items: Any) -> list[str]:
    """The numbers that are there, in their order: gaps do not count."""
    if not isinstance(items, dict):
        return []
    return sorted((index for index in items if index.isascii() and index.isdecimal() and len(index) < 10), key=int)


def _wire_name(member: str, shape: Shape) -> str:
    return str(shape.serialization.get("name", member))


def _integer(text: str) -> int:
    stripped = text[1:] if text[:1] in {"-", "+"} else text
    if not (stripped.isascii() and stripped.isdecimal() and len(stripped) < 20):
        raise MalformedInput("missing value for decimal type" if not text else "")
    number = int(text)
    if not -_INT_MAX <= number < _INT_MAX:
        raise MalformedInput("")
    return number


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise MalformedInput("") from None


def _boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered not in {"true", "false"}:
        raise MalformedInput(f"Invalid value for boolean type: {text[:64]}")
    return lowered == "true"


def _timestamp(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise MalformedInput(f"timestamp must follow ISO8601, got: {text[:64]}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _blob(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedInput("Invalid base64 text") from None


_READERS: Mapping[str, Reader] = {
    "string": str,
    "character": str,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "blob": _blob,
}
