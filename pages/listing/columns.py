"""Columns of a list: what they are called, show, sort by and export."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from operations.caller import Caller
from pages.components.words import moment
from pages.listing.paging import Order

Text = str | Promise
CHIPS = 3  # values that a cell shows one by one, before it counts the rest


@dataclass(frozen=True)
class Column:
    """A column of a list.

    `value` is an attribute path of the row (`boundary.name`) or a function of it; without it the key is the path. It is what the
    export writes, and what the cell shows unless the listing's cell template has a partial named by the key. `sort` is the database
    field (or annotation) to order by; rows without a value come last, or with `nulls="low"` count as the smallest (`"never"`: an
    annotation that always has one); with `blank` an empty text is no value. `empty` is what the cell says when there is no value.
    `acts` is a column that holds buttons alone: no file has it. `needs` is what a reader needs to see it (pages.listing.needs).
    Where a value hangs on who reads it, `read_by(caller)` is the function of the row; a `template` shows what is not nothing, as `value`.
    `related` is read along, in one query, where the column is shown or written; several values stand as `chips`. `along` are annotations
    that are read along there. An order that no column has is made of `ordered_by(caller)`, conditions one of which each row fulfils, the
    lowest first; `sort` is then the name under which a row bears the place of its own.
    """

    key: str
    label: Text
    value: str | Callable[[Any], Any] | None = None
    sort: str = ""
    default: bool = True
    fixed: bool = False
    numeric: bool = False
    nulls: Literal["last", "low", "never"] = "last"
    blank: bool = False
    empty: Text = ""
    css: str = ""
    acts: bool = False
    needs: tuple[str, ...] = ()
    related: str = ""
    chips: bool = False
    read_by: Callable[[Caller], Callable[[Any], Any]] | None = None
    template: str = ""
    along: Callable[[], Mapping[str, Any]] | None = None
    ordered_by: Callable[[Caller], tuple[Q, ...]] | None = None
    ranks: tuple[Q, ...] = ()

    def for_reader(self, caller: Caller | None) -> "Column":
        """The column as a reader has it."""
        if caller is None:
            return self
        value = self.value if self.read_by is None else self.read_by(caller)
        return replace(self, value=value, ranks=self.ordered_by(caller) if self.ordered_by else ())

    def order(self, *, descending: bool) -> Order:
        """The order of rows by this column."""
        return Order(self.sort, descending, self.nulls, self.blank, self.ranks)

    @property
    def picks(self) -> bool:
        """Whether the column holds a box to choose the row by: then the next one names the row."""
        return "pick" in self.css.split()

    def of(self, row: Any) -> Any:
        """The row's plain value in this column."""
        if callable(self.value):
            return self.value(row)
        found = row
        for name in (self.value or self.key).split("."):
            found = getattr(found, name, None)
            if found is None:
                return None
        return found

    def shown(self, row: Any) -> SafeString:
        """The value as a cell shows it by itself: moments as time ago, numbers grouped, booleans as words."""
        value = self.of(row)
        if value is None or value == "":
            return self._nothing()
        if self.template and value:
            return render_to_string(self.template, {"value": value})
        if isinstance(value, datetime):
            return moment(value, quiet=True)
        if isinstance(value, bool):
            return conditional_escape(_("Yes") if value else _("No"))
        if isinstance(value, int):
            return conditional_escape(number_format(value, force_grouping=True))
        if isinstance(value, list) and value and self.chips:
            return _chips(value)
        if isinstance(value, list | tuple | set | frozenset):
            return conditional_escape(", ".join(str(item) for item in value)) if value else self._nothing()
        return conditional_escape(value)

    def _nothing(self) -> SafeString:
        return format_html('<span class="faint">{}</span>', self.empty or "–")

    @property
    def classes(self) -> str:
        """The classes of its cells."""
        return " ".join(filter(None, (self.css, "num" if self.numeric else "")))


def _chips(values: Sequence[Any]) -> SafeString:
    """The first values, each by itself and whole in its title, and how many more there are."""
    shown = format_html_join(" ", '<span class="badge" title="{0}">{0}</span>', ((each,) for each in values[:CHIPS]))
    more = len(values) - CHIPS
    if more <= 0:
        return format_html('<span class="chips">{}</span>', shown)
    words = ngettext("and %(n)s more", "and %(n)s more", more) % {"n": number_format(more, force_grouping=True)}
    return format_html('<span class="chips">{} <span class="small soft">{}</span></span>', shown, words)


def tag_column(needs: tuple[str, ...]) -> Column:
    """The tags of rows as `key=value`, by key; one without a value as its key."""
    return Column(
        "tags",
        gettext_lazy("Tags"),
        value=_tags_of,
        default=False,
        needs=needs,
        related="tags",
        chips=True,
    )


def _tags_of(row: Any) -> list[str]:
    tags = sorted(row.tags.all(), key=lambda tag: tag.key.lower())
    return [f"{tag.key}={tag.value}" if tag.value else tag.key for tag in tags]
