"""The grammar of service control policies and resource control policies (Organizations User Guide, "SCP syntax" and
"RCP syntax"). Organizations has one sentence for everything it refuses."""

from __future__ import annotations

from typing import Final, NoReturn

from engine import catalog
from engine.grammar_identity import STATEMENT_ELEMENTS, values_of
from engine.json_tree import Node, Span
from engine.malformed import MalformedPolicyDocument
from engine.operators import operator_named
from engine.said import said

CODE: Final = "MalformedPolicyDocumentException"
MESSAGE: Final = "The provided policy document does not meet the requirements of the specified policy type."


def check_service_control(root: Node, partition: str) -> None:
    """Raise MalformedPolicyDocument for a service control policy that Organizations would refuse."""
    for statement in _statements(root):
        _check_statement(statement)
        for element in ("Principal", "NotPrincipal"):
            if (node := statement.get(element)) is not None:
                _refuse(node.span, said("A service control policy names no principal"))


def check_resource_control(root: Node, partition: str) -> None:
    """Raise MalformedPolicyDocument for a resource control policy that Organizations would refuse."""
    for statement in _statements(root):
        _check_statement(statement)
        effect, principal = statement.get("Effect"), statement.get("Principal")
        if effect is not None and effect.value != "Deny":
            _refuse(effect.span, said("A resource control policy only denies"))
        if principal is None or _principal_value(principal) != "*":
            _refuse(
                principal.span if principal else statement.span,
                said('The Principal of a resource control policy is "*"'),
            )
        if (not_action := statement.get("NotAction")) is not None:
            _refuse(not_action.span, said("A resource control policy has no NotAction"))
        for action in values_of(statement, "Action"):
            prefix = str(action.value).partition(":")[0].lower()
            if prefix not in catalog.rcp_services():
                _refuse(
                    action.span, said("Resource control policies do not govern the service {prefix}", prefix=prefix)
                )


def _principal_value(node: Node) -> object:
    if node.kind == "object" and len(node.members) == 1 and node.members[0].key == "AWS":
        node = node.members[0].value
        if node.kind == "array" and len(node.items) == 1:
            node = node.items[0]
    return node.value


def _statements(root: Node) -> list[Node]:
    if root.kind != "object":
        _refuse(root.span, said("A policy document is a JSON object"))
    for member in root.members:
        if member.key not in ("Version", "Id", "Statement"):
            _refuse(member.key_span, said("{name} is no element of a policy", name=member.key))
    version, statement = root.get("Version"), root.get("Statement")
    if version is None or version.value != "2012-10-17":
        _refuse(version.span if version else root.span, said("Version is 2012-10-17"))
    if statement is None or statement.kind not in ("object", "array"):
        _refuse(statement.span if statement else root.span, said("Statement is an object or a list of objects"))
    statements = list(statement.items) if statement.kind == "array" else [statement]
    if not statements:
        _refuse(statement.span, said("The list of statements is empty"))
    return statements


def _check_statement(statement: Node) -> None:
    if statement.kind != "object":
        _refuse(statement.span, said("A statement is a JSON object"))
    for member in statement.members:
        if member.key not in STATEMENT_ELEMENTS:
            _refuse(member.key_span, said("{name} is no element of a statement", name=member.key))
    effect, sid = statement.get("Effect"), statement.get("Sid")
    if effect is None or effect.value not in ("Allow", "Deny"):
        _refuse(effect.span if effect else statement.span, said("Effect is Allow or Deny"))
    if sid is not None and sid.kind != "string":
        _refuse(sid.span, said("Sid is a string"))
    for element in ("Action", "Resource"):
        _check_pair(statement, element)
    for action in (*values_of(statement, "Action"), *values_of(statement, "NotAction")):
        if action.value != "*" and str(action.value).count(":") != 1:
            _refuse(action.span, said("An action is written service:name"))
    _check_condition(statement.get("Condition"))


def _check_pair(statement: Node, element: str) -> None:
    plain, negated = statement.get(element), statement.get(f"Not{element}")
    node = plain or negated
    if node is None:
        _refuse(
            statement.span,
            said("The statement has neither {element} nor {negated}", element=element, negated=f"Not{element}"),
        )
    if plain is not None and negated is not None:
        _refuse(
            negated.span,
            said("A statement has {element} or {negated}, not both", element=element, negated=f"Not{element}"),
        )
    values = node.items if node.kind == "array" else (node,)
    if not values:
        _refuse(node.span, said("The list of {element} is empty", element=element))
    for value in values:
        if value.kind != "string":
            _refuse(value.span, said("{element} is a string or a list of strings", element=element))


def _check_condition(condition: Node | None) -> None:
    if condition is None:
        return
    if condition.kind != "object":
        _refuse(condition.span, said("Condition is a JSON object"))
    for operator in condition.members:
        if operator_named(operator.key) is None or operator.value.kind != "object":
            _refuse(operator.key_span, said("{name} is no condition operator over condition keys", name=operator.key))
        for key in operator.value.members:
            for value in key.value.items if key.value.kind == "array" else (key.value,):
                if value.kind not in ("string", "number", "true", "false"):
                    _refuse(value.span, said("A condition value is a string, a number or a boolean"))


def _refuse(span: Span, detail: str) -> NoReturn:
    raise MalformedPolicyDocument(MESSAGE, span, detail=detail, code=CODE)
