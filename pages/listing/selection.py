"""The rows that a bulk action is about: the ticked ones, or all that match."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from pages.listing.paging import Order, read_page
from pages.listing.spec import Listing
from pages.listing.state import ONCE, State

MOST_TICKED = 1000


@dataclass(frozen=True)
class Selection:
    """The selected rows as a query in the order of their ids, the form fields that carry the selection on, the list's order, and the
    query of its address."""

    rows: "QuerySet[Any]"
    fields: list[tuple[str, str]]
    order: Order
    state: str = ""

    @property
    def is_made(self) -> bool:
        """Whether anything was ticked, be it there or not."""
        return any(name != "state" for name, _value in self.fields)

    def list_at(self, address: str) -> str:
        """The list of that address as it was: its filters, order and page."""
        params = QueryDict(self.state.lstrip("?"), mutable=True)
        for name in ONCE:
            params.pop(name, None)
        return f"{address}?{params.urlencode(safe=':=,/')}" if params else address

    def first(self, most: int) -> list[Any]:
        """The first rows as the list has them; two queries at most."""
        return read_page(self.rows, self.order, most, None)[0]


def selection(data: QueryDict, listing: Listing, rows: "QuerySet[Any]") -> Selection:
    """Read the selection that a list, as its reader has it, posted: `all` with the list's `state`, or `select` with the ticked ids."""
    address = data.get("state", "")
    state = State(listing, QueryDict(address.lstrip("?")))
    carried = [("state", address)] if address else []
    order = state.sort.order(descending=state.descending)
    if data.get("all"):
        matching = rows.filter(state.condition()) if state.valid else rows.none()
        return Selection(matching.order_by("pk"), [("all", "1"), *carried], order, address)
    ids = [value for value in data.getlist("select")[:MOST_TICKED] if value.isalnum()]
    key = rows.model._meta.pk  # noqa: SLF001 - Django documents it as public
    usable = [
        value
        for value in ids
        if key is None or key.get_internal_type() == "CharField" or (value.isdecimal() and len(value) < 19)
    ]
    fields = [("select", value) for value in usable]
    return Selection(rows.filter(pk__in=usable).order_by("pk"), [*fields, *carried], order, address)
