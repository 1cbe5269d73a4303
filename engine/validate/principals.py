"""Principal and NotPrincipal: their form, and where they may stand (IAM User Guide, "Principal")."""

from __future__ import annotations

import re
from typing import Final

from engine.json_tree import Member, Node
from engine.said import said
from engine.validate import fixes
from engine.validate.condition_types import SERVICE_PRINCIPAL
from engine.validate.context import Context
from engine.validate.finding import Path
from engine.validate.model import PRINCIPAL_KEYS, Principal, Statement
from engine.validate.resources import check_account, check_partition
from engine.wildcards import has_wildcard

_ROLE_ID: Final = re.compile(r"AROA[A-Z0-9]{12,}")
_USER_ID: Final = re.compile(r"AIDA[A-Z0-9]{12,}")
_POLICY_TYPES: Final = {
    "identity": said("An identity policy"),
    "boundary": said("A permissions boundary"),
    "session": said("A session policy"),
}


def check(context: Context) -> None:
    """All checks of this module."""
    for statement in context.document.statements:
        for element in ("Principal", "NotPrincipal"):
            member = statement.member(element)
            if member is None:
                continue
            path = (*statement.path, element)
            context.report(
                "UNSUPPORTED_PRINCIPAL",
                member.key_span,
                path,
                policy_type=_POLICY_TYPES.get(context.kind, said("This kind of policy")),
                element=element,
            )
            context.report("SCP_SYNTAX_ERROR_PRINCIPAL", member.key_span, path, element=element)
            _check_form(context, member, path)
            if element == "NotPrincipal":
                context.report("ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", member.key_span, path)
                if statement.allows:
                    context.report("ALLOW_WITH_NOT_PRINCIPAL", member.key_span, path)
        for principal in named(statement):
            _check_principal(context, principal)


def named(statement: Statement) -> tuple[Principal, ...]:
    """The principals of both elements."""
    return (*(statement.principals or ()), *(statement.not_principals or ()))


def _check_form(context: Context, member: Member, path: Path) -> None:
    node = member.value
    if node.kind == "array" and not node.items:
        context.report("EMPTY_ARRAY_PRINCIPAL", node.span, path)
    elif node.kind != "object":
        if node.value != "*" or node.kind != "string":
            context.report("INVALID_PRINCIPAL_FORMAT", node.span, path)
        elif member.key == "Principal":
            context.report("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", node.span, path)
    elif not node.members:
        context.report("EMPTY_OBJECT_PRINCIPAL", node.span, path)
    for each in node.members:
        _check_member(context, node, each, (*path, each.key))


def _check_member(context: Context, principal: Node, each: Member, path: Path) -> None:
    if each.key not in PRINCIPAL_KEYS:
        meant = next((key for key in PRINCIPAL_KEYS if key.lower() == each.key.lower()), None)
        fix = fixes.replace(each.key_span, meant) if meant and principal.get(meant) is None else None
        context.report("INVALID_PRINCIPAL_KEY", each.key_span, path, fix, principal_key=each.key)
    elif each.value.kind == "array" and not each.value.items:
        context.report("EMPTY_ARRAY_PRINCIPAL", each.value.span, path)
    elif each.value.kind not in ("string", "array"):
        context.report("DATA_TYPE_MISMATCH", each.value.span, path, data_type="a string or a list of strings")
    for index, item in enumerate(each.value.items):
        if item.kind != "string":
            context.report("DATA_TYPE_MISMATCH", item.span, (*path, index), data_type="a string")


def _check_principal(context: Context, principal: Principal) -> None:
    value, text = principal.value, principal.value.text
    if principal.key == "Federated":
        context.at("FEDERATED_PRINCIPAL_NOT_SUPPORTED", value)
    if "${" in text or principal.key == "*":
        return
    if has_wildcard(text):
        if principal.key != "AWS" or text != "*":
            context.at("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", value, principal_key=principal.key)
        return
    if principal.key == "Service" and not SERVICE_PRINCIPAL.fullmatch(text):
        context.at("INVALID_SERVICE_PRINCIPAL_FORMAT", value, value=text, expected_format="name.amazonaws.com")
    elif principal.key == "AWS":
        if _ROLE_ID.fullmatch(text):
            context.at("INVALID_ROLE_REFERENCE", value, role_id=text)
        elif _USER_ID.fullmatch(text):
            context.at("INVALID_USER_REFERENCE", value, user_id=text)
        elif text.startswith("arn:") and text.count(":") >= 5:
            fields = text.split(":", 5)
            check_partition(context, value, fields)
            check_account(context, value, fields[4])
