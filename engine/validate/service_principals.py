"""AWS services as principals: the confused deputy (IAM User Guide, "The confused deputy problem")."""

from __future__ import annotations

from typing import Final

from engine.global_keys import tag_key_prefix
from engine.validate.context import Context
from engine.validate.model import Statement

_GUARDS: Final = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths")
_WEAKER_GUARDS: Final = (
    "aws:sourceip",
    "aws:vpcsourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:referer",
    "aws:useragent",
    "aws:viaawsservice",
    "kms:calleraccount",
    "kms:viaservice",
    "lambda:eventsourcetoken",
)
# What describes a person or role that calls; a service that calls on its own behalf has none of it.
_CALLER_KEYS: Final = frozenset(
    {
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:username",
        "aws:userid",
        "aws:multifactorauthpresent",
        "aws:multifactorauthage",
        "aws:tokenissuetime",
        "aws:federatedprovider",
        "aws:sourceidentity",
        "aws:assumedroot",
    }
)
# These hand a role to what runs in the role's own account, where iam:PassRole guards it, and send no source.
_NO_SOURCE_IN_TRUST: Final = frozenset(
    {
        "ec2.amazonaws.com",
        "ec2.amazonaws.com.cn",
        "edgelambda.amazonaws.com",
        "lambda.amazonaws.com",
        "pods.eks.amazonaws.com",
    }
)


def check(context: Context) -> None:
    """All checks of this module."""
    for statement in context.document.statements:
        services = [each for each in statement.principals or () if each.key == "Service"]
        if not statement.allows or not services:
            continue
        if context.kind == "trust":
            services = [each for each in services if each.value.text not in _NO_SOURCE_IN_TRUST]
        if services and not statement.has_key(*_GUARDS):
            weaker = next(statement.with_key(*_WEAKER_GUARDS), None) if context.kind == "resource" else None
            for principal in services:
                if weaker is None:
                    context.at("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", principal.value, service=principal.value.text)
                else:
                    context.report(
                        "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
                        weaker.member.key_span,
                        weaker.path,
                        service=principal.value.text,
                        key=weaker.key,
                    )
        if len(services) == len(statement.principals or ()):
            _check_caller_keys(context, statement)


def _check_caller_keys(context: Context, statement: Statement) -> None:
    useless = [
        condition
        for condition in statement.conditions
        if condition.lower in _CALLER_KEYS or tag_key_prefix(condition.key) == "aws:principaltag/"
    ]
    if useless:
        context.report(
            "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
            useless[0].member.key_span,
            useless[0].path,
            keys=", ".join(condition.key for condition in useless),
        )
