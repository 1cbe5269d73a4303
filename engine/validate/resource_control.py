"""Resource control policies (Organizations User Guide, "RCP syntax")."""

from __future__ import annotations

from typing import Final

from engine import catalog
from engine.global_keys import tag_key_prefix
from engine.json_tree import Span
from engine.validate.context import Context
from engine.validate.finding import Path
from engine.validate.model import Condition, Statement

_PRINCIPAL_KEYS: Final = frozenset(
    {"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn"}
)
_SOURCE_KEYS: Final = frozenset({"aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceaccount", "aws:sourcearn"})
_IS_SERVICE: Final = "aws:principalisawsservice"


def check(context: Context) -> None:
    """All checks of this module."""
    if context.kind != "rcp":
        return
    for statement in context.document.statements:
        if statement.allows:
            if not _is_full_access(statement):
                context.report("RCP_SYNTAX_ERROR_ALLOW", *_effect(statement))
            continue
        _check_principal(context, statement)
        _check_actions(context, statement)
        _check_services(context, statement)


def _effect(statement: Statement) -> tuple[Span, Path]:
    member = statement.member("Effect")
    return (member.value.span if member else statement.node.span), (*statement.path, "Effect")


def _is_full_access(statement: Statement) -> bool:
    """Whether the statement is that of RCPFullAWSAccess: everything, for everybody, without conditions."""
    return (
        [value.text for value in statement.actions or ()] == ["*"]
        and [value.text for value in statement.resources or ()] == ["*"]
        and [each.value.text for each in statement.principals or ()] == ["*"]
        and statement.member("Condition") is None
    )


def _check_principal(context: Context, statement: Statement) -> None:
    principals = statement.principals
    if principals is not None and [(each.key in ("*", "AWS"), each.value.text) for each in principals] == [(True, "*")]:
        return
    member = statement.member("Principal") or statement.member("NotPrincipal")
    span = member.key_span if member else statement.node.span
    context.report("RCP_SYNTAX_ERROR_PRINCIPAL", span, (*statement.path, member.key) if member else statement.path)


def _check_actions(context: Context, statement: Statement) -> None:
    member = statement.member("NotAction")
    if member is not None:
        context.report("RCP_SYNTAX_ERROR_NOTACTION", member.key_span, (*statement.path, "NotAction"))
    for value in statement.actions or ():
        prefix = value.text.partition(":")[0].lower()
        if prefix not in catalog.rcp_services():
            context.at("RCP_SYNTAX_ERROR_ACTION", value, action=value.text)


def _check_services(context: Context, statement: Statement) -> None:
    """A Deny that asks the caller not to be one of ours also hits services, unless it says whom it is about."""
    asked = {text.lower() for each in statement.with_key(_IS_SERVICE) for text in each.texts}
    checked = any(
        condition.operator is not None and condition.operator.family == "null" and "false" in condition.texts
        for condition in statement.with_key("aws:sourceaccount", "aws:sourcearn")
    )
    for condition in statement.conditions:
        if condition.operator is None or not condition.operator.negated:
            continue
        if _describes_caller(condition) and "false" not in asked:
            _report(context, "RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", condition)
        if condition.lower in _SOURCE_KEYS:
            if "true" not in asked:
                _report(context, "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", condition)
            if not checked:
                _report(context, "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK", condition)


def _describes_caller(condition: Condition) -> bool:
    return condition.lower in _PRINCIPAL_KEYS or tag_key_prefix(condition.key) == "aws:principaltag/"


def _report(context: Context, code: str, condition: Condition) -> None:
    context.report(code, condition.member.key_span, condition.path, key=condition.key)
