"""JSON read strictly (RFC 8259) into a tree that knows where every value stands and keeps duplicate keys.

The standard library's reader gives no positions, keeps the last of duplicate keys, takes NaN and lone surrogates, and
has no bound on nesting or number length. A policy document comes from strangers, so this one bounds all of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn

from engine.said import counted, said

MAX_CHARACTERS: Final = 4 * 1024 * 1024
MAX_DEPTH: Final = 64
MAX_NUMBER_CHARACTERS: Final = 128

Kind = Literal["object", "array", "string", "number", "true", "false", "null"]

_WHITE_SPACE: Final = re.compile(r"[ \t\n\r]*")
_PLAIN_STRING: Final = re.compile(r'[^"\\\x00-\x1f\ud800-\udfff]*')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_HEX4: Final = re.compile(r"[0-9a-fA-F]{4}")
_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS: Final[dict[str, tuple[str, Kind, bool | None]]] = {
    "t": ("true", "true", True),
    "f": ("false", "false", False),
    "n": ("null", "null", None),
}
_TOO_LONG: Final = counted(
    "The document is longer than {number} character", "The document is longer than {number} characters", MAX_CHARACTERS
)
_TOO_DEEP: Final = counted(
    "The document is nested deeper than {number} level", "The document is nested deeper than {number} levels", MAX_DEPTH
)
_NUMBER_TOO_LONG: Final = counted(
    "The number is longer than {number} character",
    "The number is longer than {number} characters",
    MAX_NUMBER_CHARACTERS,
)


class PolicySyntaxError(ValueError):
    """The text is no JSON, or no policy that can be evaluated; knows the place (line and column from 1, offset from 0)."""

    def __init__(self, message: str, line: int = 1, column: int = 1, offset: int = 0) -> None:
        super().__init__(f"{message} (line {line}, column {column})")
        self.message = message
        self.line = line
        self.column = column
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text: lines and columns count from 1, offsets from 0, in characters; the end is exclusive."""

    start_line: int
    start_column: int
    start_offset: int
    end_line: int
    end_column: int
    end_offset: int


class NumberText(str):
    """A JSON number, kept as it was written: policies compare numbers by their text or as decimals, never as floats."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Member:
    """One `key: value` of an object."""

    key: str
    key_span: Span
    value: Node


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value with its place. `value` is the text of a string, the NumberText of a number, True, False or None."""

    kind: Kind
    value: str | bool | None
    span: Span
    members: tuple[Member, ...] = ()
    items: tuple[Node, ...] = ()

    def get(self, key: str) -> Node | None:
        """The first member's value under `key`, or None (also for what is no object)."""
        for member in self.members:
            if member.key == key:
                return member.value
        return None

    def duplicate(self) -> Member | None:
        """The first member whose key stood in this object before."""
        seen: set[str] = set()
        for member in self.members:
            if member.key in seen:
                return member
            seen.add(member.key)
        return None

    def decoded(self) -> Any:
        """The value as plain Python: dict (the last of duplicate keys wins), list, str, NumberText, bool or None."""
        if self.kind == "object":
            return {member.key: member.value.decoded() for member in self.members}
        if self.kind == "array":
            return [item.decoded() for item in self.items]
        return self.value


def parse(text: str | bytes) -> Node:
    """Read one JSON value.

    Raises PolicySyntaxError, with the place, for anything RFC 8259 does not allow, and for a byte order mark, invalid
    UTF-8, lone surrogates, nesting deeper than MAX_DEPTH, numbers longer than MAX_NUMBER_CHARACTERS and texts longer
    than MAX_CHARACTERS. Duplicate keys are kept: `Node.duplicate` finds them.
    """
    return _Reader(decode(text)).document()


def decode(text: str | bytes) -> str:
    """The text of UTF-8 bytes, without byte order mark and within MAX_CHARACTERS; else PolicySyntaxError."""
    if isinstance(text, bytes):
        text = _from_utf8(text)
    if len(text) > MAX_CHARACTERS:
        raise PolicySyntaxError(_TOO_LONG)
    if text.startswith("\ufeff"):
        raise PolicySyntaxError(said("The document starts with a byte order mark"))
    return text


def _from_utf8(given: bytes) -> str:
    if len(given) > 4 * MAX_CHARACTERS:
        raise PolicySyntaxError(_TOO_LONG)
    try:
        return given.decode("utf-8")
    except UnicodeDecodeError as error:
        before = given[: error.start].decode("utf-8")
        raise error_at(before, len(before), said("The document is not valid UTF-8")) from None


def error_at(text: str, offset: int, message: str) -> PolicySyntaxError:
    """The error with the line and column of an offset in the text."""
    line = text.count("\n", 0, offset) + 1
    return PolicySyntaxError(message, line, offset - text.rfind("\n", 0, offset), offset)


