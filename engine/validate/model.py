"""A document as the checks see it: forgiving, so that one mistake does not hide the next.

What has the wrong shape is left out here and reported by `structure`; everything else keeps its place in the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from engine.json_tree import Member, Node, Span
from engine.operators import Operator, operator_named
from engine.validate.finding import Path

PRINCIPAL_KEYS: Final = ("AWS", "Service", "Federated", "CanonicalUser")
PrincipalKey = Literal["AWS", "Service", "Federated", "CanonicalUser", "*"]


@dataclass(frozen=True, slots=True)
class Value:
    """A string (or a number or boolean as its text) with its place."""

    text: str
    node: Node
    path: Path

    @property
    def span(self) -> Span:
        """Where the value stands, quotes included."""
        return self.node.span


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal: its kind (`"*"` for the bare star) and value."""

    key: str
    value: Value


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator with one key and its values. `operator` is None for an operator that does not exist."""

    operator: Operator | None
    operator_member: Member
    member: Member
    lower: str
    values: tuple[Value, ...]
    is_list: bool
    path: Path

    @property
    def key(self) -> str:
        """The key as written."""
        return self.member.key

    @property
    def operator_name(self) -> str:
        """The operator as written."""
        return self.operator_member.key

    @property
    def positive(self) -> bool:
        """Whether the operator asks for a match rather than excluding one."""
        return self.operator is not None and not self.operator.negated

    @property
    def texts(self) -> tuple[str, ...]:
        """The values' texts."""
        return tuple(value.text for value in self.values)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Elements that are absent or of a hopeless shape are None."""

    index: int
    node: Node
    path: Path
    effect: str | None
    actions: tuple[Value, ...] | None
    not_actions: tuple[Value, ...] | None
    resources: tuple[Value, ...] | None
    not_resources: tuple[Value, ...] | None
    principals: tuple[Principal, ...] | None
    not_principals: tuple[Principal, ...] | None
    conditions: tuple[Condition, ...]

    @property
    def allows(self) -> bool:
        """Whether the effect is Allow."""
        return self.effect == "Allow"

    def member(self, element: str) -> Member | None:
        """The element with its key, None where it is absent."""
        return next((member for member in self.node.members if member.key == element), None)

    def with_key(self, *keys: str) -> Iterator[Condition]:
        """The conditions on one of these keys (lower case)."""
        return (condition for condition in self.conditions if condition.lower in keys)

    def has_key(self, *keys: str) -> bool:
        """Whether a condition is on one of these keys (lower case)."""
        return any(condition.lower in keys for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class Document:
    """The document: its root and the statements that are objects."""

    root: Node
    version: str | None
    statements: tuple[Statement, ...]

    @property
    def has_variables(self) -> bool:
        """Whether `${…}` means anything in this document."""
        return self.version == "2012-10-17"


def read_document(root: Node) -> Document:
    """The document of a JSON tree."""
    version = root.get("Version")
    statement = root.get("Statement")
    if statement is None:
        found: tuple[Statement, ...] = ()
    elif statement.kind == "array":
        found = tuple(
            _statement(item, index, ("Statement", index))
            for index, item in enumerate(statement.items)
            if item.kind == "object"
        )
    else:
        found = (_statement(statement, 0, ("Statement",)),) if statement.kind == "object" else ()
    return Document(root, str(version.value) if version and version.kind == "string" else None, found)


def _statement(node: Node, index: int, path: Path) -> Statement:
    effect = node.get("Effect")
    return Statement(
        index,
        node,
        path,
        str(effect.value) if effect and effect.kind == "string" else None,
        _strings(node, "Action", path),
        _strings(node, "NotAction", path),
        _strings(node, "Resource", path),
        _strings(node, "NotResource", path),
        _principals(node, "Principal", path),
        _principals(node, "NotPrincipal", path),
        tuple(_conditions(node.get("Condition"), (*path, "Condition"))),
    )


def _strings(node: Node, element: str, path: Path) -> tuple[Value, ...] | None:
    found = node.get(element)
    return None if found is None else tuple(string_values(found, (*path, element)))


def string_values(node: Node, path: Path) -> Iterator[Value]:
    """The string, or the strings of the list; nothing else."""
    if node.kind == "string":
        yield Value(str(node.value), node, path)
    for index, item in enumerate(node.items):
        if item.kind == "string":
            yield Value(str(item.value), item, (*path, index))


def _principals(node: Node, element: str, path: Path) -> tuple[Principal, ...] | None:
    found = node.get(element)
    if found is None:
        return None
    if found.kind == "string":
        return (Principal("*", Value(str(found.value), found, (*path, element))),) if found.value == "*" else ()
    return tuple(
        Principal(member.key, value)
        for member in found.members
        if member.key in PRINCIPAL_KEYS
        for value in string_values(member.value, (*path, element, member.key))
    )


def _conditions(node: Node | None, path: Path) -> Iterator[Condition]:
    for operator in node.members if node else ():
        known = operator_named(operator.key)
        for member in operator.value.members:
            where = (*path, operator.key, member.key)
            values = tuple(_condition_values(member.value, where))
            is_list = member.value.kind == "array"
            yield Condition(known, operator, member, member.key.lower(), values, is_list, where)


def _condition_values(node: Node, path: Path) -> Iterator[Value]:
    if node.kind == "array":
        for index, item in enumerate(node.items):
            if (text := _scalar(item)) is not None:
                yield Value(text, item, (*path, index))
    elif (text := _scalar(node)) is not None:
        yield Value(text, node, path)


def _scalar(node: Node) -> str | None:
    if node.kind in ("string", "number"):
        return str(node.value)
    return node.kind if node.kind in ("true", "false") else None


def opening(node: Node) -> Span:
    """The opening brace of an object: the place to mark when something is missing from it."""
    span = node.span
    line, column, offset = span.start_line, span.start_column, span.start_offset
    return Span(line, column, offset, line, column + 1, offset + 1)
