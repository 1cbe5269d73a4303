"""The grammar of role trust policies and of resource-based policies, with the sentences of the parser that reads them.

Source: recorded answers of CreateRole, UpdateAssumeRolePolicy and PutBucketPolicy. Services differ in what else they ask
of a resource-based policy; only what all of them refuse is refused here.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from engine import oidc_trust
from engine.grammar_identity import STATEMENT_ELEMENTS, VERSIONS, values_of
from engine.json_tree import Member, Node
from engine.malformed import refuse
from engine.operators import operator_named
from engine.said import said

_TOP_ELEMENTS: Final = frozenset({"Version", "Id", "Statement"})
_PRINCIPAL_KEYS: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_UNIQUE_ID: Final = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,124}")
_PRINCIPAL_ARN: Final = re.compile(
    r"arn:[a-z0-9-]+:(?:"
    r"iam::(?:[0-9]{12}:(?:root|(?:user|role)/[^*?]+)|[a-z]+:user/[^*?]+)"
    r"|sts::[0-9]{12}:(?:assumed-role|federated-user|self)(?:/[^*?]+)?)"
)
_SERVICE: Final = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:/.*)?")
_PROVIDER_ARN: Final = re.compile(r"arn:[a-z0-9-]+:iam::[0-9]{12}:(?:saml|oidc)-provider/.+")


def check_trust(root: Node, partition: str) -> None:
    """Raise MalformedPolicyDocument for a trust policy that IAM would refuse.

    Whether the principals exist is for the caller to say, with the sentence `invalid_principal`.
    """
    statements = _check_document(root)
    for statement in statements:
        _check_trust_statement(statement)
    _check_sids(statements)


def check_resource(root: Node, partition: str) -> None:
    """Raise MalformedPolicyDocument for a resource-based policy that every service would refuse."""
    statements = _check_document(root)
    for statement in statements:
        _check_statement(statement)
        principal = _the_principal(statement)
        if principal is None:
            refuse("Missing required field Principal", statement.span)
        if principal.value.kind != "string" or principal.value.value != "*":
            _check_principal_types(principal.value)
        if not values_of(statement, "Action") and not values_of(statement, "NotAction"):
            refuse("Missing required field Action", statement.span)
    _check_sids(statements)


def invalid_principal(kind: str, value: str) -> str:
    """IAM's sentence for a principal that does not exist or is none."""
    return f'Invalid principal in policy: "{kind.upper()}":"{value}"'


def _check_document(root: Node) -> list[Node]:
    if root.kind != "object":
        refuse("This policy contains invalid Json", root.span, said("A policy document is a JSON object"))
    if not root.members:
        _syntax_error(root, said("The document is empty"))
    for member in root.members:
        if member.key not in _TOP_ELEMENTS:
            refuse(f"Unknown field {member.key}", member.key_span)
    version, identifier, statement = root.get("Version"), root.get("Id"), root.get("Statement")
    if version is not None and version.value not in VERSIONS:
        refuse("The policy must contain a valid version string", version.span)
    if identifier is not None and identifier.kind != "string":
        _syntax_error(identifier, said("Id is a string"))
    if statement is None:
        refuse("Missing required field Statement", root.span)
    if statement.kind not in ("object", "array"):
        _syntax_error(statement, said("Statement is an object or a list of objects"))
    statements = list(statement.items) if statement.kind == "array" else [statement]
    if not statements:
        refuse("Could not parse the policy: Statement is empty!", statement.span)
    return statements


def _check_statement(statement: Node) -> None:
    if statement.kind != "object":
        _syntax_error(statement, said("A statement is a JSON object"))
    for member in statement.members:
        if member.key not in STATEMENT_ELEMENTS:
            refuse(f"Unknown field {member.key}", member.key_span)
    _check_effect(statement)
    sid = statement.get("Sid")
    if sid is not None and sid.kind != "string":
        _syntax_error(sid, said("Sid is a string"))
    for element in ("Action", "NotAction", "Resource", "NotResource"):
        _check_strings(statement.get(element), element)
    for element in ("Action", "Resource", "Principal"):
        negated = statement.get(f"Not{element}")
        if negated is not None and statement.get(element) is not None:
            _syntax_error(
                negated,
                said("A statement has {element} or {negated}, not both", element=element, negated=f"Not{element}"),
            )
    _check_condition(statement.get("Condition"))


def _check_effect(statement: Node) -> None:
    effect = statement.get("Effect")
    if effect is None:
        refuse("Missing required field Effect", statement.span)
    if effect.kind != "string":
        _syntax_error(effect, said("Effect is a string"))
    if effect.value not in ("Allow", "Deny"):
        refuse(f"Invalid effect: {effect.value}", effect.span)


