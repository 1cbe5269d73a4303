"""SELECTs that every request makes, asked of the database's driver itself: what Django puts around each takes as long as the answer.

Whoever counts or wraps queries (a test, a debugging page) sees them as ever: then they go Django's way.
"""

from collections.abc import Sequence
from functools import cache
from threading import local
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX

_thread = local()


def rows(database: BaseDatabaseWrapper, sql: str, values: Sequence[Any]) -> list[Sequence[Any]]:
    """All rows of one SELECT, as the database gives them. `sql` is as Django writes it, with %s for the values.

    Raises Django's database errors.
    """
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
        return _cursor(raw).execute(sql, values).fetchall()  # type: ignore[no-any-return]


@cache
def _marked(sql: str) -> str:
    """SQLite's marks in the place of Django's."""
    return FORMAT_QMARK_REGEX.sub("?", sql).replace("%%", "%")


def _cursor(raw: Any) -> Any:
    """This thread's cursor on its connection: one cursor answers any number of statements."""
    kept = getattr(_thread, "cursor", None)
    if kept is None or kept.connection is not raw or kept.closed:
        kept = _thread.cursor = raw.cursor()
    return kept
