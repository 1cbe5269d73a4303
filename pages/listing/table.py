"""The table of a list: its heads, and the cells of each row as one text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.template import Context
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from pages.listing.columns import Column
from pages.listing.page import ListPage
from pages.listing.spec import cell_partials

# The drawing stands in the page once, above the rows.
PEEKED = (
    '<div class="peeked">{}<a class="peek icon-button" href="{}" data-peek="{}" hx-boost="true" aria-label="{}">'
    '<svg class="i" aria-hidden="true"><use href="#{}-eye"/></svg></a></div>'
)


@dataclass(frozen=True)
class Header:
    """The head of a column: where sorting by it leads, aria-sort when it is sorted by, and whether the column names the rows."""

    column: Column
    href: str
    sorted: str
    names: bool = False

    @property
    def classes(self) -> str:
        return " ".join(filter(None, (self.column.classes, "naming" if self.names else "")))


class Table:
    """What is written of a page's rows."""

    def __init__(self, page: ListPage) -> None:
        self.page = page

    @property
    def headers(self) -> Iterator[Header]:
        for column in self.page.state.columns:
            current = column is self.page.state.sort
            falling = current and not self.page.state.descending
            href = self.page.state.link(sort=f"-{column.key}" if falling else column.key) if column.sort else ""
            direction = "descending" if self.page.state.descending else "ascending"
            names = column is self.page.state.columns[self._naming]
            yield Header(column, href, direction if current else "", names)

    def rows(self, context: Context) -> Iterator[tuple[str, str, SafeString]]:
        """Each row's key, the label of the box that selects it, and its table cells.

        The cells' tags are the same in each row and written once: a template would ask anew in every one of them.
        """
        partials = cell_partials(self.page.listing.cells)
        columns = [
            (column, partials.get(column.key), *tags)
            for column, tags in zip(self.page.state.columns, self._tags, strict=True)
        ]
        select, naming = _("Select %(name)s"), self._naming
        for row in self.page.rows:
            with context.push(row=row, withheld=self.page.listing.withheld):
                parts = [
                    f"{opening}{self._peeked(row, said) if place == naming else said}{closing}"
                    for place, (column, partial, opening, closing) in enumerate(columns)
                    for said in (conditional_escape(partial.render(context) if partial else column.shown(row)),)
                ]
                yield str(row.pk), select % {"name": self.page.listing.row_name(row)}, SafeString("".join(parts))

    def cell(self, context: Context, column: Column, row: Any) -> SafeString:
        """What a column says of one row, without the cell around it."""
        partial = cell_partials(self.page.listing.cells).get(column.key)
        with context.push(row=row, withheld=self.page.listing.withheld):
            return conditional_escape(partial.render(context) if partial else column.shown(row))

    def _peeked(self, row: Any, said: SafeString) -> SafeString:
        """What names the row, and where the list has previews the link to this row's."""
        if not self.page.listing.preview:
            return said
        label = _("Preview %(name)s") % {"name": self.page.listing.row_name(row)}
        return format_html(PEEKED, said, self.page.previewing(str(row.pk)), row.pk, label, self.page.dom_id)

    @property
    def _naming(self) -> int:
        """The place of the column that names the row: the first, or the second where the first holds boxes to pick by."""
        return 1 if self.page.state.columns[0].picks else 0

    @property
    def _tags(self) -> Iterator[tuple[SafeString, SafeString]]:
        """The tags around each column's cells; one of them is the head of the row."""
        naming = self._naming
        for place, column in enumerate(self.page.state.columns):
            classes = format_html(' class="{}"', column.classes) if column.classes else ""
            opening, closing = ('<th scope="row"{}>', "</th>") if place == naming else ("<td{}>", "</td>")
            yield format_html(opening, classes), SafeString(closing)
