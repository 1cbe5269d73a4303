"""A policy document as frozen values: Policy, Statement, Principals, Condition (IAM User Guide, "Grammar of the IAM JSON
policy language").

Reading is strict about what decides: an element that is misspelt, doubled, of the wrong type or unknown is an error, never
ignored, because a statement without its condition would grant more than was written. It is lenient about what does not:
unknown actions, resources and condition keys are AWS's to add. What AWS refuses on saving beyond that is `grammar`'s.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

from engine.json_tree import (
    MAX_NUMBER_CHARACTERS,
    Node,
    NumberText,
    PolicySyntaxError,
    Span,
    decode,
    parse,
)
from engine.operators import operator_named
from engine.said import said

Version = Literal["2012-10-17", "2008-10-17"]
Effect = Literal["Allow", "Deny"]

_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_TOP_ELEMENTS: Final = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS: Final = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_PRINCIPAL_TYPES: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_PAIRS: Final = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Principals:
    """The principals a statement names; `"*"` stands as `aws == ("*",)`, which is what it means."""

    aws: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
    canonical_user: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator with one key and its values; numbers and booleans stand as their text."""

    operator: str
    key: str
    values: tuple[str, ...]
    _source: _Source = field(repr=False, compare=False)
    _path: _Path = field(repr=False, compare=False)

    @property
    def span(self) -> Span:
        """Where the key and its values stand."""
        return self._source.span(self._path)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Of Action/NotAction and its like the absent one is None."""

    index: int
    sid: str | None
    effect: Effect
    principal: Principals | None
    not_principal: Principals | None
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    conditions: tuple[Condition, ...]
    _source: _Source = field(repr=False, compare=False)
    _path: _Path = field(repr=False, compare=False)

    @property
    def node(self) -> Node:
        """The statement in the tree of its document."""
        return self._source.node(self._path)

    @property
    def span(self) -> Span:
        """Where the statement stands."""
        return self.node.span

    def element_span(self, element: str) -> Span | None:
        """Where the value of an element (`"Action"`, `"Condition"` …) stands; None where it is absent."""
        node = self.node.get(element)
        return node.span if node else None

    def value_span(self, element: str, position: int) -> Span | None:
        """Where the value with this position in a list element stands; a single value has position 0."""
        node = self.node.get(element)
        if node is None:
            return None
        return node.items[position].span if node.kind == "array" and position < len(node.items) else node.span


class _Source:
    """Text, value and tree of one document; the tree is only made when somebody asks for a place in it."""

    def __init__(self, text: str | None, value: Any) -> None:
        self.value = value
        self.prepared: object = None
        if text is not None:
            self.text = text

    @cached_property
    def text(self) -> str:
        return json.dumps(_plain(self.value), indent=4, ensure_ascii=False)

    @cached_property
    def root(self) -> Node:
        return parse(self.text)

    def node(self, path: _Path) -> Node:
        node = self.root
        for step in path:
            found = node.items[step] if isinstance(step, int) else node.get(step)
            if found is None:  # the path was made while reading this very document
                raise LookupError(path)
            node = found
        return node

    def span(self, path: _Path) -> Span:
        return self.node(path).span


@dataclass(frozen=True, eq=False)
class Policy:
    """A policy document that can be evaluated. Compared by identity: engines prepare each Policy once."""

    version: Version
    id: str | None
    statements: tuple[Statement, ...]
    _source: _Source = field(repr=False)

    @staticmethod
    def parse(text: str | bytes) -> Policy:
        """Read a document.

        Raises PolicySyntaxError, with line and column, for what is no JSON and for what cannot be evaluated.
        """
        text = decode(text)
        return _Reader(_Source(text, decoded_json(text))).policy()

    @staticmethod
    def from_value(value: Any) -> Policy:
        """The policy of an already decoded document (a dict). Raises PolicySyntaxError; places then refer to `text`."""
        return _Reader(_Source(None, value)).policy()

    @property
    def text(self) -> str:
        """The text as it was given; written out with an indent of 4 for a policy made from a value."""
        return self._source.text

    @property
    def value(self) -> Any:
        """The document as plain Python values."""
        return self._source.value

    @property
    def root(self) -> Node:
        """The document as a tree with places."""
        return self._source.root

    @property
    def has_variables(self) -> bool:
        """Whether `${…}` means anything in this document: not in the semantics of 2008."""
        return self.version == "2012-10-17"

    @property
    def prepared(self) -> Any:
        """What an engine has made of the document for deciding, if it has."""
        return self._source.prepared

    def keep_prepared(self, prepared: object) -> None:
        """Keep what was made of the document, so that it is made once."""
        self._source.prepared = prepared


class _Reader:
    """Turns decoded JSON into a Policy; places are only looked up for an error."""

    def __init__(self, source: _Source) -> None:
        self.source = source

    def error(self, path: _Path, message: str) -> PolicySyntaxError:
        try:
            span = self.source.span(path)
        except PolicySyntaxError as deeper:  # the text breaks a bound that the quick reader does not know
            return deeper
        except (LookupError, TypeError, ValueError, RecursionError):  # a value that was never text
            return PolicySyntaxError(message)
        return PolicySyntaxError(message, span.start_line, span.start_column, span.start_offset)

    def policy(self) -> Policy:
        value = self.source.value
        if not isinstance(value, dict):
            raise self.error((), said("A policy document is a JSON object"))
        self.only(value, _TOP_ELEMENTS, ())
        version = value.get("Version", "2008-10-17")
        if version not in _VERSIONS:
            raise self.error(("Version",), said("Version is 2012-10-17 or 2008-10-17"))
        identifier = value.get("Id")
        if "Id" in value and not _is_string(identifier):
            raise self.error(("Id",), said("Id is a string"))
        if "Statement" not in value:
            raise self.error((), said("The policy document has no Statement"))
        return Policy(version, identifier, self.statements(value["Statement"]), self.source)

    def statements(self, value: Any) -> tuple[Statement, ...]:
        if isinstance(value, dict):
            return (self.statement(value, 0, ("Statement",)),)
        if not isinstance(value, list | tuple):
            raise self.error(("Statement",), said("Statement is an object or a list of objects"))
        return tuple(self.statement(item, index, ("Statement", index)) for index, item in enumerate(value))

    def statement(self, value: Any, index: int, path: _Path) -> Statement:
        if not isinstance(value, dict):
            raise self.error(path, said("A statement is a JSON object"))
        self.only(value, _STATEMENT_ELEMENTS, path)
        for element, negated in _PAIRS:
            if element in value and negated in value:
                raise self.error(
                    (*path, negated),
                    said("A statement has {element} or {negated}, not both", element=element, negated=negated),
                )
        effect, sid = value.get("Effect"), value.get("Sid")
        if effect not in ("Allow", "Deny"):
            raise self.error((*path, "Effect") if "Effect" in value else path, said("Effect is Allow or Deny"))
        if "Sid" in value and not _is_string(sid):
            raise self.error((*path, "Sid"), said("Sid is a string"))
        if "Action" not in value and "NotAction" not in value:
            raise self.error(path, said("The statement has neither Action nor NotAction"))
        return Statement(
            index,
            sid,
            effect,
            self.principals(value, "Principal", path),
            self.principals(value, "NotPrincipal", path),
            self.strings(value, "Action", path),
            self.strings(value, "NotAction", path),
            self.strings(value, "Resource", path),
            self.strings(value, "NotResource", path),
            self.conditions(value["Condition"], (*path, "Condition")) if "Condition" in value else (),
            self.source,
            path,
        )

    def only(self, value: Mapping[str, Any], known: frozenset[str], path: _Path) -> None:
        if not value.keys() <= known:
            name = next(key for key in value if key not in known)
            words = said("{name} is no element of a statement", name=name)
            raise self.error((*path, name), words if path else said("{name} is no element of a policy", name=name))

    def strings(self, value: Mapping[str, Any], element: str, path: _Path) -> tuple[str, ...] | None:
        if element not in value:
            return None
        given = value[element]
        if _is_string(given):
            return (given,)
        if isinstance(given, list | tuple) and all(map(_is_string, given)):
            return tuple(given)
        raise self.error((*path, element), said("{element} is a string or a list of strings", element=element))

    def principals(self, value: Mapping[str, Any], element: str, path: _Path) -> Principals | None:
        if element not in value:
            return None
        given = value[element]
        if _is_string(given):
            return Principals(aws=(given,))
        if not isinstance(given, dict):
            raise self.error((*path, element), said("{element} is a string or an object", element=element))
        self.only(given, _PRINCIPAL_TYPES, (*path, element))
        path = (*path, element)
        return Principals(
            self.strings(given, "AWS", path) or (),
            self.strings(given, "Service", path) or (),
            self.strings(given, "Federated", path) or (),
            self.strings(given, "CanonicalUser", path) or (),
        )

    def conditions(self, value: Any, path: _Path) -> tuple[Condition, ...]:
        if not isinstance(value, dict):
            raise self.error(path, said("Condition is a JSON object"))
        found = []
        for name, keys in value.items():
            operator = operator_named(name)
            if operator is None:
                raise self.error((*path, name), said("{name} is no condition operator", name=name))
            if not isinstance(keys, dict):
                raise self.error((*path, name), said("{name} holds an object of condition keys and values", name=name))
            for key, given in keys.items():
                if not key:
                    raise self.error((*path, name), said("A condition key is empty"))
                where = (*path, name, key)
                found.append(Condition(name, key, tuple(self.values(given, where)), self.source, where))
        return tuple(found)

    def values(self, given: Any, path: _Path) -> Iterator[str]:
        for value in given if isinstance(given, list | tuple) else (given,):
            text = _condition_text(value)
            if text is None:
                raise self.error(path, said("A condition value is a string, a number, a boolean or a list of these"))
            yield text


def _is_string(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, NumberText)


def _condition_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value) if isinstance(value, NumberText) else value
    if isinstance(value, int):
        return str(value) if -(10**MAX_NUMBER_CHARACTERS) < value < 10**MAX_NUMBER_CHARACTERS else None
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    return None


def _plain(value: Any) -> Any:
    """The value as the standard library can write it; a NumberText must come out as the number it was."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, NumberText):
        return float(value) if any(mark in value for mark in ".eE") else int(value)
    return value


