"""What says nothing new: actions and resources that another pattern covers, statements that repeat one another.

Comparing everything with everything would cost the square of the document, so the work is bounded; a document that
exceeds the bound keeps its redundancies unreported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.said import said
from engine.validate import fixes
from engine.validate.context import Context
from engine.validate.finding import Fix
from engine.validate.model import Statement, Value
from engine.wildcards import covers, has_wildcard

_MOST_COMPARISONS: Final = 20_000
_CHARACTERS_A_COMPARISON: Final = 128
_LONGEST_PATTERN: Final = 2_048


def check(context: Context) -> None:
    """All checks of this module."""
    budget = _Budget()
    for statement in context.document.statements:
        for element, values in (("Action", statement.actions), ("NotAction", statement.not_actions)):
            found = _covered(values or (), str.lower, covers, budget)
            if found:
                fix = _without(statement, element, found)
                context.at("REDUNDANT_ACTION", found[0], fix, count=len(found), action=found[0].text)
        for element, values in (("Resource", statement.resources), ("NotResource", statement.not_resources)):
            found = _covered(values or (), str, _covers_arn, budget)
            if found:
                fix = _without(statement, element, found)
                context.at("REDUNDANT_RESOURCE", found[0], fix, count=len(found), resource=found[0].text)
    _check_statements(context)


class _Budget:
    def __init__(self) -> None:
        self.left = _MOST_COMPARISONS

    def spend(self, pattern: str, text: str) -> bool:
        self.left -= 1 + (len(pattern) + len(text)) // _CHARACTERS_A_COMPARISON
        return self.left >= 0


def _covered(
    values: tuple[Value, ...], fold: Callable[[str], str], covering: Callable[[str, str], bool], budget: _Budget
) -> list[Value]:
    """The values that an earlier equal one, or any other pattern, covers; never all of a ring of equals."""
    if len(values) < 2:
        return []
    first: dict[str, int] = {}
    patterns: list[str] = []
    for index, value in enumerate(values):
        text = fold(value.text)
        if text not in first:
            first[text] = index
            if has_wildcard(text) and len(text) <= _LONGEST_PATTERN:
                patterns.append(text)
    found = []
    for index, value in enumerate(values):
        text = fold(value.text)
        if first[text] != index or (len(text) <= _LONGEST_PATTERN and _is_covered(text, patterns, covering, budget)):
            found.append(value)
    return found


def _is_covered(text: str, patterns: list[str], covering: Callable[[str, str], bool], budget: _Budget) -> bool:
    for pattern in patterns:
        if not budget.spend(pattern, text):
            return False
        if pattern != text and covering(pattern, text) and not covering(text, pattern):
            return True
    return False


def _covers_arn(pattern: str, other: str) -> bool:
    """As `covers`, but a wildcard in one of an ARN's first five fields stays inside that field."""
    if pattern == "*":
        return True
    wide, narrow = pattern.split(":", 5), other.split(":", 5)
    if len(wide) != 6 or len(narrow) != 6 or "${" in pattern:
        return False
    return all(covers(one, two) for one, two in zip(wide, narrow, strict=True))


def _without(statement: Statement, element: str, values: list[Value]) -> Fix | None:
    member = statement.member(element)
    if member is None or member.value.kind != "array":
        return None
    redundant = {id(value.node) for value in values}
    kept = [item for item in member.value.items if id(item) not in redundant]
    edits = fixes.remove_items(member.value, [item for item in member.value.items if id(item) in redundant])
    return Fix(said("Remove what is covered ({number})", number=len(values)), edits) if kept else None


def _check_statements(context: Context) -> None:
    seen: dict[object, int] = {}
    parent = context.document.root.get("Statement")
    for statement in context.document.statements:
        signature = _signature(statement)
        first = seen.setdefault(signature, statement.index)
        if not context.wants("REDUNDANT_STATEMENT"):
            return
        if first != statement.index and parent is not None:
            fix = fixes.remove_item(parent, statement.node, said("Remove this statement"))
            context.report("REDUNDANT_STATEMENT", statement.node.span, statement.path, fix, other=first + 1)


def _signature(statement: Statement) -> object:
    """What the statement means, without its Sid, its order and its layout."""
    return (
        statement.effect,
        _texts(statement.actions, str.lower),
        _texts(statement.not_actions, str.lower),
        _texts(statement.resources, str),
        _texts(statement.not_resources, str),
        _principals(statement, "Principal"),
        _principals(statement, "NotPrincipal"),
        frozenset((each.operator_name.lower(), each.lower, frozenset(each.texts)) for each in statement.conditions),
    )


def _texts(values: tuple[Value, ...] | None, fold: Callable[[str], str]) -> frozenset[str] | None:
    return None if values is None else frozenset(fold(value.text) for value in values)


def _principals(statement: Statement, element: str) -> frozenset[tuple[str, str]] | None:
    found = statement.principals if element == "Principal" else statement.not_principals
    if found is None:
        return None
    return frozenset(("AWS" if each.key == "*" else each.key, each.value.text) for each in found)
