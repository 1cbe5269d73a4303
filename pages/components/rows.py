"""Tables whose rows have buttons: on the phone each row becomes a block, so no column lies under the buttons.

The cells are told their column's heading for that, which the style sheet shows before them (static/css/tables.css).
"""

import re
from collections.abc import Sequence
from html import unescape

from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString

BUTTONS = 'class="end"'
_HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_CELL = re.compile(r"<(?P<name>td|th)(?P<attributes>(?:\s[^>]*)?)>")


def has_buttons(content: str) -> bool:
    """Whether the rows of a table have a column of buttons."""
    return BUTTONS in content.partition("<tbody")[0]


def labelled(content: str) -> SafeString:
    """A table's thead and tbody, with `data-label` on each cell that has a column of its own, its buttons and its name aside."""
    head, body, rows = content.partition("<tbody")
    labels = [escape(unescape(strip_tags(found)).strip()) for found in _HEADING.findall(head)]
    return SafeString(head + body + "<tr".join(_row(row, labels) for row in rows.split("<tr")))


def _row(row: str, labels: Sequence[str]) -> str:
    number = -1

    def cell(found: re.Match[str]) -> str:
        nonlocal number
        number += 1
        given = found["attributes"]
        if found["name"] == "th" or BUTTONS in given or "colspan" in given or number >= len(labels):
            return found[0]
        return f'<td{given} data-label="{labels[number]}">'

    return _CELL.sub(cell, row)
