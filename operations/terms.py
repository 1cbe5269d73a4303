"""The values that a search of the record can find, each once for an account: some thousands stand for a million Events.

Who looks for a part of a name looks it up here first, and then finds the Events of the whole names along the record's indexes.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from django.db import connection

FIELDS: Final = ("name", "user_name", "resource")
PIECE: Final = 2_000  # rows in one statement, well below what a database takes as parameters

Term = tuple[str, str]


def keep(account_id: str, terms: Iterable[Term]) -> None:
    """Remember terms, pairs of field and value, in the caller's transaction; those that are known stay as they are."""
    rows = iter([account_id, field, value, value.lower()] for field, value in dict.fromkeys(terms) if value)
    with connection.cursor() as cursor:
        while piece := list(islice(rows, PIECE)):
            marks = ", ".join(["(%s, %s, %s, %s)"] * len(piece))
            cursor.execute(_KEEP.format(marks), [part for row in piece for part in row])


_KEEP: Final = "INSERT INTO operations_eventterm (account_id, field, value, folded) VALUES {} ON CONFLICT DO NOTHING"
