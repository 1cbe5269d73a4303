"""The preview of a row beside its list: all that the list knows of it, its neighbours, and what can be done with it.

A text that the row is without (`blank`) is left out: there is room for what there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.template import Context
from django.utils.safestring import SafeString

from pages.listing.page import ListPage
from pages.listing.table import Table


@dataclass(frozen=True)
class Preview:
    """One row: its key, its name as text and as the list's cell with its link, each column with its cell, and the neighbours' addresses."""

    key: str
    name: str
    title: SafeString
    facts: Sequence[tuple[str, SafeString]]
    previous_url: str
    next_url: str


def preview(page: ListPage, context: Context) -> Preview | None:
    """The row that the address asks for, if it stands on this page of the list."""
    key = page.state.params.get("preview", "")
    keys = [str(row.pk) for row in page.rows] if page.listing.preview and key else []
    if key not in keys:
        return None
    at = keys.index(key)
    row = page.rows[at]
    table = Table(page)
    told = (column for column in page.listing.columns if not column.acts and not (column.blank and not column.of(row)))
    shown = [(column, table.cell(context, column, row)) for column in told]
    naming = next(place for place, (column, _cell) in enumerate(shown) if not column.picks)
    return Preview(
        key,
        page.listing.row_name(row),
        shown[naming][1],
        [(str(column.label), cell) for column, cell in shown[naming + 1 :]],
        page.previewing(keys[at - 1]) if at else "",
        page.previewing(keys[at + 1]) if at + 1 < len(keys) else "",
    )
