"""What the database knows about its rows: planners choose the right index only after they have counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

# Rows of an index that SQLite looks at (SQLite, «PRAGMA analysis_limit»): quick at any size, and so many more than a page ever names by
# their ids that these are not taken for as many as an account has.
SAMPLE = 20_000


def analyse() -> None:
    """Count anew, after many rows came at once and at every start. PostgreSQL and SQLite know the same statement."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA analysis_limit={SAMPLE}")
        cursor.execute("ANALYZE")


@contextmanager
def planned_by_values() -> Iterator[None]:
    """Within it PostgreSQL plans every query for the values that it asks for, as one value may be everywhere and another nowhere.

    Elsewhere a query that is asked often is prepared, and with it the way to its rows (psycopg, «Prepared statements»).
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    session: Any = connection.connection
    before, session.prepare_threshold = session.prepare_threshold, None
    try:
        yield
    finally:
        session.prepare_threshold = before
