"""The grammar of identity policies, permissions boundaries and session policies, in the order in which IAM looks.

The order matters: a document with several faults gets the sentence that IAM would give it. Source: recorded answers of
CreatePolicy, and IAM User Guide, "Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

import re
from typing import Final

from engine import grammar_arn, iso_dates
from engine.json_tree import Node
from engine.malformed import LEGACY, refuse, syntax_error
from engine.operators import operator_named
from engine.said import said

_TOP_ELEMENTS: Final = frozenset({"Version", "Id", "Statement"})
STATEMENT_ELEMENTS: Final = frozenset(
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"]
)
VERSIONS: Final = ("2012-10-17", "2008-10-17")
_VENDOR: Final = re.compile(r"[A-Za-z0-9.-]+")
_SID: Final = re.compile(r"[0-9A-Za-z]*")


def check(root: Node, partition: str) -> None:
    """Raise MalformedPolicyDocument for what IAM would refuse."""
    statements = check_structure(root)
    version = root.get("Version")
    if version is None or version.value != "2012-10-17":
        refuse("Policy document must be version 2012-10-17 or greater.", version.span if version else root.span)
    for statement in statements:
        _check_no_principal(statement)
    for statement in statements:
        _check_legacy_statement(statement)
    complaint = grammar_arn.check_resources(statements, partition)
    _check_sids(statements)
    for statement in statements:
        check_actions_exist(statement)
    if complaint is not None:
        refuse(complaint.message, complaint.span)
    for statement in statements:
        check_action_forms(statement)
    for statement in statements:
        check_resources_exist(statement)


def check_structure(root: Node) -> list[Node]:
    """The statements of a document whose JSON has the right shape; else the refusal with IAM's one sentence for it."""
    if root.kind != "object":
        syntax_error(root.span, said("A policy document is a JSON object"))
    for member in root.members:
        if member.key not in _TOP_ELEMENTS:
            syntax_error(member.key_span, said("{name} is no element of a policy", name=member.key))
    version, identifier, statement = root.get("Version"), root.get("Id"), root.get("Statement")
    if version is not None and version.value not in VERSIONS:
        syntax_error(version.span, said("Version is 2012-10-17 or 2008-10-17"))
    if identifier is not None and identifier.kind != "string":
        syntax_error(identifier.span, said("Id is a string"))
    if statement is None:
        syntax_error(root.span, said("The document has no Statement"))
    statements = list(statement.items) if statement.kind == "array" else [statement]
    if not statements:
        syntax_error(statement.span, said("The list of statements is empty"))
    for each in statements:
        _check_statement_structure(each)
    return statements


def _check_statement_structure(statement: Node) -> None:
    if statement.kind != "object":
        syntax_error(statement.span, said("A statement is a JSON object"))
    for member in statement.members:
        if member.key not in STATEMENT_ELEMENTS:
            syntax_error(member.key_span, said("{name} is no element of a statement", name=member.key))
    for element in ("Resource", "Action"):
        negated = statement.get(f"Not{element}")
        if negated is not None and statement.get(element) is not None:
            syntax_error(
                negated.span,
                said("A statement has {element} or {negated}, not both", element=element, negated=f"Not{element}"),
            )
    effect = statement.get("Effect")
    if effect is None:
        syntax_error(statement.span, said("The statement has no Effect"))
    if effect.kind != "string" or str(effect.value).lower() not in ("allow", "deny"):
        syntax_error(effect.span, said("Effect is Allow or Deny"))
    _check_value_types(statement)


def _check_value_types(statement: Node) -> None:
    for element in ("Action", "NotAction"):
        check_strings(statement, element)
    for element in ("Resource", "NotResource"):
        check_strings(statement, element, nulls=True)
    check_condition_structure(statement)
    sid = statement.get("Sid")
    if sid is not None and sid.kind != "string":
        syntax_error(sid.span, said("Sid is a string"))


