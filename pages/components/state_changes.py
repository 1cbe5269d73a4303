"""What changed between two states of an entity: one row a field, lists by what joined and left them, documents line by line."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from pages.components.source import diff


@dataclass(frozen=True)
class Change:
    """One field: the texts that went and came, or for documents the difference itself."""

    name: str
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    document: SafeString | str = ""


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The fields that differ, in the order in which the states name them. An empty value that was not there before is no change."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    found = [_change(name, before.get(name), after.get(name)) for name in names]
    return [change for change in found if change.removed or change.added or change.document]


def _change(name: str, before: Any, after: Any) -> Change:
    if _is_document(before) or _is_document(after):
        return Change(name, document=diff(before or "", after or "", label=name))
    old, new = tuple(_texts(before)), tuple(_texts(after))
    if isinstance(before, list | dict) or isinstance(after, list | dict):
        return Change(
            name, tuple(text for text in old if text not in new), tuple(text for text in new if text not in old)
        )
    return Change(name, old, new)


def _is_document(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip().startswith("{")


def _texts(value: Any) -> Iterator[str]:
    """A value as the texts that it consists of; what says nothing yields none."""
    if isinstance(value, dict):
        yield from (f"{key} = {_text(part)}" for key, part in value.items())
    elif isinstance(value, list):
        yield from map(_text, value)
    elif value not in (None, ""):
        yield _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> SafeString:
    """What changed between two states of an entity, field by field: only the fields that differ."""
    rows = changes_between(before or {}, after or {})
    return SafeString(render_to_string("components/changes.html", {"rows": rows}))