class _Reader:
    """Recursive descent over the text; MAX_DEPTH keeps the recursion far from Python's own limit."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def document(self) -> Node:
        position = self.skip(0)
        node, position = self.value(position, 1)
        position = self.skip(position)
        if position != len(self.text):
            self.fail(position, said("Text after the end of the document"))
        return node

    def error(self, offset: int, message: str) -> PolicySyntaxError:
        return error_at(self.text, offset, message)

    def fail(self, offset: int, message: str) -> NoReturn:
        raise self.error(offset, message)

    def skip(self, position: int) -> int:
        match = _WHITE_SPACE.match(self.text, position)
        return match.end() if match else position

    def span(self, start: int, end: int) -> Span:
        first = bisect_right(self.lines, start)
        last = bisect_right(self.lines, end)
        return Span(first, start - self.lines[first - 1] + 1, start, last, end - self.lines[last - 1] + 1, end)

    def value(self, start: int, depth: int) -> tuple[Node, int]:
        character = self.text[start : start + 1]
        if character == '"':
            value, end = self.string(start)
            return Node("string", value, self.span(start, end)), end
        if character in ("{", "["):
            if depth > MAX_DEPTH:
                self.fail(
                    start,
                    counted(
                        "The document is nested deeper than {number} level",
                        "The document is nested deeper than {number} levels",
                        MAX_DEPTH,
                    ),
                )
            return self.object(start, depth) if character == "{" else self.array(start, depth)
        if character in _WORDS:
            word, kind, constant = _WORDS[character]
            if self.text.startswith(word, start):
                return Node(kind, constant, self.span(start, start + len(word))), start + len(word)
        elif character == "-" or (character.isascii() and character.isdigit()):
            return self.number(start)
        raise self.error(start, said("A value is expected") if character else said("The document ends too early"))

    def number(self, start: int) -> tuple[Node, int]:
        match = _NUMBER.match(self.text, start)
        if match is None:
            self.fail(start, said("The number is not valid"))
        end = match.end()
        if end - start > MAX_NUMBER_CHARACTERS:
            self.fail(
                start,
                counted(
                    "The number is longer than {number} character",
                    "The number is longer than {number} characters",
                    MAX_NUMBER_CHARACTERS,
                ),
            )
        following = self.text[end : end + 1]
        if following.isalnum() or (following and following in ".+-_"):
            self.fail(start, said("The number is not valid"))
        return Node("number", NumberText(match.group()), self.span(start, end)), end

    def string(self, start: int) -> tuple[str, int]:
        text = self.text
        parts: list[str] = []
        position = start + 1
        while True:
            match = _PLAIN_STRING.match(text, position)
            end = match.end() if match else position
            parts.append(text[position:end])
            character = text[end : end + 1]
            if character == '"':
                return "".join(parts), end + 1
            if character != "\\":
                self.bad_character(start, end, character)
            decoded, position = self.escape(end)
            parts.append(decoded)

    def bad_character(self, start: int, position: int, character: str) -> NoReturn:
        if not character:
            self.fail(start, said("The string does not end"))
        if _LONE_SURROGATE.match(character):
            self.fail(position, said("The string holds a lone surrogate"))
        self.fail(position, said("The string holds a control character that is not escaped"))

    def escape(self, start: int) -> tuple[str, int]:
        letter = self.text[start + 1 : start + 2]
        if letter in _ESCAPES:
            return _ESCAPES[letter], start + 2
        if letter != "u" or not _HEX4.match(self.text, start + 2):
            self.fail(start, said("The escape is not valid"))
        code = int(self.text[start + 2 : start + 6], 16)
        if not 0xD800 <= code <= 0xDFFF:
            return chr(code), start + 6
        if code <= 0xDBFF and self.text.startswith("\\u", start + 6) and _HEX4.match(self.text, start + 8):
            low = int(self.text[start + 8 : start + 12], 16)
            if 0xDC00 <= low <= 0xDFFF:
                return chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), start + 12
        raise self.error(start, said("The string holds a lone surrogate"))

    def array(self, start: int, depth: int) -> tuple[Node, int]:
        items: list[Node] = []
        position = self.skip(start + 1)
        if self.text.startswith("]", position):
            return Node("array", None, self.span(start, position + 1)), position + 1
        while True:
            item, position = self.value(position, depth + 1)
            items.append(item)
            position, done = self.separator(position, "]")
            if done:
                return Node("array", None, self.span(start, position), items=tuple(items)), position

    def object(self, start: int, depth: int) -> tuple[Node, int]:
        members: list[Member] = []
        position = self.skip(start + 1)
        if self.text.startswith("}", position):
            return Node("object", None, self.span(start, position + 1)), position + 1
        while True:
            if not self.text.startswith('"', position):
                self.fail(position, said("A key in double quotes is expected"))
            key, end = self.string(position)
            key_span = self.span(position, end)
            position = self.skip(end)
            if not self.text.startswith(":", position):
                self.fail(position, said("A colon is expected after the key"))
            value, position = self.value(self.skip(position + 1), depth + 1)
            members.append(Member(key, key_span, value))
            position, done = self.separator(position, "}")
            if done:
                return Node("object", None, self.span(start, position), members=tuple(members)), position

    def separator(self, position: int, closing: str) -> tuple[int, bool]:
        """What follows an element: the closing bracket (done), or a comma and the place of the next element."""
        position = self.skip(position)
        character = self.text[position : position + 1]
        if character == closing:
            return position + 1, True
        if character != ",":
            self.fail(position, said('A comma or "{closing}" is expected', closing=closing))
        position = self.skip(position + 1)
        if self.text.startswith(closing, position):
            self.fail(position, said('A comma stands before "{closing}"', closing=closing))
        return position, False
