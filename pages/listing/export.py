"""All matching rows as CSV or JSON, streamed; a cell that a spreadsheet would take for a formula is defused."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.functional import Promise

from pages.listing.page import ListPage

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # OWASP, «CSV Injection»
CHUNK = 2000
FORMS = ("csv", "json")
Columns = Sequence[tuple[str, str | Promise]]


class _Echo:
    """A file that hands back what is written: the CSV writer's lines as they come."""

    def write(self, line: str) -> str:
        return line


def defused(value: Any) -> Any:
    """The text with an apostrophe before it when a spreadsheet would take it for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def plain(value: Any) -> Any:
    """A value as an export writes it: moments in UTC, lists joined, nothing as empty."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(item) for item in value)
    return value if isinstance(value, bool | int | float) else "" if value is None else str(value)


def _rows(page: ListPage) -> Iterator[Any]:
    # In reading order: segment by segment, so that the file is sorted as the page is.
    for segment in page.order.segments(page.matching):
        yield from page.order.read(page.matching, segment, None, backwards=False).iterator(CHUNK)


def csv_lines(columns: Columns, rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow([str(label) for _key, label in columns])
    for row in rows:
        yield writer.writerow([defused(plain(value)) for value in row])


def json_lines(columns: Columns, rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    keys = [key for key, _label in columns]
    yield "["
    for number, row in enumerate(rows):
        values = dict(zip(keys, map(_json, row), strict=True))
        yield ("," if number else "") + "\n" + json.dumps(values, ensure_ascii=False)
    yield "\n]\n"


def _json(value: Any) -> Any:
    return (
        [str(item) for item in value]
        if isinstance(value, list | tuple | set | frozenset)
        else None
        if value is None
        else plain(value)
    )


def export(page: ListPage, form: str) -> StreamingHttpResponse:
    """The download of a list: `csv` or `json`."""
    columns = [column for column in page.state.columns if not column.acts]
    rows = ([column.of(row) for column in columns] for row in _rows(page))
    return table(page.listing.key, [(column.key, column.label) for column in columns], rows, form)


def table(name: str, columns: Columns, rows: Iterable[Sequence[Any]], form: str) -> StreamingHttpResponse:
    """The download of a table, `csv` or `json`: its columns (key and label), and the values of its rows in their order."""
    lines, kind = (
        (json_lines(columns, rows), "application/json") if form == "json" else (csv_lines(columns, rows), "text/csv")
    )
    response = StreamingHttpResponse(lines, content_type=f"{kind}; charset=utf-8")
    name = f"{name}-{timezone.now().astimezone(UTC):%Y%m%dT%H%M%SZ}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
