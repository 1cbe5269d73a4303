"""What the database knows about its rows: planners choose the right index only after they have counted."""

from django.db import connection

SAMPLE = 2000  # rows of an index that SQLite looks at (SQLite, «PRAGMA analysis_limit»): enough to choose by, quick at any size


def analyse() -> None:
    """Count anew, after many rows came at once and at every start. PostgreSQL and SQLite know the same statement."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA analysis_limit={SAMPLE}")
        cursor.execute("ANALYZE")
