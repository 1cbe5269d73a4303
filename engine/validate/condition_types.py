"""Operators and values against what a key holds: types, empty lists, several values where one counts
(IAM User Guide, "IAM JSON policy elements: Condition operators")."""

from __future__ import annotations

import base64
import binascii
import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from engine import iso_dates
from engine.global_keys import ConditionKey, GlobalKey
from engine.operators import Operator
from engine.regions import region_exists
from engine.said import said
from engine.validate import fixes
from engine.validate.condition_keys import known_key
from engine.validate.context import Context
from engine.validate.model import Condition, Value
from engine.wildcards import has_wildcard

_FAMILIES: Final = {
    "String": ("string",),
    "ARN": ("arn", "string"),
    "Bool": ("bool",),
    "Numeric": ("numeric",),
    "Date": ("date",),
    "IPAddress": ("ip",),
    "Binary": ("binary",),
}
_TYPE_WORDS: Final = {
    "String": said("text"),
    "ARN": said("an ARN"),
    "Bool": said("true or false"),
    "Numeric": said("a number"),
    "Date": said("a date"),
    "IPAddress": said("an IP address"),
    "Binary": said("base64 data"),
}
_REGION_KEYS: Final = frozenset({"aws:requestedregion", "ec2:region", "account:targetregion", "kms:replicaregion"})
_SERVICE_NAME_KEYS: Final = frozenset(
    {
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "iam:passedtoservice",
        "iam:awsservicename",
    }
)
_SUFFIX: Final = r"(?:amazonaws\.com(?:\.cn)?|amazon\.com|amazonaws\.eu|aws\.internal|aws\.dev|[a-z0-9.]+\.(?:gov|uk))"
SERVICE_PRINCIPAL: Final = re.compile(rf"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.{_SUFFIX}")
_VIA_SERVICE: Final = re.compile(rf"[a-z0-9-]+\.(?:[a-z]+-)+[a-z]+-[0-9]+\.{_SUFFIX}")
_VPC: Final = re.compile(r"vpc-(?:[0-9A-Za-z]{8}|[0-9A-Za-z]{17})")
_VPCE: Final = re.compile(r"vpce-(?:[0-9A-Za-z]{8}|[0-9A-Za-z]{17})")
_KMS_KEY: Final = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:.+")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


def check(context: Context) -> None:
    """All checks of this module."""
    for statement in context.document.statements:
        for condition in statement.conditions:
            if condition.operator is None:
                continue
            known = known_key(condition.key)
            if known is not None:
                _check_family(context, condition, condition.operator, known)
                _check_kms(context, condition, condition.operator, known)
            _check_values(context, condition, condition.operator)
            _check_empty(context, condition, condition.operator)
            _check_several(context, condition, condition.operator)
            _check_identifiers(context, condition, condition.operator)


def _check_family(context: Context, condition: Condition, operator: Operator, known: ConditionKey) -> None:
    kind = known.value_type
    allowed = _FAMILIES.get(kind)
    if operator.family == "null" or allowed is None:
        return
    also = known.also if isinstance(known, GlobalKey) else ()
    families = {*allowed, *(family for each in also for family in _FAMILIES[each])}
    if operator.family == "arn" and kind == "String" and condition.lower.endswith("arn"):
        return  # the reference calls the type of some ARNs String
    if operator.family not in families:
        _report(
            context,
            "TYPE_MISMATCH",
            condition,
            allowed=_TYPE_WORDS[kind],
            operator=condition.operator_name,
            key=condition.key,
        )
    elif kind == "ARN" and operator.family == "string" and operator.comparison == "like":
        _report(
            context,
            "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS",
            condition,
            allowed="ArnNotLike" if operator.negated else "ArnLike",
            operator=condition.operator_name,
            key=condition.key,
        )


def _check_kms(context: Context, condition: Condition, operator: Operator, known: ConditionKey) -> None:
    if known.value_type != "ARN" or "kms" not in condition.lower or operator.family not in ("string", "arn"):
        return
    for value in condition.values:
        if not is_open(value, operator) and not _KMS_KEY.fullmatch(value.text):
            context.at("INVALID_KMS_KEY_VALUE", value, key=condition.key)


def is_open(value: Value, operator: Operator) -> bool:
    """Whether a value stands for more than itself: it holds a variable, or a wildcard that the operator heeds."""
    if "${" in value.text:
        return True
    return has_wildcard(value.text) and (operator.comparison == "like" or operator.family == "arn")


