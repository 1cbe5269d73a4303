"""One page of a list as its template needs it."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from operations.caller import Caller
from pages.listing.columns import Column
from pages.listing.paging import Cursor, count_to, read_page, row_at
from pages.listing.saving import Saving
from pages.listing.spec import BulkAction, Listing
from pages.listing.state import MOMENTARY, ONCE, SHOW, State, Token
from pages.plurals import plural_forms
from pages.preferences import LOOKS, SIZES
from pages.times import exact

TIME = '<time class="nowrap" datetime="{}" title="{}" tabindex="0" data-exact>{}</time>'
FEW = 1_000  # rows that are read by their ids


class ListPage:
    """A page of rows, its neighbours, and the counts; every query runs once and only if the template asks for it."""

    def __init__(
        self, listing: Listing, rows: "QuerySet[Any]", state: State, caller: Caller | None = None, path: str = ""
    ) -> None:
        self.listing = listing
        self.state = state
        self.caller = caller
        self.path = path
        if related := _related(listing, state):
            rows = rows.prefetch_related(*related)
        rows = rows.annotate(**_along(listing, state))
        self.all_rows = rows
        self.matching = (rows.filter(state.condition()) if state.filtered else rows) if state.valid else rows.none()
        self.order = state.sort.order(descending=state.descending)
        self.read_at = timezone.now()

    @property
    def dom_id(self) -> str:
        return f"list-{self.listing.key}"

    @property
    def read_time(self) -> SafeString:
        """When the rows were read: as a time of day, which stays true without scripts; the script makes of it how long ago."""
        shown = date_format(localtime(self.read_at), "j M H:i:s")
        return format_html(TIME, self.read_at.isoformat(), exact(self.read_at), shown)

    @cached_property
    def _read(self) -> tuple[list[Any], bool, bool, int]:
        """The rows, whether there are earlier and later ones, and the position of the first."""
        params, size = self.state.params, self.state.size
        if before := self._cursor("before"):
            found, more = self._rows_beyond(before, backwards=True)
            if len(found) == size:
                return found, more, True, max(0, before.position - size) if more else 0
        elif "last" in params:
            found, more = self._rows_beyond(None, backwards=True)
            return found, more, False, max(0, self._exact - len(found))
        start = self._cursor("after") if "before" not in params else None
        if (page := params.get("page", "")).isdecimal() and start is None:
            start = row_at(self.matching, self.order, (max(1, int(page[:9])) - 1) * size)
        found, more = self._rows_beyond(start)
        return found, start is not None, more, start.position if start else 0

    def _rows_beyond(self, start: Cursor | None, *, backwards: bool = False) -> tuple[list[Any], bool]:
        return read_page(self._found, self.order, self.state.size, start, backwards=backwards, whole=self.all_rows)

    @cached_property
    def _ids(self) -> list[Any]:
        """The ids of what the filters find, no further than one beyond `counted_to`: looked for once, then counted and shown."""
        return list(self.matching.order_by().values_list("pk", flat=True)[: self.listing.counted_to + 1])

    @property
    def _found(self) -> "QuerySet[Any]":
        """The rows that match: by their ids when they are few, else in the form for many."""
        if not self.state.filtered or not self.state.valid:
            return self.matching
        few = len(self._ids) <= FEW
        return self.all_rows.filter(pk__in=self._ids) if few else self.all_rows.filter(self.state.condition(often=True))

    def _cursor(self, name: str) -> Cursor | None:
        found = Cursor.decode(self.state.params.get(name, ""))
        return found if found is not None and self.order.fits(self.matching, found) else None

    @property
    def rows(self) -> list[Any]:
        return self._read[0]

    @property
    def first(self) -> int:
        """The number of the first row shown."""
        return self._read[3] + 1

    @property
    def last(self) -> int:
        return self._read[3] + len(self.rows)

    @cached_property
    def _exact(self) -> int:
        """All that match, however many: only the last page asks for it."""
        if self.state.filtered:
            return len(self._ids) if len(self._ids) <= self.listing.counted_to else self.matching.count()
        return self.listing.whole() if self.listing.whole else self.matching.count()

    @cached_property
    def count(self) -> int:
        """How many rows match; where there are more than `counted_to`, one more than are known."""
        rows, earlier, later, _position = self._read
        if not earlier and not later:
            return len(rows)
        if "last" in self.state.params or (self.listing.whole and not self.state.filtered):
            return self._exact
        counted = len(self._ids) if self.state.filtered else count_to(self.matching, self.listing.counted_to)
        return counted if counted <= self.listing.counted_to else max(counted, self.last + int(later))

    @property
    def is_counted(self) -> bool:
        """Whether `count` is the whole number."""
        known = self.listing.whole and not self.state.filtered
        return bool(known) or not self._read[2] or self.count <= self.listing.counted_to

    @cached_property
    def total(self) -> int:
        """How many rows there are without any filter."""
        if self.listing.whole:
            return self.listing.whole()
        return count_to(self.all_rows, self.listing.counted_to) if self.state.filtered else self.count

    def _number(self, number: int, *, counted: bool) -> str:
        return number_format(number, force_grouping=True) if counted else f"{self._number(number - 1, counted=True)}+"

    @property
    def _count_text(self) -> str:
        return self._number(self.count, counted=self.is_counted)

    @property
    def count_text(self) -> str:
        """`4,812`, `5,000+`, or with filters `87 of 4,812`."""
        if not self.state.filtered:
            return self._count_text
        total = self._number(self.total, counted=bool(self.listing.whole) or self.total <= self.listing.counted_to)
        return _("%(count)s of %(total)s") % {"count": self._count_text, "total": total}

    @property
    def matching_text(self) -> str:
        """`87 users`: for what is said aloud and for “select all 87 users”."""
        return f"{self._count_text} {self.listing.noun(self.count)}"

    @property
    def selected_forms(self) -> str:
        """How many rows are selected, in all plural forms: the script counts them."""
        return plural_forms(_selected)

    @property
    def previous_url(self) -> str:
        return (
            self.state.link(before=self.order.cursor(self.rows[0], self._read[3]).encode())
            if self._read[1] and self.rows
            else ""
        )

    @property
    def next_url(self) -> str:
        return (
            self.state.link(after=self.order.cursor(self.rows[-1], self.last).encode())
            if self._read[2] and self.rows
            else ""
        )

    @property
    def here(self) -> str:
        """The query of this very page."""
        return self.previewing(None)

    def previewing(self, key: str | None) -> str:
        """The query of this very page with a row previewed beside it, or none."""
        params = self.state.params.copy()
        for name in ONCE:
            params.pop(name, None)
        if key is not None:
            params["preview"] = key
        return f"?{params.urlencode(safe=':=,/')}"

    @property
    def full_path(self) -> str:
        """This page's address without the columns and size that its address may bear: what the preferences return to."""
        return f"{self.path}{self.state.link(columns=None, size=None)}"

    @property
    def first_url(self) -> str:
        return self.state.link()

    @property
    def last_url(self) -> str:
        return self.state.link(last="1")

    @property
    def clear_url(self) -> str:
        return self.state.link(f=None, q=None, join=None)

    @property
    def join_url(self) -> str:
        return self.state.link(join=None if self.state.any else "or")

    @property
    def add_url(self) -> str:
        return self.state.link(add="")

    @property
    def suggest_url(self) -> str:
        return f"{self.path}{self.state.link(suggest='1')}"

    @property
    def csv_url(self) -> str:
        return self.state.link(export="csv")

    @property
    def json_url(self) -> str:
        return self.state.link(export="json")

    @property
    def create_url(self) -> str:
        """The address of the empty list's button, if the caller may use it."""
        create = self.listing.create
        allowed = create and (not create.permission or (self.caller is not None and self.caller.may(create.permission)))
        return reverse(create.url_name) if create and allowed else ""

    @property
    def tokens(self) -> list[tuple[Token, str]]:
        """The filters with the addresses that remove them."""
        return [(token, self.state.without(token)) for token in self.state.tokens if token.raw]

    @property
    def draft(self) -> str:
        """What stands in the filter box."""
        return self.state.params.get("add") or self.state.text

    @property
    def page_number(self) -> int:
        return self._read[3] // self.state.size + 1

    @property
    def page_count(self) -> str:
        """`97`, or `200+` where the rows are not all counted."""
        return self._number(-(-self.count // self.state.size), counted=self.is_counted)

    @cached_property
    def bulk(self) -> list[tuple[BulkAction, str]]:
        """The actions that the caller may take on some row, with their addresses."""
        return [
            (action, reverse(action.url_name, args=action.args))
            for action in self.listing.bulk
            if not action.permission or (self.caller is not None and self.caller.may_somehow(action.permission))
        ]

    @property
    def bulk_more(self) -> list[tuple[BulkAction, str]]:
        """Those of them that stand in a menu; a single one needs none."""
        found = [each for each in self.bulk if each[0].more]
        return found if len(found) > 1 else []

    @property
    def bulk_bar(self) -> list[tuple[BulkAction, str]]:
        """The others, which stand side by side."""
        inside = self.bulk_more
        return [each for each in self.bulk if each not in inside]

    @cached_property
    def saving(self) -> Saving:
        """The menu of saved filters."""
        return Saving(self.state, self.caller, self.dom_id)

    @property
    def look_choices(self) -> list[tuple[str, str, bool]]:
        """How the table can look: the class, its label, and whether it is chosen."""
        labels = (_("Cut long lines"), _("Shade every other row"), _("Keep names in sight"))
        return [(name, label, name in self.state.looks) for name, label in zip(LOOKS, labels, strict=True)]

    @property
    def sizes(self) -> tuple[int, ...]:
        return SIZES

    @property
    def column_choices(self) -> Iterator[tuple[Column, bool, str, str]]:
        """Every column, the shown ones first, in their order: whether it is shown, and the labels of the buttons that move it."""
        shown, up, down = self.state.columns, _("Move %(name)s up"), _("Move %(name)s down")
        for column in (*shown, *(column for column in self.listing.columns if column not in shown)):
            name = {"name": column.label}
            yield column, column in shown, up % name, down % name

    @property
    def hidden_fields(self) -> list[tuple[str, str]]:
        """The state as hidden inputs of the filter form."""
        names = [name for name in self.state.params if name not in {"q", SHOW, *MOMENTARY}]
        return [(name, value) for name in names for value in self.state.params.getlist(name)]


def _selected(number: int) -> str:
    return ngettext("%s selected", "%s selected", number)


def _written(listing: Listing, state: State) -> Iterable[Column]:
    """The columns that are written: those of the table, and of a row beside it all."""
    return listing.columns if listing.preview and state.params.get("preview") else state.columns


def _related(listing: Listing, state: State) -> set[str]:
    """What is read along for the columns that are written."""
    return {column.related for column in _written(listing, state) if column.related}


def _along(listing: Listing, state: State) -> dict[str, Any]:
    """What rows are annotated with for the columns that are written."""
    found: dict[str, Any] = {}
    for column in _written(listing, state):
        found |= column.along() if column.along else {}
    return found
