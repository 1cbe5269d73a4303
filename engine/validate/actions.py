"""Actions: whether they and their services exist (Service Authorization Reference)."""

from __future__ import annotations

from engine import catalog
from engine.validate import fixes
from engine.validate.context import Context, actions_matching
from engine.validate.model import Value
from engine.validate.structure import suggestion
from engine.wildcards import has_wildcard


def check(context: Context) -> None:
    """All checks of this module."""
    for statement in context.document.statements:
        for value in (*(statement.actions or ()), *(statement.not_actions or ())):
            _check_action(context, value)
        for value in statement.actions or ():
            if context.kind == "scp" and "*" in value.text.partition(":")[2][:-1]:
                context.at("SCP_SYNTAX_ERROR_ACTION_WILDCARD", value, action=value.text)


def _check_action(context: Context, value: Value) -> None:
    text = value.text
    if text == "*":
        return
    prefix, colon, name = text.partition(":")
    if has_wildcard(prefix):
        context.at("WILDCARD_IN_SERVICE_NAME", value, service=prefix)
        return
    if "${" in text:
        return
    if not colon:
        near = _service_that_has(text) if context.may_suggest() else None
        context.at(
            "INVALID_ACTION",
            value,
            fixes.replace(value.span, near) if near else None,
            action=text,
            suggestion=suggestion(near),
        )
    elif not catalog.service_exists(prefix):
        near = catalog.nearest(prefix, catalog.services()) if context.may_suggest() else None
        fix = fixes.replace(value.span, f"{near}:{name}") if near and actions_matching(f"{near}:{name}") else None
        context.at("INVALID_SERVICE_IN_ACTION", value, fix, service=prefix, suggestion=suggestion(near))
    elif not actions_matching(text):
        _report_unknown(context, value, prefix, name)


def _report_unknown(context: Context, value: Value, prefix: str, name: str) -> None:
    if ":" in name or has_wildcard(name) or not context.may_suggest():
        context.at("INVALID_ACTION", value, action=value.text, suggestion="")
        return
    near = catalog.nearest_action(prefix, name)
    fix = fixes.replace(value.span, f"{prefix}:{near}") if near else None
    context.at(
        "INVALID_ACTION", value, fix, action=value.text, suggestion=suggestion(f"{prefix}:{near}" if near else None)
    )


def _service_that_has(text: str) -> str | None:
    """For an action without its service: the one full name of the services people use most."""
    for prefix in ("iam", "sts", "s3", "ec2", "lambda", "dynamodb", "sqs", "sns", "kms", "logs"):
        found = catalog.service(prefix).actions.get(text.lower())
        if found is not None:
            return found.full_name
    return None