def _check_strings(node: Node | None, element: str) -> None:
    if node is None or node.kind == "string":
        return
    if node.kind != "array":
        _syntax_error(node, said("{element} is a string or a list of strings", element=element))
    for item in node.items:
        if item.kind != "string":
            _syntax_error(item, said("{element} holds something that is no string", element=element))


def _check_condition(condition: Node | None) -> None:
    if condition is None:
        return
    if condition.kind != "object":
        _syntax_error(condition, said("Condition is a JSON object"))
    for operator in condition.members:
        if operator.value.kind != "object":
            _syntax_error(
                operator.value, said("{name} holds an object of condition keys and values", name=operator.key)
            )
        if operator.value.members and operator_named(operator.key) is None:
            refuse(f"Invalid Condition type : {operator.key}", operator.key_span)
        for key in operator.value.members:
            for value in key.value.items if key.value.kind == "array" else (key.value,):
                if value.kind not in ("string", "number", "true", "false"):
                    _syntax_error(value, said("A condition value is a string, a number or a boolean"))


def _check_trust_statement(statement: Node) -> None:
    _check_statement(statement)
    not_principal = statement.get("NotPrincipal")
    if not_principal is not None:
        effect = statement.get("Effect")
        if effect is not None and effect.value == "Allow":
            refuse("Allow with NotPrincipal is not allowed.", not_principal.span)
        refuse("AssumeRole policy must not contain NotPrincipal field.", not_principal.span)
    principal = _the_principal(statement)
    if principal is None:
        refuse("Missing required field Principal", statement.span)
    if principal.value.kind == "string":
        named = "STAR" if principal.value.value == "*" else "AWS"
        refuse(
            f'AssumeRolepolicy contained an invalid principal: "{named}":"{principal.value.value}".',
            principal.value.span,
        )
    _check_principal_types(principal.value)
    _check_trust_principals(principal.value)
    _check_trust_actions(statement)
    for element, sentence in (
        ("Resource", "Has prohibited field Resource"),
        ("NotResource", "AssumeRole policy must not contain resources."),
    ):
        if (resource := statement.get(element)) is not None:
            refuse(sentence, resource.span)
    complaint = oidc_trust.complaint_about(statement)
    if complaint is not None:
        refuse(complaint, principal.value.span)


def _check_trust_actions(statement: Node) -> None:
    actions = values_of(statement, "Action") or values_of(statement, "NotAction")
    if not actions:
        refuse("Missing required field Action", statement.span)
    for action in actions:
        if not str(action.value).lower().startswith("sts:"):
            refuse("AssumeRole policy may only specify STS AssumeRole actions.", action.span)


def _check_principal_types(principal: Node) -> None:
    if principal.kind != "object":
        _syntax_error(
            principal, said("Principal is an object that names who, by AWS, Service, Federated or CanonicalUser")
        )
    if not principal.members:
        refuse("Missing required field Principal cannot be empty!", principal.span)
    for member in principal.members:
        if member.key not in _PRINCIPAL_KEYS:
            refuse(f"Invalid principal in policy: {_quoted(member)}", member.key_span)
        _check_strings(member.value, member.key)


def _check_trust_principals(principal: Node) -> None:
    for member in principal.members:
        for value in member.value.items if member.value.kind == "array" else (member.value,):
            text = str(value.value)
            if member.key == "AWS" and not _is_aws_principal(text):
                refuse(invalid_principal("AWS", text), value.span)
            if member.key == "Service" and not _SERVICE.fullmatch(text):
                refuse(invalid_principal("Service", text), value.span)
            if member.key == "Federated" and not (_DOMAIN.fullmatch(text) or _PROVIDER_ARN.fullmatch(text)):
                refuse("Federated principals must be valid domain names or SAML metadata ARNs", value.span)


def _is_aws_principal(text: str) -> bool:
    return (
        text == "*"
        or _ACCOUNT.fullmatch(text) is not None
        or _UNIQUE_ID.fullmatch(text) is not None
        or _PRINCIPAL_ARN.fullmatch(text) is not None
    )


def _check_sids(statements: list[Node]) -> None:
    seen: set[str] = set()
    for statement in statements:
        sid = statement.get("Sid")
        if sid is None or not sid.value:
            continue
        if str(sid.value) in seen:
            refuse("The Statement Ids in the policy are not unique", sid.span)
        seen.add(str(sid.value))


def _the_principal(statement: Node) -> Member | None:
    return next((each for each in statement.members if each.key in ("Principal", "NotPrincipal")), None)


def _quoted(member: Member) -> str:
    value = member.value.items[0] if member.value.kind == "array" and member.value.items else member.value
    return f'"{member.key.upper()}":"{value.value}"'


def _syntax_error(node: Node, detail: str) -> NoReturn:
    refuse(f"Syntax error at position ({node.span.start_line},{node.span.start_column})", node.span, detail)
