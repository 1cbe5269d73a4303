"""A document without one of its statements, the rest of it as it was written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine import PolicySyntaxError
from engine.json_tree import Node, parse


@dataclass(frozen=True)
class Editor:
    """The editor that opens without a statement (`?without=3` after its address), and who may save there: the permission, on what, with
    which tags."""

    address: str
    action: str
    on: str
    tags: Iterable[Any] = ()


def is_one_of_several(document: str) -> bool:
    """Whether the statements of a document can be taken out: the only one cannot."""
    return len(statement_nodes(document)) > 1


def begun_without(document: str, number: str) -> str | None:
    """The same for a number as an address has it, which may be any text; the whole document for an empty one."""
    if not number:
        return document
    return without_statement(document, int(number)) if re.fullmatch("[0-9]{1,5}", number) else None


def without_statement(document: str, number: int) -> str | None:
    """The text without the statement of that number (from 1) and its comma; None where there is none, or it is the only one."""
    found = statement_nodes(document)
    if len(found) < 2 or not 1 <= number <= len(found):
        return None
    if number < len(found):
        start, end = found[number - 1].span.start_offset, found[number].span.start_offset
    else:
        start, end = found[-2].span.end_offset, found[-1].span.end_offset
    return document[:start] + document[end:]


def statement_nodes(document: str) -> list[Node]:
    """The statements of a list of them; none for a text that has no such list."""
    try:
        member = parse(document).get("Statement")
    except PolicySyntaxError:
        return []
    return list(member.items) if member is not None and member.kind == "array" else []
