"""Reading documents from files, standard input and JSON lines, and guessing of which kind they are."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.grammar import KINDS, PolicyKind
from engine.json_tree import Node, PolicySyntaxError, parse

STANDARD_INPUT: Final = "-"
_AWS_TYPES: Final[dict[str, PolicyKind]] = {
    "IDENTITY_POLICY": "identity",
    "RESOURCE_POLICY": "resource",
    "SERVICE_CONTROL_POLICY": "scp",
    "RESOURCE_CONTROL_POLICY": "rcp",
}


class UnreadableDocument(ValueError):
    """A file that cannot be read, or a JSON line that holds no document."""


@dataclass(frozen=True, slots=True)
class GivenDocument:
    """One document to look at: where it came from, its id if it has one, its text and what it was said to be."""

    source: str
    id: Any
    text: str
    policy_type: str | None = None


def read(names: list[str]) -> Iterator[GivenDocument | UnreadableDocument]:
    """The documents of files; `-` is standard input. Files of JSON lines hold one document a line."""
    for name in names or [STANDARD_INPUT]:
        source = "<stdin>" if name == STANDARD_INPUT else name
        try:
            raw = sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
            text = raw.decode("utf-8")
        except OSError as error:
            yield UnreadableDocument(f"{source}: {error.strerror or error}")
            continue
        except UnicodeDecodeError as error:
            yield UnreadableDocument(f"{source}: not UTF-8 at byte {error.start}")
            continue
        if _is_json_lines(name, text):
            yield from _lines(source, text.splitlines())
        else:
            yield GivenDocument(source, source, text)


def _is_json_lines(name: str, text: str) -> bool:
    if name.endswith((".jsonl", ".ndjson")):
        return True
    first = text.lstrip().partition("\n")[0]
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and ("document" in value or "document_text" in value) and "Statement" not in value


def _lines(source: str, lines: list[str]) -> Iterator[GivenDocument | UnreadableDocument]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield UnreadableDocument(f"{source}:{number}: not JSON: {error}")
            continue
        if not isinstance(value, dict) or not ("document" in value or "document_text" in value):
            yield UnreadableDocument(f"{source}:{number}: the line has neither document nor document_text")
            continue
        given = value.get("document_text")
        document = given if isinstance(given, str) else json.dumps(value.get("document"), indent=4, ensure_ascii=False)
        yield GivenDocument(f"{source}:{number}", value.get("id", number), document, value.get("policy_type"))


def kind_of(document: GivenDocument, wanted: str) -> PolicyKind:
    """The kind to read a document as: what its line says, what was asked for, or a guess."""
    said = document.policy_type or wanted
    if said in _AWS_TYPES:
        return _AWS_TYPES[said]
    for kind in KINDS:
        if said == kind:
            return kind
    return guess_kind(document.text)


def guess_kind(text: str) -> PolicyKind:
    """A trust policy names principals, only STS actions and no resource; other policies with principals are resource
    policies, all others identity policies. An SCP looks like an identity policy and must be called one."""
    try:
        root = parse(text)
    except PolicySyntaxError:
        return "identity"
    statement = root.get("Statement")
    if statement is None:
        return "identity"
    statements = statement.items if statement.kind == "array" else (statement,)
    if not any(_has(each, "Principal", "NotPrincipal") for each in statements):
        return "identity"
    if any(_has(each, "Resource", "NotResource") for each in statements):
        return "resource"
    actions = [action for each in statements for action in _actions(each)]
    return "trust" if actions and all(action.lower().startswith("sts:") for action in actions) else "resource"


def _has(statement: Node, *elements: str) -> bool:
    return any(member.key in elements for member in statement.members)


def _actions(statement: Node) -> list[str]:
    node = statement.get("Action") or statement.get("NotAction")
    if node is None:
        return []
    return [str(each.value) for each in (node.items if node.kind == "array" else (node,))]
