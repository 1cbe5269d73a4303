"""The elements of a document: which there are, which are missing, and of which JSON type they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine import catalog
from engine.json_tree import Member, Node
from engine.operators import OPERATORS, operator_named
from engine.said import said
from engine.validate import fixes
from engine.validate.context import Context
from engine.validate.finding import Fix, Path
from engine.validate.model import opening

VERSIONS: Final = ("2012-10-17", "2008-10-17")
_TOP_ELEMENTS: Final = ("Version", "Id", "Statement")
_STATEMENT_ELEMENTS: Final = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_PAIRS: Final = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
_LISTS: Final = ("Action", "NotAction", "Resource", "NotResource")
_SID: Final = re.compile(r"[A-Za-z0-9]*")


def check(context: Context) -> None:
    """All checks of this module."""
    root = context.document.root
    if root.kind != "object":
        context.report("DATA_TYPE_MISMATCH", root.span, (), data_type=said("an object"))
        return
    _check_names(context, root, _TOP_ELEMENTS, ())
    _check_version(context, root)
    _check_type(context, root.get("Id"), ("Id",), "string")
    for node, path in _statement_nodes(context, root):
        _check_statement(context, node, path)
    _check_sids(context)


def _check_names(context: Context, node: Node, known: tuple[str, ...], path: Path) -> None:
    for member in node.members:
        if member.key in known:
            continue
        meant = next((name for name in known if name.lower() == member.key.lower()), None)
        near = meant or (catalog.nearest(member.key, known) if context.may_suggest() else None)
        fix = (
            fixes.replace(member.key_span, meant, said("Rename to {name}", name=meant))
            if meant and node.get(meant) is None
            else None
        )
        context.report(
            "INVALID_POLICY_ELEMENT",
            member.key_span,
            (*path, member.key),
            fix,
            element=member.key,
            suggestion=suggestion(near),
        )


def suggestion(name: str | None) -> str:
    """The end of a sentence that proposes the nearest name."""
    return said(" Did you mean {name}?", name=name) if name else ""


def _check_version(context: Context, root: Node) -> None:
    version = root.get("Version")
    if version is None:
        if not any(member.key.lower() == "version" for member in root.members):
            fix = fixes.insert_member(
                root, "Version", '"2012-10-17"', said("Add {json}", json='"Version": "2012-10-17"')
            )
            context.report("MISSING_VERSION", opening(root), (), fix)
    elif _check_type(context, version, ("Version",), "string") and version.value not in VERSIONS:
        context.report(
            "INVALID_VERSION",
            version.span,
            ("Version",),
            fixes.replace(version.span, "2012-10-17"),
            version=version.value,
            versions=said("{first} or {second}", first=VERSIONS[0], second=VERSIONS[1]),
        )


def _statement_nodes(context: Context, root: Node) -> Iterator[tuple[Node, Path]]:
    statement = root.get("Statement")
    if statement is None or (statement.kind == "array" and not statement.items):
        if statement is not None or not any(member.key.lower() == "statement" for member in root.members):
            place = statement.span if statement else opening(root)
            context.report("MISSING_STATEMENT", place, ("Statement",) if statement else ())
    elif statement.kind == "array":
        for index, item in enumerate(statement.items):
            if _check_type(context, item, ("Statement", index), "object"):
                yield item, ("Statement", index)
    elif _check_type(context, statement, ("Statement",), "object"):
        yield statement, ("Statement",)


def _check_statement(context: Context, node: Node, path: Path) -> None:
    _check_names(context, node, _STATEMENT_ELEMENTS, path)
    for element, negated in _PAIRS:
        second = _member(node, negated)
        if second is not None and node.get(element) is not None:
            context.report(
                "UNSUPPORTED_ELEMENT_COMBINATION",
                second.key_span,
                (*path, negated),
                element1=element,
                element2=negated,
            )
    _check_effect(context, node, path)
    for element in _LISTS:
        _check_string_list(context, node.get(element), (*path, element))
    _check_presence(context, node, path)
    _check_condition_types(context, node, (*path, "Condition"))
    _check_type(context, node.get("Sid"), (*path, "Sid"), "string")


def _check_effect(context: Context, node: Node, path: Path) -> None:
    effect = node.get("Effect")
    if effect is None:
        if not _misspelt(node, "Effect"):
            context.report("MISSING_EFFECT", opening(node), path)
    elif _check_type(context, effect, (*path, "Effect"), "string") and effect.value not in ("Allow", "Deny"):
        meant = str(effect.value).strip().capitalize()
        fix = fixes.replace(effect.span, meant) if meant in ("Allow", "Deny") else None
        context.report("INVALID_EFFECT", effect.span, (*path, "Effect"), fix, effect=effect.value)


def _check_presence(context: Context, node: Node, path: Path) -> None:
    needed = (("Action", "MISSING_ACTION"), ("Resource", "MISSING_RESOURCE"), ("Principal", "MISSING_PRINCIPAL"))
    for element, code in needed:
        negated = f"Not{element}"
        if node.get(element) is None and node.get(negated) is None and not _misspelt(node, element, negated):
            context.report(code, opening(node), path)
    for element in _LISTS:
        found = node.get(element)
        if found is not None and found.kind == "array" and not found.items:
            code = "EMPTY_ARRAY_ACTION" if element.endswith("Action") else "EMPTY_ARRAY_RESOURCE"
            context.report(code, found.span, (*path, element))


def _check_string_list(context: Context, node: Node | None, path: Path) -> None:
    if node is None or node.kind == "string":
        return
    if node.kind != "array":
        context.report("DATA_TYPE_MISMATCH", node.span, path, data_type=said("a string or a list of strings"))
    for index, item in enumerate(node.items):
        _check_type(context, item, (*path, index), "string")


def _check_condition_types(context: Context, node: Node, path: Path) -> None:
    member = _member(node, "Condition")
    if member is None or not _check_type(context, member.value, path, "object"):
        return
    if not member.value.members:
        context.report(
            "EMPTY_OBJECT_CONDITION",
            member.value.span,
            path,
            fixes.remove_member(node, member, said("Remove {name}", name="Condition")),
        )
    for operator in member.value.members:
        if _check_operator(context, member.value, operator, (*path, operator.key)):
            for key in operator.value.members:
                _check_condition_value(context, key, (*path, operator.key, key.key))


def _check_operator(context: Context, condition: Node, operator: Member, path: Path) -> bool:
    name = operator.key
    base = name.rpartition(":")[2]
    if base.lower() == "nullifexists":
        fix = fixes.replace(operator.key_span, name[: -len("IfExists")], said("Remove {name}", name="IfExists"))
        context.report("NULL_WITH_IF_EXISTS", operator.key_span, path, fix)
    elif operator_named(name) is None:
        known = [each.name for each in OPERATORS.values()]
        near = catalog.nearest(_without_suffix(base), known) if context.may_suggest() else None
        change = _operator_fix(condition, operator, near) if near else None
        context.report(
            "INVALID_CONDITION_OPERATOR", operator.key_span, path, change, operator=name, suggestion=suggestion(near)
        )
    return _check_type(context, operator.value, path, "object")


def _operator_fix(condition: Node, operator: Member, near: str) -> Fix | None:
    """Write the operator that looks most like it, with the quantifier and the suffix that stand there. None where that is none either,
    or where it is in the condition already: of two members of one name the first would be lost.
    """
    quantifier, colon, base = operator.key.rpartition(":")
    suffix = "IfExists" if base != _without_suffix(base) and near != "Null" else ""
    meant = f"{quantifier}{colon}{near}{suffix}"
    known = operator_named(meant) is not None
    taken = any(member.key.lower() == meant.lower() for member in condition.members)
    return fixes.replace(operator.key_span, meant) if known and not taken else None


def _without_suffix(base: str) -> str:
    """The name of an operator without its IfExists, also where that is written IfExist."""
    start = base.lower().find("ifexist")
    return base[:start] if start > 0 else base


def _check_condition_value(context: Context, key: Member, path: Path) -> None:
    kinds = set()
    for index, item in enumerate(key.value.items):
        if item.kind in ("object", "array", "null"):
            context.report(
                "DATA_TYPE_MISMATCH", item.span, (*path, index), data_type=said("a string, number or boolean")
            )
        else:
            kinds.add("boolean" if item.kind in ("true", "false") else item.kind)
    if key.value.kind in ("object", "null"):
        context.report("DATA_TYPE_MISMATCH", key.value.span, path, data_type=said("a string or a list of strings"))
    if len(kinds) > 1:
        context.report("INVALID_CONDITION_DATA_TYPE", key.value.span, path, _all_strings(key.value))


def _all_strings(node: Node) -> Fix | None:
    others = [item for item in node.items if item.kind != "string"]
    edits = tuple(edit for item in others for edit in fixes.replace(item.span, _text(item)).edits)
    return Fix(said("Write all values as strings"), edits) if edits else None


def _text(node: Node) -> str:
    return node.kind if node.kind in ("true", "false") else str(node.value)


def _check_sids(context: Context) -> None:
    seen: set[str] = set()
    for statement in context.document.statements:
        member = statement.member("Sid")
        if member is None or member.value.kind != "string":
            continue
        path = (*statement.path, "Sid")
        sid = str(member.value.value)
        if not sid:
            fix = fixes.remove_member(statement.node, member, said("Remove the empty Sid"))
            context.report("EMPTY_SID_VALUE", member.value.span, path, fix)
            continue
        if not _SID.fullmatch(sid):
            meant = re.sub(r"[^A-Za-z0-9]", "", sid)
            context.report("UNSUPPORTED_SID", member.value.span, path, fixes.replace(member.value.span, meant))
        if sid in seen:
            context.report("UNIQUE_SIDS_REQUIRED", member.value.span, path, sid=sid)
            context.report("UNIQUE_SIDS_RECOMMENDED", member.value.span, path, sid=sid)
        seen.add(sid)


_TYPE_NAMES: Final = {"string": said("a string"), "object": said("an object"), "array": said("a list")}


def _check_type(context: Context, node: Node | None, path: Path, kind: str) -> bool:
    """Whether the node is there and of the kind; a wrong kind is reported."""
    if node is None:
        return False
    if node.kind != kind:
        context.report("DATA_TYPE_MISMATCH", node.span, path, data_type=_TYPE_NAMES[kind])
        return False
    return True


def _member(node: Node, element: str) -> Member | None:
    return next((member for member in node.members if member.key == element), None)


def _misspelt(node: Node, *elements: str) -> bool:
    """Whether the element is there with the wrong case; saying that it is missing as well would confuse."""
    lower = {element.lower() for element in elements}
    return any(member.key.lower() in lower for member in node.members)
