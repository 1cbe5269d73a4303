"""Documents as text: formatted for people, compared line by line, and in one canonical form for equal meanings."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from engine import catalog
from engine.document import Condition, Policy, Principals, Statement
from engine.json_tree import Member, Node, PolicySyntaxError, parse
from engine.operators import operator_named

INDENT: Final = 4

_ELEMENTS: Final = (
    *("Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal"),
    *("Action", "NotAction", "Resource", "NotResource", "Condition"),
)
_ORDER: Final = {name: position for position, name in enumerate(_ELEMENTS)}
_BEYOND_LATIN_1: Final = re.compile("[^\u0020-\u00ff]")


def fmt(text: str, indent: int = INDENT) -> str:
    """The document laid out: elements in AWS's order, one list item a line. Values, and their order, stay as they are.

    What does not fit Latin-1 is written as an escape, as IAM asks. Raises PolicySyntaxError for what is not JSON.
    """
    return _written(parse(text), indent, 0, top=True) + "\n"


def laid_out(text: str, *, always: bool = False) -> str:
    """A document that was written in one line as `fmt` lays it out, for people to read; `always` one of several lines, too.

    Any other text, and what is not JSON, comes back as it is.
    """
    if in_lines(text) and not always:
        return text
    try:
        return fmt(text).rstrip("\n")
    except PolicySyntaxError:
        return text


def in_lines(text: str) -> bool:
    """Whether a document has several lines."""
    return "\n" in text.strip()


def _written(node: Node, indent: int, depth: int, *, top: bool = False) -> str:
    inner, outer = "\n" + " " * indent * (depth + 1), "\n" + " " * indent * depth
    if node.kind == "object":
        members = sorted(node.members, key=_position) if top or depth <= _STATEMENT_DEPTH else node.members
        parts = [f"{_string(each.key)}: {_written(each.value, indent, depth + 1)}" for each in members]
        return "{" + inner + f",{inner}".join(parts) + outer + "}" if parts else "{}"
    if node.kind == "array":
        parts = [_written(item, indent, depth + 1) for item in node.items]
        return "[" + inner + f",{inner}".join(parts) + outer + "]" if parts else "[]"
    if node.kind == "string":
        return _string(str(node.value))
    return str(node.value) if node.kind == "number" else node.kind


_STATEMENT_DEPTH: Final = 2


def _position(member: Member) -> int:
    return _ORDER.get(member.key, len(_ORDER))


def _string(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    return _BEYOND_LATIN_1.sub(lambda match: json.dumps(match.group())[1:-1], written)


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a comparison: kept (` `), taken out (`-`) or put in (`+`), with its number in the old and new text."""

    sign: Literal[" ", "-", "+"]
    text: str
    old_number: int | None
    new_number: int | None


def diff(old: str, new: str, *, context: int | None = None) -> list[DiffLine]:
    """The line diff of two documents after `fmt`, so that layout does not show; as they are where one is not JSON.

    `context` keeps that many unchanged lines around each change; None keeps all.
    """
    before, after = _lines(old), _lines(new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=len(before) + len(after) > _MANY_LINES)
    found: list[DiffLine] = []
    for tag, first, first_end, second, second_end in matcher.get_opcodes():
        if tag == "equal":
            pairs = zip(range(first, first_end), range(second, second_end), strict=True)
            found += [DiffLine(" ", before[i], i + 1, j + 1) for i, j in pairs]
            continue
        found += [DiffLine("-", before[i], i + 1, None) for i in range(first, first_end)]
        found += [DiffLine("+", after[j], None, j + 1) for j in range(second, second_end)]
    return found if context is None else _near_changes(found, context)


_MANY_LINES: Final = 20_000


def _lines(text: str) -> list[str]:
    try:
        return fmt(text).splitlines()
    except PolicySyntaxError:
        return text.splitlines()


def _near_changes(lines: Sequence[DiffLine], context: int) -> list[DiffLine]:
    kept: set[int] = set()
    for position, line in enumerate(lines):
        if line.sign != " ":
            kept.update(range(position - context, position + context + 1))
    return [line for position, line in enumerate(lines) if position in kept]


