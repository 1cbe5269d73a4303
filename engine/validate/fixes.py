"""The edits of quick fixes: made of places in the text, so that everything else keeps the author's layout."""

from __future__ import annotations

import json

from engine.json_tree import Member, Node, Span
from engine.said import said
from engine.validate.finding import Edit, Fix


def written(text: str) -> str:
    """The text as a JSON string."""
    return json.dumps(text, ensure_ascii=False)


def replace(span: Span, text: str, label: str | None = None) -> Fix:
    """Write another string here."""
    return Fix(label or said("Change to {text}", text=text), (Edit(span.start_offset, span.end_offset, written(text)),))


def replace_raw(span: Span, json_text: str, label: str) -> Fix:
    """Write other JSON here."""
    return Fix(label, (Edit(span.start_offset, span.end_offset, json_text),))


def insert_member(parent: Node, key: str, json_value: str, label: str) -> Fix:
    """Add a member at the front of an object."""
    start = parent.span.start_offset + 1
    member = f"{written(key)}: {json_value}"
    if not parent.members:
        return Fix(label, (Edit(start, start, member),))
    first = parent.members[0].key_span
    if first.start_line == parent.span.start_line:
        return Fix(label, (Edit(start, start, f"{member}, "),))
    return Fix(label, (Edit(start, start, "\n" + " " * (first.start_column - 1) + member + ","),))


def remove_member(parent: Node, member: Member, label: str) -> Fix:
    """Take a member out of an object, with the comma that goes with it."""
    spans = [(each.key_span, each.value.span) for each in parent.members]
    position = next(index for index, each in enumerate(parent.members) if each is member)
    return Fix(label, (_cut([(key.start_offset, value.end_offset) for key, value in spans], position),))


def remove_item(parent: Node, item: Node, label: str) -> Fix:
    """Take an item out of a list, with the comma that goes with it."""
    position = next(index for index, each in enumerate(parent.items) if each is item)
    return Fix(label, (_cut([(each.span.start_offset, each.span.end_offset) for each in parent.items], position),))


def remove_items(parent: Node, items: list[Node]) -> tuple[Edit, ...]:
    """The edits that take several items, not all, out of a list."""
    gone = {id(item) for item in items}
    edits = []
    kept_end: int | None = None
    start: int | None = None
    for item in parent.items:
        if id(item) in gone:
            start = item.span.start_offset if start is None else start
            continue
        if start is not None:
            edits.append(Edit(start, item.span.start_offset, ""))
            start = None
        kept_end = item.span.end_offset
    if start is not None and kept_end is not None:
        edits.append(Edit(kept_end, parent.items[-1].span.end_offset, ""))
    return tuple(edits)


def _cut(stretches: list[tuple[int, int]], position: int) -> Edit:
    start, end = stretches[position]
    if position + 1 < len(stretches):
        return Edit(start, stretches[position + 1][0], "")
    return Edit(stretches[position - 1][1] if position else start, end, "")
