"""Wildcards and variables in condition values: where they let too much through, do nothing, or are taken literally."""

from __future__ import annotations

import re
from typing import Final

from engine.global_keys import SENSITIVE_KEYS
from engine.json_tree import Member
from engine.operators import Operator
from engine.said import counted, said
from engine.validate import fixes
from engine.validate.context import Context
from engine.validate.finding import Fix
from engine.validate.model import Condition, Statement, Value
from engine.validate.variables import Variable, masked, variables

_LEAST_LITERAL: Final = 6
_ESCAPE: Final = re.compile(r"\$\{[*?$]\}")
_SUBJECT: Final = ":sub"

_FORBIDDEN: Final = said("this key takes exact values only")
_TOO_FEW: Final = counted(
    "write at least {number} letter directly before it",
    "write at least {number} letters directly before it",
    _LEAST_LITERAL,
)
_USER_ID: Final = said("in aws:userid it stands to the right of the colon, or alone to its left")


def _blank(variable: str) -> str:
    """As long as the variable, and made of what stands in no text."""
    return "\0" * len(variable)


def check(context: Context) -> None:
    """All checks of this module."""
    for statement in context.document.statements:
        for condition in statement.conditions:
            operator = condition.operator
            if operator is None or operator.family not in ("string", "arn"):
                continue
            for value in condition.values:
                _check_permissive(context, statement, condition, value)
                if operator.family == "string" and operator.comparison != "like":
                    _check_literal(context, condition, operator, value)
            _check_star(context, statement, condition, operator)


def _check_permissive(context: Context, statement: Statement, condition: Condition, value: Value) -> None:
    rule = _broken_rule(condition, _wildcards(condition, value), value.text)
    if rule:
        context.at("WILDCARD_USAGE_TOO_PERMISSIVE", value, key=condition.key, rule=rule)
    if "${" in value.text and context.document.has_variables:
        found = [each for each in variables(value.text) if each.closed and not each.is_escape]
        if condition.lower in SENSITIVE_KEYS:
            found = [each for each in found if not _is_trustworthy(each)]
        rule = _broken_rule(condition, [(each.start, each.end) for each in found], value.text)
        if rule:
            context.at("VARIABLE_USAGE_TOO_PERMISSIVE", value, key=condition.key, rule=rule)


def _is_trustworthy(variable: Variable) -> bool:
    """Whether AWS alone sets the variable's value, and it is as narrow as the key: `${aws:PrincipalOrgID}`."""
    return variable.name.strip().lower() in SENSITIVE_KEYS


def _wildcards(condition: Condition, value: Value) -> list[tuple[int, int]]:
    """The runs of wildcards that the operator heeds, as (start, end); what stands inside `${…}` is none."""
    operator = condition.operator
    if operator is None or (operator.family == "string" and operator.comparison != "like"):
        return []
    hidden = masked(value.text, _blank)
    return [match.span() for match in re.finditer(r"[*?]+", hidden)]


def _broken_rule(condition: Condition, places: list[tuple[int, int]], text: str) -> str | None:
    if not places:
        return None
    lower = condition.lower
    if lower in SENSITIVE_KEYS:
        return _FORBIDDEN
    if lower == "aws:userid":
        return None if all(_is_fine_user_id(text, start, end) for start, end in places) else _USER_ID
    if lower.endswith(_SUBJECT) and condition.positive:
        previous = 0
        for start, end in places:
            if start - previous < _LEAST_LITERAL:
                return _TOO_FEW
            previous = end
    return None


def _is_fine_user_id(text: str, start: int, end: int) -> bool:
    colon = text.find(":", 0, start) if "${" not in text[:start] else _colon_outside(text, start)
    return colon >= 0 or (start == 0 and text[end : end + 1] == ":")


def _colon_outside(text: str, before: int) -> int:
    hidden = masked(text[:before], _blank)
    return hidden.find(":")


def _check_literal(context: Context, condition: Condition, operator: Operator, value: Value) -> None:
    plain = _ESCAPE.sub("", value.text)
    if "*" in plain or "?" in plain:
        like = "StringNotLike" if operator.negated else "StringLike"
        context.at("WILDCARD_WITHOUT_LIKE_OPERATOR", value, operator=condition.operator_name, like=like)


def _check_star(context: Context, statement: Statement, condition: Condition, operator: Operator) -> None:
    """A value that is only `*` matches whatever is there, so the operator tests presence, or nothing."""
    if operator.comparison != "like":
        return
    star = next((value for value in condition.values if value.text and not value.text.strip("*")), None)
    if star is None:
        return
    code = _code_for_star(operator)
    fix: Fix | None = None
    if code.startswith("EQUIVALENT"):
        fix = _as_null(statement, condition, "false" if code.endswith("FALSE") else "true")
    elif code == "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION":
        fix = _without_key(statement, condition)
    context.at(
        code,
        star,
        fix,
        key=condition.key,
        operator=condition.operator_name,
        recommended_key=condition.key,
    )


def _code_for_star(operator: Operator) -> str:
    if operator.negated:
        # Absent keys satisfy a negated operator; ForAnyValue wants a value that escapes the star, and none does.
        never = operator.quantifier == "ForAnyValue" and not operator.if_exists
        return "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION" if never else "EQUIVALENT_TO_NULL_TRUE"
    always = operator.if_exists or operator.quantifier == "ForAllValues"
    return "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION" if always else "EQUIVALENT_TO_NULL_FALSE"


def _as_null(statement: Statement, condition: Condition, value: str) -> Fix | None:
    block = statement.node.get("Condition")
    operator = condition.operator_member
    if block is None or block.get("Null") is not None or len(operator.value.members) != 1:
        return None
    edits = (
        *fixes.replace(operator.key_span, "Null").edits,
        *fixes.replace(condition.member.value.span, value).edits,
    )
    return Fix(said("Write {json}", json=f'"Null": {{"{condition.key}": "{value}"}}'), edits)


def _without_key(statement: Statement, condition: Condition) -> Fix | None:
    operator: Member = condition.operator_member
    if len(operator.value.members) > 1:
        return fixes.remove_member(operator.value, condition.member, said("Remove {name}", name=condition.key))
    condition_member = statement.member("Condition")
    if condition_member is None:
        return None
    if len(condition_member.value.members) > 1:
        return fixes.remove_member(
            condition_member.value, operator, said("Remove {name}", name=condition.operator_name)
        )
    return fixes.remove_member(statement.node, condition_member, said("Remove {name}", name="Condition"))
