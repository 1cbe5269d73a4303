"""SELECTs that every request makes, asked of the database's driver itself: what Django puts around each takes as long as the answer.

Whoever counts or wraps queries (a test, a debugging page) sees them as ever: then they go Django's way.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from threading import local
from typing import Any, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX

from operations.libpq import LookUps


class Question(NamedTuple):
    """Values that are asked for along with the first SELECT that finds something, in the same moment of the database."""

    columns: Sequence[str]  # an expression each, the same for every row
    values: Sequence[Any]  # for all of them, in their order
    told: Callable[[Sequence[Any]], None]  # what is done with the answer before the SELECT's own rows are given


class _Thread(local):
    question: Question | None = None
    look_ups: LookUps | None = None


_thread = _Thread()


def take_along(question: Question | None) -> None:
    """Ask this with the next SELECT of this thread; None takes back what waits."""
    _thread.question = question


def rows(database: BaseDatabaseWrapper, sql: str, values: Sequence[Any]) -> list[Sequence[Any]]:
    """All rows of one SELECT, as the database gives them. `sql` is as Django writes it, with %s for the values.

    Raises Django's database errors, and what is raised over the answer to a question that went along.
    """
    question = _thread.question
    carrying = _carrying(tuple(question.columns), sql) if question is not None else ""
    if question is None or not carrying:
        return _rows(database, sql, values)
    _thread.question = None
    width = len(question.columns)
    found = _rows(database, carrying, [*question.values, *values])
    if not found:  # then it goes along with the next
        _thread.question = question
        return found
    question.told(found[0][:width])
    return [row[width:] for row in found]


@cache
def _carrying(columns: Sequence[str], sql: str) -> str:
    """A SELECT with more columns before its own; empty where they would make it another (distinct rows, numbered columns)."""
    if sql.startswith("SELECT DISTINCT") or re.search(r" BY (?:.*, )?\d", sql):
        return ""
    return f"SELECT {', '.join(columns)}, {sql.removeprefix('SELECT ')}"


def _rows(database: BaseDatabaseWrapper, sql: str, values: Sequence[Any]) -> list[Sequence[Any]]:
    database.close_if_health_check_failed()
    raw = database.connection
    if raw is None or database.needs_rollback or database.execute_wrappers or database.queries_logged:
        with database.cursor() as cursor:
            cursor.execute(sql, values)
            found: list[Sequence[Any]] = cursor.fetchall()
            return found
    with database.wrap_database_errors:
        if database.vendor == "sqlite":
            return raw.execute(_marked(sql), values).fetchall()  # type: ignore[no-any-return]
        return _look_ups(raw).rows(sql, values)


@cache
def _marked(sql: str) -> str:
    """SQLite's marks in the place of Django's."""
    return FORMAT_QMARK_REGEX.sub("?", sql).replace("%%", "%")


def _look_ups(raw: Any) -> LookUps:
    """This thread's look-ups on its connection."""
    kept = _thread.look_ups
    if kept is None or kept.connection is not raw:
        kept = _thread.look_ups = LookUps(raw)
    return kept
