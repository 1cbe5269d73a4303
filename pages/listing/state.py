"""The state of a list, all of which stands in the address: filters, text, order, columns, page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pages.listing.columns import Column
from pages.listing.filters import OPERATORS, Filter, FilterError
from pages.listing.saved import SavedFilter, query_of, saved_filters, shared_default
from pages.listing.spec import Listing
from pages.listing.typed import Part, Typed, read
from pages.preferences import LOOKS, SIZES, Preferences
from pages.request import without_nul

# Names that say where in the list one is, or that ask for something once: every other link leaves them out.
WHERE = ("after", "before", "page", "last")
ONCE = ("add", "suggest", "export", "preview", "saved", "whose", "named", "opens", "share")
MOMENTARY = (*WHERE, *ONCE)
WHOLE = (
    "f",
    "q",
    "join",
    "sort",
    "size",
    "columns",
)  # an address with none of them opens the list with the reader's default
SHOW = "show"  # … unless it says `show=all`
MOST_FILTERS = 50  # a database takes no conditions of any depth


@dataclass(frozen=True)
class Token:
    """One filter: a property, an operator, a value. `error` says why it is none; then no row matches it."""

    raw: str
    filter: Filter | None
    operator: str
    value: str
    error: str = ""

    @property
    def label(self) -> str:
        """The token as it is read: `MFA = none`."""
        if self.filter is None:
            return self.raw
        return f"{self.filter.label} {OPERATORS.get(self.operator, self.operator)} {self.filter.shown(self.value)}"

    @cached_property
    def condition(self) -> Q:
        """What the filter asks of a row. Raises FilterError."""
        if self.filter is None or self.operator not in self.filter.operators:
            raise FilterError(_("“%(filter)s” is no filter of this list.") % {"filter": self.raw})
        return self.filter.condition(self.operator, self.value)

    @property
    def often(self) -> Q:
        """The same, for what very many rows fulfil."""
        return self.filter.often(self.operator, self.value) if self.filter else self.condition


@dataclass
class State:
    """A list's state as read from the query of an address, with the reader's preferences where the address is silent."""

    listing: Listing
    params: QueryDict
    preferences: Preferences = field(default_factory=dict)
    shared: Callable[[], list[SavedFilter]] = (
        list  # the filters that everybody in the account has; asked for when needed
    )

    def __post_init__(self) -> None:
        """A selection brings its list's state within a field, where the middleware does not look."""
        self.params = without_nul(self.params)

    @cached_property
    def tokens(self) -> list[Token]:
        given = self.params.getlist("f")
        tokens = [self._token(raw) for raw in given[:MOST_FILTERS]]
        if len(given) > MOST_FILTERS:  # passing filters over would show, or choose for a change, what they exclude
            tokens.append(Token("", None, "", "", _too_many()))
        if self.is_mixed:
            tokens.append(Token("", None, "", "", _mixed()))
        return tokens

    def _token(self, raw: str) -> Token:
        key, operator, value = [*raw.split(":", 2), "", ""][:3]
        token = Token(raw, self.listing.filter(key), operator, value)
        if token.filter is None:
            return Token(raw, None, operator, value, _("This list has no property “%(name)s”.") % {"name": key})
        try:
            bool(token.condition)  # asked for once, kept for the query
        except FilterError as error:
            return Token(raw, token.filter if operator in OPERATORS else None, operator, value, str(error))
        return token

    @property
    def text(self) -> str:
        return self.params.get("q", "").strip()[:200]

    @property
    def any(self) -> bool:
        """Whether one matching filter is enough."""
        return self.params.get("join") == "or"

    @property
    def filtered(self) -> bool:
        return bool(self.tokens or self.text)

    @property
    def valid(self) -> bool:
        return not any(token.error for token in self.tokens)

    def condition(self, *, often: bool = False) -> Q:
        """The condition of all filters and the text together; `often` in the form for what very many rows fulfil."""
        found = Q()
        for token in self.tokens:
            one = token.often if often else token.condition
            found = found | one if self.any else found & one
        return found & self._text_condition if self.text else found

    @cached_property
    def _text_condition(self) -> Q:
        return self.listing.matching(self.text)

    @cached_property
    def _sort(self) -> tuple[Column, bool]:
        for text in (self.params.get("sort", ""), self.listing.sort):
            column = self.listing.column(text.lstrip("-"))
            if column and column.sort:
                return column, text.startswith("-")
        raise LookupError(f"{self.listing.key}: the first order must name a sortable column")

    @property
    def sort(self) -> Column:
        return self._sort[0]

    @property
    def descending(self) -> bool:
        return self._sort[1]

    @property
    def size(self) -> int:
        for given in (self.params.get("size", ""), self.preferences.get("size")):
            if str(given) in map(str, SIZES):
                return int(given)  # type: ignore[arg-type]
        return self.listing.size

    @cached_property
    def looks(self) -> list[str]:
        """How the table looks (pages.preferences.LOOKS), as classes."""
        chosen = self.preferences.get("looks", ())
        return [name for name in LOOKS if name in chosen] if isinstance(chosen, list) else []

    @cached_property
    def columns(self) -> list[Column]:
        """The columns to show, in their order; fixed ones are always there."""
        given = self.params.get("columns", "")
        wanted: Iterable[Any] = given.split(",") if given else self.preferences.get("columns", ())
        chosen = [column for key in wanted if (column := self.listing.column(str(key)))]
        if not chosen:
            return [column for column in self.listing.columns if column.default or column.fixed]
        missing = [column for column in self.listing.columns if column.fixed and column not in chosen]
        return [*missing, *dict.fromkeys(chosen)]

    @cached_property
    def saved(self) -> list[SavedFilter]:
        """All filters that the reader has for the list: the own ones, and then the shared ones; each by name."""
        opens = shared_default(self.preferences)
        return [*saved_filters(self.preferences), *(replace(one, default=one.name == opens) for one in self.shared())]

    @cached_property
    def default(self) -> SavedFilter | None:
        """The filter that the reader's list opens with, if there is one; only a shared one is looked for."""
        known = self.saved if shared_default(self.preferences) else saved_filters(self.preferences)
        return next((one for one in known if one.default), None)

    def link(self, **changes: str | list[str] | None) -> str:
        """The query of the same list with something changed: a value replaces, a list replaces all, None removes."""
        params = self.params.copy()
        for name in (SHOW, *MOMENTARY, *(name for name, value in changes.items() if value is None)):
            params.pop(name, None)
        for name, value in changes.items():
            if isinstance(value, list):
                params.setlist(name, value)
            elif value is not None:
                params[name] = value
        if self.default and not any(params.getlist(name) for name in WHOLE):
            params[SHOW] = "all"
        return f"?{params.urlencode(safe=':=,/')}"

    def like(self, query: str) -> str:
        """The query of the same list with other filters, text and order: those of a saved one."""
        params = QueryDict(query)
        return self.link(f=params.getlist("f") or None, **{name: params.get(name) for name in ("q", "join", "sort")})

    @property
    def query(self) -> str:
        """What would be saved of this state: filters, text, how they are joined, and the order if it is not the list's own."""
        kept = QueryDict(mutable=True)
        kept.setlist("f", self._kept)
        several = len(self.tokens) > 1 and self.any
        sort = f"{'-' if self.descending else ''}{self.sort.key}"
        kept.update(
            {"q": self.text, "join": "or" if several else "", "sort": sort if sort != self.listing.sort else ""}
        )
        return query_of(kept)

    @property
    def opens_elsewhere(self) -> bool:
        """Whether the address says nothing of the list's state, and the reader has a filter that the list opens with."""
        silent = not any(name in self.params for name in (SHOW, *WHOLE, *MOMENTARY))
        return silent and self.default is not None

    @property
    def opening(self) -> str:
        """The query that the list opens with: the reader's default, with what else the address bears."""
        return self.like(self.default.query if self.default else "")

    def without(self, token: Token) -> str:
        """The address without one filter."""
        return self.link(f=[other.raw for other in self.tokens if other.raw and other is not token])

    @cached_property
    def typed(self) -> Typed:
        """What stands in the box: free text, filters, or both."""
        return read(self.listing.filters, self.params.get("q", ""))

    @property
    def is_mixed(self) -> bool:
        """Whether the typed filters would be joined by both words, which a list does not know."""
        joined = self.typed.any
        before = len(self.params.getlist("f"))
        others = before > 1 or (before == 1 and len(self.typed.parts) > 1)
        return self.typed.mixed or (joined is not None and others and joined != self.any)

    @property
    def taking_typed(self) -> str:
        """The address in which the typed filters are filters of the list, or an empty text when none is typed or they are mixed."""
        return self._taking(self.typed, self.typed.parts) if self.typed.parts and not self.is_mixed else ""

    def with_filter(self, before: str, part: Part, raw: str) -> str:
        """The address with one more filter, and with what is typed in front of it."""
        typed = read(self.listing.filters, f"{before}{part.item.key} = {raw}")
        return self._taking(typed, typed.parts[:-1], raw)

    def _taking(self, typed: Typed, parts: Iterable[Part], *more: str) -> str:
        given = [*self._kept, *(part.raw for part in parts), *more]
        join = {} if typed.any is None else {"join": "or" if typed.any else None}
        # What is typed stands where the free text stood: a filter takes its place.
        return self.link(f=given, q=typed.text or None, **join)

    @property
    def _kept(self) -> list[str]:
        """The filters as the address has them, without what only says an error."""
        return [token.raw for token in self.tokens if token.raw]


def _too_many() -> str:
    said = ngettext("A list takes up to %(most)d filter.", "A list takes up to %(most)d filters.", MOST_FILTERS)
    return said % {"most": MOST_FILTERS}


def _mixed() -> str:
    return _("The filters of a list are all joined by “and”, or all by “or”.")
