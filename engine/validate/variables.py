"""Policy variables: how they are written and where they work (IAM User Guide, "IAM policy elements: Variables")."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.json_tree import Node
from engine.said import said
from engine.validate import fixes
from engine.validate.context import Context
from engine.validate.finding import Fix, Path
from engine.validate.model import Condition, Statement, Value, string_values

ESCAPES: Final = frozenset("*?$")
_ELSEWHERE: Final = ("Sid", "Effect", "Action", "NotAction", "Principal", "NotPrincipal")


@dataclass(frozen=True, slots=True)
class Variable:
    """A `${…}` in a text: what stands inside, and where. `closed` tells whether its brace closes."""

    inside: str
    start: int
    end: int
    closed: bool = True

    @property
    def name(self) -> str:
        """The key, without the default value."""
        return self.inside.partition(",")[0]

    @property
    def is_escape(self) -> bool:
        """Whether it only stands for `*`, `?` or `$` themselves."""
        return self.inside in ESCAPES


def variables(text: str) -> Iterator[Variable]:
    """The variables of a text, in order."""
    position, end = text.find("${"), -1
    while position >= 0:
        if end < position:
            end = text.find("}", position)
            if end < 0:
                yield Variable(text[position + 2 :], position, -1, closed=False)
                return
        following = text.find("${", position + 2)
        if 0 <= following < end:
            yield Variable(text[position + 2 : following], position, -1, closed=False)
            position = following
            continue
        yield Variable(text[position + 2 : end], position, end + 1)
        position = text.find("${", end)


def masked(text: str, mask: Callable[[str], str] = lambda variable: "*") -> str:
    """The text with every `${…}` replaced, as a wildcard unless told otherwise: a variable may stand for anything.

    A search in one pass; a regular expression would start anew at every brace that does not close.
    """
    parts: list[str] = []
    position = 0
    while (start := text.find("${", position)) >= 0 and (end := text.find("}", start)) >= 0:
        parts += (text[position:start], mask(text[start : end + 1]))
        position = end + 1
    return "".join((*parts, text[position:]))


def check(context: Context) -> None:
    """All checks of this module."""
    if "${" not in context.text and "\\u" not in context.text:
        return
    for statement in context.document.statements:
        for value in (*(statement.resources or ()), *(statement.not_resources or ())):
            _check_value(context, value)
        for condition in statement.conditions:
            for value in condition.values:
                if _check_value(context, value):
                    _check_operator(context, condition, value)
        _check_elsewhere(context, statement)


def _check_elsewhere(context: Context, statement: Statement) -> None:
    for element in _ELSEWHERE:
        member = statement.member(element)
        for value in _all_strings(member.value, (*statement.path, element)) if member else ():
            if "${" in value.text:
                context.at("VARIABLE_UNSUPPORTED_IN_ELEMENT", value, element=element)


def _all_strings(node: Node, path: Path) -> Iterator[Value]:
    yield from string_values(node, path)
    for member in node.members:
        yield from string_values(member.value, (*path, member.key))


def _check_value(context: Context, value: Value) -> bool:
    """Whether a variable stands in the value; how it is written is reported."""
    if "${" not in value.text:
        return False
    found = False
    for variable in variables(value.text):
        found = True
        if not variable.closed:
            context.at("MISSING_BRACE_IN_VARIABLE", value)
        elif not variable.inside.strip():
            context.at("EMPTY_VARIABLE", value)
        elif not variable.is_escape:
            _check_inside(context, value, variable.inside)
    if found and not context.document.has_variables:
        context.at("VARIABLE_UNSUPPORTED_IN_VERSION", value, _newer_version(context))
    return found


def _check_inside(context: Context, value: Value, inside: str) -> None:
    name, comma, default = inside.partition(",")
    if " " in name:
        context.at("UNSUPPORTED_SPACE_IN_VARIABLE", value, _without_spaces(value, inside, name))
    if comma:
        text = default.strip()
        if len(text) < 2 or not (text.startswith("'") and text.endswith("'")):
            context.at("MISSING_QUOTE_IN_VARIABLE", value)


def _without_spaces(value: Value, inside: str, name: str) -> Fix | None:
    stripped = name.strip()
    if " " in stripped:
        return None
    return fixes.replace(value.span, value.text.replace("${" + inside, "${" + stripped + inside[len(name) :], 1))


def _check_operator(context: Context, condition: Condition, value: Value) -> None:
    operator = condition.operator
    if operator is not None and operator.family not in ("string", "arn") and context.document.has_variables:
        context.at("INVALID_VARIABLE_FOR_OPERATOR", value, operator=condition.operator_name)


def _newer_version(context: Context) -> Fix:
    version = context.document.root.get("Version")
    if version is None:
        return fixes.insert_member(
            context.document.root, "Version", '"2012-10-17"', said("Add {json}", json='"Version": "2012-10-17"')
        )
    return fixes.replace(
        version.span, "2012-10-17", said("Set {name} to {value}", name='"Version"', value='"2012-10-17"')
    )