def _check_values(context: Context, condition: Condition, operator: Operator) -> None:
    for value in condition.values:
        text = value.text
        if "${" in text:
            continue
        code = None
        if operator.family in ("bool", "null"):
            code = None if text.lower() in ("true", "false") else "TYPE_MISMATCH_BOOLEAN"
        elif operator.family == "numeric":
            code = None if _NUMBER.fullmatch(text.strip()) else "TYPE_MISMATCH_NUMBER"
        elif operator.family == "binary":
            code = None if _is_base64(text) else "TYPE_MISMATCH_STRING"
        elif operator.family == "date":
            _check_date(context, condition, value)
        if code:
            context.at(code, value, operator=condition.operator_name, value=text)


def _check_date(context: Context, condition: Condition, value: Value) -> None:
    if iso_dates.is_epoch(value.text):
        if condition.lower != "aws:epochtime":
            context.at("INVALID_DATE_VALUE", value, date=value.text)
    elif not iso_dates.is_iso(value.text):
        context.at("TYPE_MISMATCH_DATE", value, operator=condition.operator_name, value=value.text)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _check_empty(context: Context, condition: Condition, operator: Operator) -> None:
    if operator.quantifier is not None and operator.family == "null":
        _report(context, "NULL_WITH_QUALIFIER", condition)
    if not condition.is_list or condition.member.value.items:
        return
    if operator.quantifier == "ForAllValues":
        code = "EMPTY_ARRAY_CONDITION_FORALLVALUES"
    elif operator.quantifier == "ForAnyValue":
        code = "EMPTY_ARRAY_CONDITION_FORANYVALUE"
    else:
        code = "EMPTY_ARRAY_CONDITION_IFEXISTS" if operator.if_exists else "EMPTY_ARRAY_CONDITION"
    context.report(code, condition.member.value.span, condition.path, key=condition.key)


def _check_several(context: Context, condition: Condition, operator: Operator) -> None:
    if len(condition.values) < 2:
        return
    if operator.family in ("bool", "null"):
        context.report(
            "INVALID_CONDITION_MULTIPLE_BOOLEAN", condition.member.value.span, condition.path, key=condition.key
        )
    if operator.family != "numeric" or operator.comparison == "equals":
        return
    numbers = [(number, value.text) for value in condition.values if (number := _number(value.text)) is not None]
    if len(numbers) != len(condition.values):
        return
    greatest = operator.comparison in ("less", "less_equals")
    extreme = max(numbers)[1] if greatest else min(numbers)[1]
    span = condition.member.value.span
    context.report(
        "REDUNDANT_CONDITION_VALUE_NUM",
        span,
        condition.path,
        fixes.replace_raw(span, fixes.written(extreme), said("Keep only {value}", value=extreme)),
        operator=condition.operator_name,
        extreme=said("greatest") if greatest else said("least"),
        key=condition.key,
    )


def _number(text: str) -> Decimal | None:
    if len(text) > 128 or not _NUMBER.fullmatch(text.strip()):
        return None
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None


def _check_identifiers(context: Context, condition: Condition, operator: Operator) -> None:
    if operator.family != "string":
        return
    lower = condition.lower
    for value in condition.values:
        text = value.text
        if lower in _REGION_KEYS:
            if "${" not in text and not (is_open(value, operator) and region_exists(text)) and not _is_region(text):
                context.at("INVALID_REGION", value, region=text)
        elif is_open(value, operator):
            continue
        elif lower == "aws:sourcevpc" and not _VPC.fullmatch(text):
            context.at("INVALID_VPC_FORMAT", value, value=text)
        elif lower == "aws:sourcevpce" and not _VPCE.fullmatch(text):
            context.at("INVALID_VPCE_FORMAT", value, value=text)
        elif lower in _SERVICE_NAME_KEYS and not SERVICE_PRINCIPAL.fullmatch(text):
            _report_service(context, value, "name.amazonaws.com")
        elif lower == "kms:viaservice" and not _VIA_SERVICE.fullmatch(text):
            _report_service(context, value, "name.region.amazonaws.com")


def _is_region(text: str) -> bool:
    return not has_wildcard(text) and region_exists(text)


def _report_service(context: Context, value: Value, expected: str) -> None:
    context.at("INVALID_SERVICE_PRINCIPAL_FORMAT", value, value=value.text, expected_format=expected)


def _report(context: Context, code: str, condition: Condition, **parameters: Any) -> None:
    context.report(code, condition.operator_member.key_span, condition.path, **parameters)
