"""Paging by key: from the last row seen, never by counting rows, so that a deep page costs what the first one costs.

Rows are ordered by (sort field, id). Databases disagree on where missing values stand (PostgreSQL last, SQLite first), so the rows
without a value are a segment of their own, read by id before or after the others. Each segment is read along an index. So is each rank
of an order that no column has: rows of one condition, and then of the next, each by id.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Q, QuerySet

Rows = QuerySet[Any]
Segment = Literal["values", "missing"] | int
LARGEST = 2**62  # a database's whole numbers end a little above


@dataclass(frozen=True)
class Cursor:
    """A row's place: its value in the sort field, its id, and (for show) how many rows stand before the page."""

    value: Any
    pk: Any
    position: int = 0

    def encode(self) -> str:
        value = {"t": self.value.isoformat()} if isinstance(self.value, date) else self.value
        text = json.dumps([value, self.pk, self.position], separators=(",", ":"), default=str)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor | None":
        """The cursor, or None for a text that is none (an address that was cut off): the list then begins at its beginning."""
        try:
            given = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            json.dumps(given, ensure_ascii=False).encode()  # fails for half a character, which no database takes
            value, pk, position = given
            if isinstance(value, dict):
                value = datetime.fromisoformat(value["t"])
            if (
                not isinstance(value, str | int | float | datetime | None)
                or not isinstance(pk, str | int)
                or not isinstance(position, int)
            ):
                return None
        except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
            return None
        if any(isinstance(number, int) and abs(number) >= LARGEST for number in (value, pk, position)):
            return None
        return cls(value, pk, max(0, position))


@dataclass(frozen=True)
class Order:
    """An order of rows: a field, its direction, and whether rows without a value count as the smallest or come last.

    `nulls="never"` is said of an annotation that always has a value. With `blank` an empty text is no value. With `ranks`, conditions one
    of which each row fulfils, rows are ordered by the place of theirs, and bear it under the name `field`.
    """

    field: str
    descending: bool = False
    nulls: Literal["last", "low", "never"] = "last"
    blank: bool = False
    ranks: tuple[Q, ...] = ()

    def nullable(self, rows: Rows) -> bool:
        """Whether the field can be missing. Annotations may be, unless they are said not to."""
        if self.nulls == "never" or self.blank:
            return self.blank
        model: Any = rows.model
        for name in self.field.split("__"):
            try:
                found = model._meta.get_field(name)  # noqa: SLF001 - Django documents it as public
            except FieldDoesNotExist:
                return True
            if getattr(found, "null", False):
                return True
            model = getattr(found, "related_model", None)
        return False

    def segments(self, rows: Rows) -> list[Segment]:
        """The segments in reading order."""
        if self.ranks:
            return [*range(len(self.ranks))][:: -1 if self.descending else 1]
        if not self.nullable(rows):
            return ["values"]
        return ["missing", "values"] if self.nulls == "low" and not self.descending else ["values", "missing"]

    def value(self, row: Any) -> Any:
        for name in self.field.split("__"):
            row = getattr(row, name, None)
        return row

    def cursor(self, row: Any, position: int = 0) -> Cursor:
        return Cursor(self.value(row), row.pk, position)

    def segment(self, cursor: Cursor) -> Segment:
        """The segment in which a cursor's row stands."""
        if self.ranks:
            return int(cursor.value)
        return "missing" if cursor.value is None or (self.blank and cursor.value == "") else "values"

    def fits(self, rows: Rows, cursor: Cursor) -> bool:
        """Whether a cursor is one of this order: that of another list has values of other types."""
        if self.ranks and not (isinstance(cursor.value, int) and 0 <= cursor.value < len(self.ranks)):
            return False
        values = {} if self.ranks or cursor.value is None else {f"{self.field}__gt": cursor.value}
        try:
            rows.filter(**{"pk__gt": cursor.pk, **values})
        except (ValueError, TypeError, ValidationError):
            return False
        return True

    def read(self, rows: Rows, segment: Segment, start: Cursor | None, *, backwards: bool) -> Rows:
        """The segment's rows beyond `start`, in reading order or backwards."""
        falling = self.descending != backwards
        sign, side = ("-", "lt") if falling else ("", "gt")
        if segment != "values":
            missing: dict[str, Any] = {self.field: ""} if self.blank else {f"{self.field}__isnull": True}
            which = self.ranks[segment] if isinstance(segment, int) else Q(**missing)
            rows = rows.filter(which).order_by(f"{sign}pk")
            return rows.filter(**{f"pk__{side}": start.pk}) if start else rows
        if self.blank and (falling or not start):
            rows = rows.filter(**{f"{self.field}__gt": ""})
        elif not self.blank and self.nullable(rows):
            rows = rows.filter(**{f"{self.field}__isnull": False})
        if start:
            # `>=` first: it is what an index can seek to; the rest only drops the rows at the seam.
            beyond = Q(**{f"{self.field}__{side}": start.value}) | Q(**{f"pk__{side}": start.pk})
            rows = rows.filter(beyond, **{f"{self.field}__{side}e": start.value})
        return rows.order_by(f"{sign}{self.field}", f"{sign}pk")


def read_page(
    rows: Rows, order: Order, size: int, start: Cursor | None, *, backwards: bool = False, whole: Rows | None = None
) -> tuple[list[Any], bool]:
    """Up to `size` rows beyond `start` (from the beginning, or backwards from the end, without it), and whether there are more.

    `whole` are the rows before they were filtered: once the ids are chosen, the filters need not be asked again.
    """
    segments = order.segments(rows)
    if backwards:
        segments.reverse()
    if start is not None:
        own = order.segment(start)
        segments = segments[segments.index(own) :] if own in segments else segments
    found: list[Any] = []
    for number, segment in enumerate(segments):
        wanted = order.read(rows, segment, start if number == 0 else None, backwards=backwards)
        some = list(_some(rows if whole is None else whole, wanted, size + 1 - len(found)))
        if order.ranks:
            for row in some:
                setattr(row, order.field, segment)
        found += some
        if len(found) > size:
            break
    more = len(found) > size
    found = found[:size]
    return (found[::-1] if backwards else found), more


def _some(rows: Rows, wanted: Rows, number: int) -> Rows:
    """The first so many of the wanted rows. They are chosen by their ids alone, so that a sort carries no whole rows about.

    Rows that are put together as they are asked for are found by no index from their ids; their query has a way of its own."""
    if first_of_each := getattr(wanted.query, "first_of_each", None):
        found: Rows = first_of_each(number)
        return found
    if wanted.query.distinct:
        return wanted[:number]
    return rows.filter(pk__in=wanted.values("pk")[:number]).order_by(*wanted.query.order_by)


def row_at(rows: Rows, order: Order, offset: int) -> Cursor | None:
    """The cursor of the row after which a page at `offset` begins: for jumping to a page by its number."""
    if offset <= 0:
        return None
    before = offset - 1
    for segment in order.segments(rows):
        part = order.read(rows, segment, None, backwards=False)
        for row in part.values_list("pk", *(() if order.ranks else (order.field,)))[before : before + 1]:
            return Cursor(segment if order.ranks else row[1], row[0], offset)
        before -= part.count()
    return None


def count_to(rows: Rows, most: int) -> int:
    """How many rows there are, counting no further than one beyond `most`."""
    return rows.order_by().values("pk")[: most + 1].count()
