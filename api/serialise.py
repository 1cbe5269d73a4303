"""Writing AWS's Query protocol: an operation's result as XML, led by botocore's model.

What is None is left out, an empty list is an empty element, policy documents are percent-encoded (RFC 3986), dates have no fractions.
"""

import base64
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from operations import clock

Writer = Callable[[Any, list[str]], None]
DOCUMENTS = frozenset({"policyDocumentType"})  # the shapes that AWS percent-encodes in answers
# What XML 1.0 has no way to write, not even as a reference.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CARRIAGE_RETURN = {"\r": "&#13;"}


def answer(model: OperationModel, result: Mapping[str, Any], namespace: str, request_id: str) -> str:
    """The whole answer of an operation that succeeded."""
    parts = [f'<{model.name}Response xmlns="{namespace}">']
    shape = model.output_shape
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper") or f"{model.name}Result"
        parts.append(f"<{wrapper}>")
        _writer(shape)(result, parts)
        parts.append(f"</{wrapper}>")
    parts.append(f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{model.name}Response>")
    return "".join(parts)


def error(code: str, message: str, namespace: str, request_id: str, *, sender: bool = True) -> str:
    """The answer of a call that failed. An error without a message has no Message element."""
    told = f"<Message>{text(message)}</Message>" if message else ""
    kind = "Sender" if sender else "Receiver"
    return (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{kind}</Type><Code>{text(code)}</Code>{told}</Error>'
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )


def text(value: str) -> str:
    """Text as the content of an element: what XML cannot hold becomes the replacement character."""
    if _UNWRITABLE.search(value):
        value = _UNWRITABLE.sub("\ufffd", value)
    return escape(value, _CARRIAGE_RETURN)


@cache
def _writer(shape: Shape) -> Writer:
    """The function that writes the content of one shape; made once, since a model never changes."""
    if isinstance(shape, StructureShape):
        return _structure(shape)
    if isinstance(shape, ListShape):
        return _list(shape)
    if isinstance(shape, MapShape):
        return _map(shape)
    if shape.type_name == "string" and shape.name in DOCUMENTS:
        return lambda value, parts: parts.append(quote(value, safe="-_.~"))
    scalar = _SCALARS.get(shape.type_name, lambda value: text(str(value)))
    return lambda value, parts: parts.append(scalar(value))


def _structure(shape: StructureShape) -> Writer:
    members = [(member, str(inner.serialization.get("name", member)), inner) for member, inner in shape.members.items()]
    prepared: list[tuple[str, str, str, Writer]] | None = None

    def write(value: Mapping[str, Any], parts: list[str]) -> None:
        nonlocal prepared
        if prepared is None:  # at the first use, since a shape may hold itself
            prepared = [(member, f"<{name}>", f"</{name}>", _writer(inner)) for member, name, inner in members]
        for member, opening, closing, writer in prepared:
            given = value.get(member)
            if given is not None:
                parts.append(opening)
                writer(given, parts)
                parts.append(closing)

    return write


def _list(shape: ListShape) -> Writer:
    name = str(shape.member.serialization.get("name", "member"))
    opening, closing = f"<{name}>", f"</{name}>"

    def write(value: Any, parts: list[str]) -> None:
        writer = _writer(shape.member)
        for item in value:
            parts.append(opening)
            writer(item, parts)
            parts.append(closing)

    return write


def _map(shape: MapShape) -> Writer:
    key = str(shape.key.serialization.get("name", "key"))
    inner = str(shape.value.serialization.get("name", "value"))

    def write(value: Mapping[str, Any], parts: list[str]) -> None:
        writer = _writer(shape.value)
        for name, item in value.items():
            parts.append(f"<entry><{key}>{text(str(name))}</{key}><{inner}>")
            writer(item, parts)
            parts.append(f"</{inner}></entry>")

    return write


def _blob(value: bytes | str) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


_SCALARS: Mapping[str, Callable[[Any], str]] = {
    "string": lambda value: text(str(value)),
    "timestamp": clock.text,
    "boolean": lambda value: "true" if value else "false",
    "blob": _blob,
}
