"""What AWS refuses when a policy document is saved, with AWS's own codes and sentences (API error MalformedPolicyDocument).

The bar is AWS's, no higher: unknown actions, keys, services and resources pass here and are `validate`'s to mention.
IAM reads identity documents and trust policies with two different parsers, hence the two families of sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from engine import grammar_identity, grammar_organizations, grammar_resource_based
from engine.document import Policy
from engine.json_tree import Node, PolicySyntaxError, Span, parse
from engine.malformed import SYNTAX, MalformedPolicyDocument
from engine.operators import operator_named
from engine.said import said

PolicyKind = Literal["identity", "resource", "trust", "scp", "rcp", "session", "boundary"]
KINDS: Final[tuple[PolicyKind, ...]] = ("identity", "resource", "trust", "scp", "rcp", "session", "boundary")

_CHECKS: Final[Mapping[str, Callable[[Node, str], None]]] = {
    "identity": grammar_identity.check,
    "session": grammar_identity.check,
    "boundary": grammar_identity.check,
    "resource": grammar_resource_based.check_resource,
    "trust": grammar_resource_based.check_trust,
    "scp": grammar_organizations.check_service_control,
    "rcp": grammar_organizations.check_resource_control,
}
_NOT_JSON: Final = {
    "trust": "This policy contains invalid Json",
    "resource": "This policy contains invalid Json",
    "scp": grammar_organizations.MESSAGE,
    "rcp": grammar_organizations.MESSAGE,
}
_WHITE_SPACE: Final = re.compile(r"\s+")
_BEYOND_LATIN_1: Final = re.compile("[^\t\n\r\u0020-\u00ff]")
_LATIN_1_KINDS: Final = frozenset({"identity", "trust", "session", "boundary"})

__all__ = ["KINDS", "MalformedPolicyDocument", "PolicyKind", "check_saving", "size"]


def size(text: str) -> int:
    """The length of a document as IAM counts it against its quotas: white space is not counted."""
    return len(_WHITE_SPACE.sub("", text))


def check_saving(text: str, kind: PolicyKind, *, partition: str = "aws") -> Policy:
    """The policy of a document that AWS would save.

    `partition` is the one that the account is in. Raises MalformedPolicyDocument, with AWS's code and sentence and the
    line and column, for what AWS would refuse, and ValueError for an unknown kind. Quotas are not looked at: compare
    `size`.
    """
    if kind not in _CHECKS:
        raise ValueError(f"{kind} is no kind of policy")
    if kind in _LATIN_1_KINDS:
        check_characters(text)
    try:
        root = parse(text)
    except PolicySyntaxError as error:
        place = Span(error.line, error.column, error.offset, error.line, error.column, error.offset)
        raise _refusal(kind, _NOT_JSON.get(kind, SYNTAX), place, error.message) from None
    _check_unique_keys(root, kind)
    _CHECKS[kind](root, partition)
    return _policy(text, root)


def check_characters(text: str) -> None:
    """IAM's parameter pattern for documents: tab, line feed, carriage return and U+0020 to U+00FF."""
    found = _BEYOND_LATIN_1.search(text)
    if found is None:
        return
    line = text.count("\n", 0, found.start()) + 1
    column = found.start() - text.rfind("\n", 0, found.start())
    place = Span(line, column, found.start(), line, column + 1, found.end())
    raise MalformedPolicyDocument(
        "The specified value for policyDocument is invalid. It must contain only printable ASCII characters.",
        place,
        detail=said(
            "The character {code} at line {line}, column {column} is not in Latin-1; write it as a \\u escape",
            code=f"U+{ord(found.group()):04X}",
            line=line,
            column=column,
        ),
        code="ValidationError",
    )


def _check_unique_keys(root: Node, kind: str) -> None:
    pending = [root]
    while pending:
        node = pending.pop()
        twice = node.duplicate() if node.members else None
        if twice is not None:
            message = _NOT_JSON.get(kind, SYNTAX)
            raise _refusal(
                kind, message, twice.key_span, said("The key {name} stands twice in one object", name=twice.key)
            )
        pending.extend(member.value for member in reversed(node.members))
        pending.extend(reversed(node.items))


def _refusal(kind: str, message: str, place: Span, detail: str) -> MalformedPolicyDocument:
    code = grammar_organizations.CODE if kind in ("scp", "rcp") else "MalformedPolicyDocument"
    return MalformedPolicyDocument(message, place, detail=detail, code=code)


def _policy(text: str, root: Node) -> Policy:
    try:
        return Policy.parse(text)
    except PolicySyntaxError:
        # AWS saves a few things that say nothing: null in a list of resources, an unknown operator with no keys.
        return Policy.from_value(_without_void(root.decoded()))


def _without_void(value: dict[str, Any]) -> dict[str, Any]:
    statements = value["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    return {**value, "Statement": [_meaningful(statement) for statement in listed]}


def _meaningful(statement: dict[str, Any]) -> dict[str, Any]:
    kept = dict(statement)
    for element in ("Resource", "NotResource"):
        if isinstance(kept.get(element), list):
            kept[element] = [resource for resource in kept[element] if resource is not None]
    if "Condition" in kept:
        kept["Condition"] = {name: keys for name, keys in kept["Condition"].items() if keys or operator_named(name)}
    return kept
