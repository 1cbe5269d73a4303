"""How long the database takes to answer, and hence how many threads of a process are worth while.

While one thread waits for an answer another can compute, but each change of threads takes time of its own. A database on the same machine
has answered before it would pay.
"""

from time import monotonic

from django.db import DatabaseError, connection

NEAR_SECONDS = 0.0003
TRIES = 20


def threads() -> int:
    """How many threads of a worker always take what is ready: one beside a database that is near, two where its answers are waited for."""
    if connection.vendor == "sqlite":
        return 1
    try:
        return 1 if _soonest() < NEAR_SECONDS else 2
    except DatabaseError:  # it does not answer yet
        return 2
    finally:
        connection.close()


def _soonest() -> float:
    """The shortest of several answers, in seconds: how busy the machine is at this moment tells nothing of the way there."""
    with connection.cursor() as cursor:
        return min(_seconds(cursor) for _ in range(TRIES))


def _seconds(cursor: object) -> float:
    begun = monotonic()
    cursor.execute("SELECT 1")  # type: ignore[attr-defined]
    return monotonic() - begun
