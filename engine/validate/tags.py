"""Conditions on tags where the requests carry none: Allow that allows nothing, Deny that denies nothing."""

from __future__ import annotations

from typing import Final

from engine import catalog
from engine.global_keys import tag_key_prefix
from engine.validate.context import Context
from engine.validate.model import Condition, Statement

_TAG_KEYS: Final = ("aws:resourcetag/", "aws:requesttag/")


def check(context: Context) -> None:
    """All checks of this module."""
    for statement in context.document.statements:
        if statement.effect not in ("Allow", "Deny"):
            continue
        for condition in statement.conditions:
            if _is_silent_without_tag(condition):
                _check_condition(context, statement, condition)


def _is_silent_without_tag(condition: Condition) -> bool:
    """Whether the condition is on a tag and fails when the request carries none."""
    operator = condition.operator
    return (
        tag_key_prefix(condition.key) in _TAG_KEYS
        and operator is not None
        and operator.family != "null"
        and not operator.negated
        and not operator.if_exists
        and operator.quantifier != "ForAllValues"
    )


def _check_condition(context: Context, statement: Statement, condition: Condition) -> None:
    effect = str(statement.effect).upper()
    suffix = "UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"
    span, path = condition.member.key_span, condition.path
    if statement.not_actions is not None:
        context.report(f"{effect}_NOTACTION_WITH_{suffix}", span, path, key=condition.key)
        return
    services = sorted(
        {
            actions[0].service
            for _, actions in context.expanded(statement)
            if actions and not any(_carries(action, condition.key) for action in actions)
        }
    )
    if services:
        context.report(f"{effect}_WITH_{suffix}", span, path, key=condition.key, services=", ".join(services))


def _carries(action: catalog.Action, key: str) -> bool:
    return catalog.carries_key(action.service, action.name, key)
