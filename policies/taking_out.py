"""A document without one of its statements, the rest of it as it was written."""

from engine import PolicySyntaxError
from engine.json_tree import Node, parse


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
