"""Role trust policies: principals and the actions that suit them, identity providers and the claims to hold them to."""

from __future__ import annotations

import re
from typing import Final

from engine.oidc_trust import COGNITO, GITHUB, issuer_of
from engine.said import said
from engine.validate import fixes
from engine.validate.context import Context, admits
from engine.validate.finding import Fix
from engine.validate.model import Condition, Principal, Statement

_DOMAIN: Final = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:/\S*)?")
_PROVIDER: Final = re.compile(r"arn:[a-z0-9-]+:iam::[0-9]{12}:(?P<type>saml|oidc)-provider/\S+")
_SESSION: Final = re.compile(r"arn:(?P<partition>[^:]+):sts::(?P<account>[^:]+):assumed-role/(?P<role>[^/]+)/.+")
_ROLES_ANYWHERE: Final = "rolesanywhere.amazonaws.com"
_ROLES_ANYWHERE_ACTIONS: Final = ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")
_ACTION_FOR: Final = {
    "sts:assumerolewithsaml": "saml",
    "sts:assumerolewithwebidentity": "oidc",
    "sts:assumerole": "other",
}


def check(context: Context) -> None:
    """All checks of this module."""
    if context.kind != "trust":
        return
    for statement in context.document.statements:
        for element in ("Resource", "NotResource"):
            member = statement.member(element)
            if member is not None:
                context.report(
                    "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE",
                    member.key_span,
                    (*statement.path, element),
                    fixes.remove_member(statement.node, member, said("Remove {name}", name=element)),
                    element=element,
                )
        for principal in statement.principals or ():
            _check_federated(context, principal)
        _check_redundant(context, statement)
        _check_audience(context, statement)
        if statement.allows:
            _check_actions(context, statement)
            _check_roles_anywhere(context, statement)
            _check_claims(context, statement)


def provider_type(principal: Principal) -> str:
    """`saml`, `oidc` or `other`: which AssumeRole action the principal uses."""
    if principal.key != "Federated":
        return "other"
    match = _PROVIDER.fullmatch(principal.value.text)
    return match["type"] if match else "oidc"


def _check_federated(context: Context, principal: Principal) -> None:
    text = principal.value.text
    if principal.key == "Federated" and not (_DOMAIN.fullmatch(text) or _PROVIDER.fullmatch(text)):
        context.at("INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", principal.value)


def _check_actions(context: Context, statement: Statement) -> None:
    principals = statement.principals or ()
    if not principals:
        return
    types = {provider_type(principal) for principal in principals}
    for value in statement.actions or ():
        needed = _ACTION_FOR.get(value.text.lower())
        if needed is not None and needed not in types:
            names = ", ".join(principal.value.text for principal in principals[:3])
            context.at("MISMATCHED_ACTION_FOR_PRINCIPAL", value, action=value.text, principals=names)


def _check_roles_anywhere(context: Context, statement: Statement) -> None:
    if statement.actions is None:
        return
    for principal in statement.principals or ():
        if principal.key == "Service" and principal.value.text == _ROLES_ANYWHERE:
            missing = [each for each in _ROLES_ANYWHERE_ACTIONS if admits(statement.actions, each.lower()) is None]
            if missing:
                context.at(
                    "MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", principal.value, actions=", ".join(missing)
                )


def _issuer(principal: Principal) -> str | None:
    """The host and path that the claims of an OIDC provider begin with."""
    if provider_type(principal) != "oidc":
        return None
    text = principal.value.text
    issuer = issuer_of(text)
    if issuer is None and _DOMAIN.fullmatch(text):
        issuer = text
    return issuer.lower() if issuer else None


def _check_claims(context: Context, statement: Statement) -> None:
    for principal in statement.principals or ():
        issuer = _issuer(principal)
        if issuer is None:
            continue
        claims = [condition for condition in statement.conditions if condition.lower.startswith(f"{issuer}:")]
        if issuer.partition("/")[0] == GITHUB:
            _check_github(context, principal, issuer, claims)
        elif not claims:
            keys = (
                f"{issuer}:aud"
                if issuer == COGNITO
                else said("{first} or {second}", first=f"{issuer}:aud", second=f"{issuer}:sub")
            )
            context.at("MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", principal.value, provider=issuer, keys=keys)


def _check_github(context: Context, principal: Principal, issuer: str, claims: list[Condition]) -> None:
    subjects = [claim for claim in claims if claim.lower in (f"{issuer}:sub", f"{issuer}:job_workflow_ref")]
    if not subjects:
        context.at("MISSING_GITHUB_REPO_CONDITION_KEY", principal.value, key=f"{issuer}:sub")
    for claim in subjects:
        for value in claim.values:
            if claim.lower.endswith(":sub") and claim.positive and ("*" in value.text or "?" in value.text):
                context.at("SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", value, key=claim.key)


def _check_audience(context: Context, statement: Statement) -> None:
    for condition in statement.conditions:
        operator = condition.operator
        if operator is None or operator.quantifier is None or not condition.lower.endswith(":aud"):
            continue
        code = (
            "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE"
            if operator.quantifier == "ForAnyValue"
            else "CONFIRM_AUDIENCE_CLAIM_TYPE"
        )
        context.report(
            code,
            condition.operator_member.key_span,
            condition.path,
            key=condition.key,
            qualifier=operator.quantifier,
        )


def _check_redundant(context: Context, statement: Statement) -> None:
    principals = [each for each in statement.principals or () if each.key == "AWS"]
    roles = {}
    for principal in principals:
        fields = principal.value.text.split(":", 5)
        if len(fields) == 6 and fields[2] == "iam" and fields[5].startswith("role/"):
            roles[(fields[1], fields[4], fields[5].rpartition("/")[2])] = principal.value.text
    for principal in principals:
        match = _SESSION.fullmatch(principal.value.text)
        role = roles.get((match["partition"], match["account"], match["role"])) if match else None
        if role is not None and context.wants("REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY"):
            context.at(
                "REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY",
                principal.value,
                _without(statement, principal),
                principal=principal.value.text,
                role=role,
            )


def _without(statement: Statement, principal: Principal) -> Fix | None:
    member = statement.member("Principal")
    parent = member.value.get("AWS") if member else None
    if parent is None or parent.kind != "array":
        return None
    return fixes.remove_item(parent, principal.value.node, said("Remove the session"))
