"""Advice on policy documents: the 153 checks of ValidatePolicy, with places and quick fixes.

Nothing here stops a document from being saved; that is `grammar`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from engine.json_tree import Node, PolicySyntaxError, Span, parse
from engine.said import said
from engine.validate import (
    actions,
    condition_keys,
    condition_types,
    condition_wildcards,
    ip_addresses,
    passing_roles,
    principals,
    redundancy,
    resource_control,
    resource_types,
    resources,
    service_principals,
    single_services,
    sizes,
    structure,
    tags,
    trust,
    variables,
)
from engine.validate.codes import CODES, OFF_BY_DEFAULT, SCOPES, Code, Severity
from engine.validate.context import Context
from engine.validate.finding import SEVERITY_ORDER, Edit, Finding, Fix, apply_edits
from engine.validate.model import read_document

__all__ = ["CODES", "OFF_BY_DEFAULT", "Code", "Edit", "Finding", "Fix", "Severity", "apply_edits", "check"]

_CHECKS: Final[tuple[Callable[[Context], None], ...]] = (
    structure.check,
    sizes.check,
    principals.check,
    actions.check,
    resources.check,
    variables.check,
    condition_keys.check,
    condition_types.check,
    ip_addresses.check,
    condition_wildcards.check,
    tags.check,
    service_principals.check,
    trust.check,
    resource_control.check,
    passing_roles.check,
    resource_types.check,
    single_services.check,
    redundancy.check,
)


def check(text: str, kind: str, *, resource_type: str | None = None, also: Collection[str] = ()) -> list[Finding]:
    """What there is to say about a document of a kind: identity, boundary, session, resource, trust, scp or rcp.

    `resource_type` is the CloudFormation name of what a resource policy sits on, such as `AWS::S3::Bucket`; `also`
    switches on codes that are off by default. The gravest findings come first, then by place. Raises ValueError for an
    unknown kind; never for anything in the text.
    """
    if kind not in SCOPES:
        raise ValueError(f"{kind} is no kind of policy")
    try:
        root = parse(text)
    except PolicySyntaxError as error:
        return [_syntax_error(error)]
    twice = _duplicate_key(root)
    if twice is not None:
        return [twice]
    context = Context(text, read_document(root), kind, resource_type, also)
    for each in _CHECKS:
        each(context)
    return sorted(context.findings, key=lambda found: (SEVERITY_ORDER[found.severity], found.span.start_offset))


def _syntax_error(error: PolicySyntaxError) -> Finding:
    span = Span(error.line, error.column, error.offset, error.line, error.column + 1, error.offset + 1)
    return _finding(span, said(" at line {line}, column {column}", line=error.line, column=error.column), error.message)


def _finding(span: Span, place: str, reason: str) -> Finding:
    code = CODES["JSON_SYNTAX_ERROR"]
    message = said(code.message, place=place, reason=reason)
    return Finding(code.name, code.severity, message, span, (), None, {"place": place, "reason": reason})


def _duplicate_key(root: Node) -> Finding | None:
    """A key that stands twice in one object: readers disagree which counts, and AWS refuses it."""
    pending = [root]
    while pending:
        node = pending.pop()
        twice = node.duplicate() if node.members else None
        if twice is not None:
            return _finding(twice.key_span, "", said("the key {name} stands twice in one object", name=twice.key))
        pending.extend(member.value for member in node.members)
        pending.extend(node.items)
    return None