def canonical(policy: Policy) -> dict[str, Any]:
    """The document in the one form that all documents deciding alike by the same statements share.

    Lists are sorted and without repetition, names have AWS's case, `"*"` as principal is `{"AWS": "*"}`, numbers and
    booleans are text. Statements keep their order and Sids.
    """
    found: dict[str, Any] = {"Version": policy.version}
    if policy.id is not None:
        found["Id"] = policy.id
    found["Statement"] = [_statement(statement) for statement in policy.statements]
    return found


def canonical_text(policy: Policy) -> str:
    """The canonical form as compact JSON."""
    return json.dumps(canonical(policy), separators=(",", ":"), ensure_ascii=True)


def fingerprint(policy: Policy) -> str:
    """A digest that documents of the same meaning share, whatever their layout, Sids and order of statements."""
    found = canonical(policy)
    found.pop("Id", None)
    statements = found.pop("Statement")
    meanings = {json.dumps({**each, "Sid": ""}, sort_keys=True) for each in statements}
    return hashlib.sha256(json.dumps([found, sorted(meanings)]).encode()).hexdigest()


def same_meaning(one: Policy, other: Policy) -> bool:
    """Whether two documents say the same, by form: equal fingerprints. (Unequal ones may still decide alike.)"""
    return fingerprint(one) == fingerprint(other)


def _statement(statement: Statement) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if statement.sid:
        found["Sid"] = statement.sid
    found["Effect"] = statement.effect
    for name, principals in (("Principal", statement.principal), ("NotPrincipal", statement.not_principal)):
        if principals is not None:
            found[name] = _principals(principals)
    for name, values, fold in (
        ("Action", statement.actions, _action),
        ("NotAction", statement.not_actions, _action),
        ("Resource", statement.resources, str),
        ("NotResource", statement.not_resources, str),
    ):
        if values is not None:
            found[name] = _sorted(values, fold)
    if statement.conditions:
        found["Condition"] = _conditions(statement.conditions)
    return found


def _principals(principals: Principals) -> dict[str, list[str]]:
    listed = (
        ("AWS", principals.aws),
        ("CanonicalUser", principals.canonical_user),
        ("Federated", principals.federated),
        ("Service", principals.service),
    )
    return {name: _sorted(values, str) for name, values in listed if values}


def _sorted(values: Iterable[str], fold: Callable[[str], str]) -> list[str]:
    return sorted({fold(value) for value in values})


def _action(name: str) -> str:
    """AWS's spelling of an action; of a pattern, lower case."""
    prefix, colon, rest = name.partition(":")
    if colon and "*" not in name and "?" not in name:
        found = catalog.service(prefix).actions.get(rest.lower()) if catalog.service_exists(prefix) else None
        if (
            found is not None
        ):  # not asked for by `catalog.action`, which looks for the nearest name to what is not there
            return found.full_name
    return name.lower()


def _conditions(conditions: Iterable[Condition]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for condition in conditions:
        operator, key = _operator(condition.operator), _key(condition.key)
        if key in found.get(operator, {}):
            operator, key = condition.operator, condition.key  # two spellings of one key both count: keep them apart
        found.setdefault(operator, {})[key] = _sorted(condition.values, str)
    return {operator: dict(sorted(keys.items())) for operator, keys in sorted(found.items())}


def _operator(name: str) -> str:
    known = operator_named(name)
    if known is None:
        return name
    quantifier = f"{known.quantifier}:" if known.quantifier else ""
    return f"{quantifier}{known.name}{'IfExists' if known.if_exists else ''}"


def _key(name: str) -> str:
    """AWS's spelling of a condition key; tag keys and unknown ones in lower case, for case does not count in keys."""
    try:
        known = catalog.condition_key(name).name
    except catalog.NotFound:
        return name.lower()
    return known if known.lower() == name.lower() else name.lower()
