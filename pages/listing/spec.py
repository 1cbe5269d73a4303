"""What a list is: one frozen description per list, written at the top of the module of its view."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.db.models import Q
from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from operations.caller import Caller
from pages.listing.columns import Column
from pages.listing.filters import Filter
from pages.listing.needs import for_reader, sees

Text = str | Promise
Search = tuple[str, ...] | Callable[[str], Q]
NOTHING = _("Nothing here yet")
PLACEHOLDER = _("Filter by text or property")


@dataclass(frozen=True)
class BulkAction:
    """Something to do with the selected rows: the address of its review page and the permission that makes it visible.

    `exactly`: so many rows must be selected. `more`: it is asked for seldom, and stands in the menu that follows the others.
    """

    label: Text
    url_name: str
    permission: str = ""
    kind: str = ""
    args: tuple[str, ...] = ()
    exactly: int = 0
    more: bool = False


@dataclass(frozen=True)
class Create:
    """The button of the empty list (and the page's main action)."""

    label: Text
    url_name: str
    permission: str = ""


def _rows(number: int) -> str:
    return ngettext("row", "rows", number)


@dataclass(frozen=True)
class Listing:
    """A list.

    `key` names it in preferences and in the page (`users`). `label` is its accessible name. `noun` is a function of a number:
    `lambda n: ngettext("user", "users", n)`. `search` are lookups that free text is tried on (`name_key__inside`), or a function
    from the text to a condition; the text comes in lower case. Where it looks at what not everybody may see, `search_needs` says so, and
    `plain_search` is what the others search by. `sort` is the first order, `-` before the column's key for descending.
    `cells` is a template with a partial for each column that shows more than its plain value; in it the row is `row`. `row_name` names
    a row for assistive technology and reviews. `counted_to` caps the exact count where counting would be slow; `whole` tells how many
    rows there are without a filter, where that is known without counting. `preview` lets each row be looked at beside the list.
    """

    key: str
    label: Text
    columns: tuple[Column, ...]
    sort: str
    filters: tuple[Filter, ...] = ()
    search: Search = ()
    search_needs: tuple[str, ...] = ()
    plain_search: Search = ()
    cells: str = ""
    noun: Callable[[int], str] = _rows
    row_name: Callable[[Any], str] = str
    bulk: tuple[BulkAction, ...] = ()
    create: Create | None = None
    icon: str = "empty"
    empty_title: Text = NOTHING
    empty_text: Text = ""
    counted_to: int = 10_000
    whole: Callable[[], int] | None = None
    size: int = 50
    placeholder: Text = PLACEHOLDER
    preview: bool = False
    withheld: frozenset[str] = frozenset()

    def for_reader(self, caller: Caller | None) -> "Listing":
        """The list with what a reader may see of its rows: columns, filters and search without the rest.

        Everything that is made of the list follows: its table, orders, suggestions, exports, previews and what is selected by filters.
        `withheld` are the keys of the columns that were taken away, for cells that tell of two properties: they have it as `withheld`.
        """
        columns = tuple(column.for_reader(caller) for column in self.columns if sees(caller, column.needs))
        return replace(
            self,
            columns=columns,
            filters=for_reader(caller, self.filters),
            search=self.search if sees(caller, self.search_needs) else self.plain_search,
            withheld=frozenset(each.key for each in self.columns) - {column.key for column in columns},
        )

    def column(self, key: str) -> Column | None:
        """The column of that key, if there is one."""
        return next((column for column in self.columns if column.key == key), None)

    def filter(self, key: str) -> Filter | None:
        """The filter of that key, if there is one."""
        return next((item for item in self.filters if item.key == key), None)

    def matching(self, text: str) -> Q:
        """The condition for free text: every word must be found in one of the searched fields."""
        if callable(self.search):
            return self.search(text.lower())
        condition = Q()
        for word in text.lower().split():
            found = Q()
            for lookup in self.search:
                found |= Q(**{lookup: word})
            condition &= found
        return condition


@cache
def cell_partials(template_name: str) -> dict[str, Any]:
    """The partials of a cell template by name."""
    if not template_name:
        return {}
    template = get_template(template_name).template  # type: ignore[attr-defined]
    return dict(template.extra_data.get("partials", {}))