def check_strings(statement: Node, element: str, *, nulls: bool = False) -> None:
    """The element, where present, is a string or a list of strings (IAM lets null stand in a list of resources)."""
    node = statement.get(element)
    if node is None or node.kind == "string":
        return
    if node.kind != "array":
        syntax_error(node.span, said("{element} is a string or a list of strings", element=element))
    for item in node.items:
        if item.kind != "string" and not (nulls and item.kind == "null"):
            syntax_error(item.span, said("{element} holds something that is no string", element=element))


def check_condition_structure(statement: Node) -> None:
    """Condition is an object of operators, each an object of keys, each with a value or a list of values."""
    condition = statement.get("Condition")
    if condition is None:
        return
    if condition.kind != "object":
        syntax_error(condition.span, said("Condition is a JSON object"))
    for operator in condition.members:
        if operator.value.kind != "object":
            syntax_error(
                operator.value.span, said("{name} holds an object of condition keys and values", name=operator.key)
            )
        if operator.value.members and operator_named(operator.key) is None:
            syntax_error(operator.key_span, said("{name} is no condition operator", name=operator.key))
        for key in operator.value.members:
            for value in key.value.items if key.value.kind == "array" else (key.value,):
                if value.kind not in ("string", "number", "true", "false"):
                    syntax_error(value.span, said("A condition value is a string, a number or a boolean"))


def _check_no_principal(statement: Node) -> None:
    for member in statement.members:
        if member.key in ("Principal", "NotPrincipal"):
            refuse("Policy document should not specify a principal.", member.key_span)


def _check_legacy_statement(statement: Node) -> None:
    effect, condition = statement.get("Effect"), statement.get("Condition")
    if effect is not None and effect.value not in ("Allow", "Deny"):
        refuse(LEGACY, effect.span, said("Effect is written Allow or Deny, with this case"))
    for operator in condition.members if condition else ():
        known = operator_named(operator.key)
        if known is None or known.family != "date":
            continue
        for key in operator.value.members:
            for value in key.value.items if key.value.kind == "array" else (key.value,):
                if not iso_dates.is_date(str(value.value)):
                    refuse(
                        LEGACY,
                        value.span,
                        said("{name} needs a date (ISO 8601) or seconds since 1970", name=operator.key),
                    )


def _check_sids(statements: list[Node]) -> None:
    seen: set[str] = set()
    for statement in statements:
        sid = statement.get("Sid")
        if sid is None or not sid.value:
            continue
        text = str(sid.value)
        if not _SID.fullmatch(text):
            refuse(
                "Statement IDs (SID) must be alpha-numeric. "
                "Check that your input satisfies the regular expression [0-9A-Za-z]*",
                sid.span,
            )
        if text in seen:
            refuse("Statement IDs (SID) in a single policy must be unique.", sid.span)
        seen.add(text)


def values_of(statement: Node, element: str) -> tuple[Node, ...]:
    """The values of an element that is one value or a list; none where it is absent."""
    node = statement.get(element)
    if node is None:
        return ()
    return node.items if node.kind == "array" else (node,)


def check_actions_exist(statement: Node) -> None:
    """There is an Action or NotAction, and it is no empty list."""
    node = statement.get("Action") or statement.get("NotAction")
    if node is None or (node.kind == "array" and not node.items):
        refuse("Policy statement must contain actions.", node.span if node else statement.span)


def check_resources_exist(statement: Node) -> None:
    """There is a Resource or NotResource, and it is no empty list."""
    node = statement.get("Resource") or statement.get("NotResource")
    if node is None or (node.kind == "array" and not node.items):
        refuse("Policy statement must contain resources.", node.span if node else statement.span)


def check_action_forms(statement: Node) -> None:
    """Every action is `*` or `vendor:name`; whether they exist does not matter."""
    for item in (*values_of(statement, "Action"), *values_of(statement, "NotAction")):
        vendor, *names = str(item.value).split(":")
        if not names:
            if vendor != "*":
                refuse("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.", item.span)
        elif len(names) > 1:
            refuse("Actions/Condition can contain only one colon.", item.span)
        elif vendor != "*" and not _VENDOR.fullmatch(vendor):
            refuse(f"Vendor {vendor} is not valid", item.span)
