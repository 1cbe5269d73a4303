"""Statements that let somebody pass roles, or create service-linked roles, more widely than they may mean to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.validate.context import Context, admits
from engine.validate.model import Statement, Value
from engine.validate.variables import masked
from engine.wildcards import has_wildcard, matches


@dataclass(frozen=True, slots=True)
class _Right:
    """A right to watch: its action, the code's beginning, what narrows it, and two roles that no author names."""

    action: str
    code: str
    narrowing_keys: tuple[str, ...]
    strangers: tuple[str, str]


_RIGHTS: Final = (
    _Right(
        "iam:passrole",
        "PASS_ROLE",
        ("iam:passedtoservice", "iam:associatedresourcearn"),
        ("role/0", "role/zz/9"),
    ),
    _Right(
        "iam:createservicelinkedrole",
        "CREATE_SLR",
        ("iam:awsservicename",),
        ("role/aws-service-role/0.amazonaws.com/0", "role/aws-service-role/zz.amazonaws.com/9"),
    ),
)


def check(context: Context) -> None:
    """All checks of this module."""
    for statement in context.document.statements:
        if statement.allows:
            for right in _RIGHTS:
                _check_right(context, statement, right)


def _check_right(context: Context, statement: Statement, right: _Right) -> None:
    how = _by_action(statement, right.action)
    if how is None:
        return
    if statement.not_resources is not None:
        if not any(_is_open(value, right) for value in statement.not_resources):
            _report(context, statement, f"{right.code}{_NOT_RESOURCE[how]}", "NotResource")
    elif any(_is_open(value, right) for value in statement.resources or ()):
        narrowed = how != "NotAction" and statement.has_key(*right.narrowing_keys)
        if not narrowed:
            _report(context, statement, f"{right.code}{_STAR_RESOURCE[how]}", "Resource")


_NOT_RESOURCE: Final = {
    "exact": "_WITH_NOT_RESOURCE",
    "wildcard": "_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
    "NotAction": "_WITH_NOT_ACTION_AND_NOT_RESOURCE",
}
_STAR_RESOURCE: Final = {
    "exact": "_WITH_STAR_IN_RESOURCE",
    "wildcard": "_WITH_STAR_IN_ACTION_AND_RESOURCE",
    "NotAction": "_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
}


def _by_action(statement: Statement, action: str) -> str | None:
    """How the statement names an action: `exact`, by a `wildcard`, or by not being in `NotAction`; None if it does not."""
    if statement.actions is not None:
        if any(value.text.lower() == action for value in statement.actions):
            return "exact"
        return "wildcard" if admits(statement.actions, action) is not None else None
    if statement.not_actions is not None and admits(statement.not_actions, action) is None:
        return "NotAction"
    return None


def _is_open(value: Value, right: _Right) -> bool:
    """Whether the resource takes in roles of any name; a name that only begins or ends freely is meant so."""
    if value.text == "*":
        return True
    fields = masked(value.text).split(":", 5)
    if len(fields) < 6 or not matches(fields[2], "iam") or not has_wildcard(fields[5]):
        return False
    return all(matches(fields[5], stranger) for stranger in right.strangers)


def _report(context: Context, statement: Statement, code: str, element: str) -> None:
    member = statement.member(element)
    if member is not None:
        context.report(code, member.value.span, (*statement.path, element))
