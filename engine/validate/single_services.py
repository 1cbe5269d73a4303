"""Traps of single services: attributes in DynamoDB, prefixes in S3."""

from __future__ import annotations

from engine import catalog
from engine.validate.context import Context
from engine.validate.model import Statement


def check(context: Context) -> None:
    """All checks of this module."""
    for statement in context.document.statements:
        _check_attributes(context, statement)
        _check_prefix(context, statement)


def _check_attributes(context: Context, statement: Statement) -> None:
    """Query and Scan may return all attributes whatever is named, unless Select is held to the specific ones."""
    if not statement.allows:
        return
    selected = any("SPECIFIC_ATTRIBUTES" in condition.texts for condition in statement.with_key("dynamodb:select"))
    if selected or not _may_select(context, statement):
        return
    for condition in statement.with_key("dynamodb:attributes"):
        if condition.operator is not None and condition.operator.family != "null":
            context.report("DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", condition.member.key_span, condition.path)


def _may_select(context: Context, statement: Statement) -> bool:
    if statement.actions is None or any(value.text == "*" for value in statement.actions):
        return True
    return any(
        action.service == "dynamodb" and catalog.carries_key("dynamodb", action.name, "dynamodb:Select")
        for _, actions in context.expanded(statement)
        for action in actions
    )


def _check_prefix(context: Context, statement: Statement) -> None:
    for condition in statement.with_key("s3:prefix"):
        operator = condition.operator
        if operator is None or operator.family != "string" or operator.comparison != "like":
            continue
        if operator.negated == statement.allows and statement.effect in ("Allow", "Deny"):
            context.report("S3_PREFIX_IN_NEGATIVE_CONTEXT", condition.operator_member.key_span, condition.path)