def _quickly_decoded(text: str) -> Any:
    """The value of an innocent document by the standard library's reader, a tenth of our own one's time.

    None means: not innocent, or not JSON; our own reader then says what is wrong and where. Nesting needs no look here:
    what is nested deeper than a policy is refused by its structure.
    """
    if "\\u" in text or (not text.isascii() and _SURROGATE.search(text)):
        return None
    try:
        return _decode(text)
    except (ValueError, RecursionError):
        return None


def decoded_json(text: str) -> Any:
    """The value of JSON text, with numbers as NumberText. Raises PolicySyntaxError, for duplicate keys too."""
    value = _quickly_decoded(text)
    return value if value is not None else _decoded_with_places(text)


def _decoded_with_places(text: str) -> Any:
    root = parse(text)
    pending = [root]
    while pending:
        node = pending.pop()
        twice = node.duplicate()
        if twice is not None:
            place = twice.key_span
            message = said('The key "{name}" stands twice in the same object', name=twice.key)
            raise PolicySyntaxError(message, place.start_line, place.start_column, place.start_offset)
        pending.extend(member.value for member in reversed(node.members))
        pending.extend(reversed(node.items))
    return root.decoded()


def unique_members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these members; raises ValueError where a key stands twice (for `json.loads`)."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice")
    return members


def _bounded_number(text: str) -> NumberText:
    if len(text) > MAX_NUMBER_CHARACTERS:
        raise ValueError("the number is too long")
    return NumberText(text)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_decode = json.JSONDecoder(
    object_pairs_hook=unique_members,
    parse_int=_bounded_number,
    parse_float=_bounded_number,
    parse_constant=_no_constant,
).decode
