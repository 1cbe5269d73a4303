"""Policy stamps: one number per account, which every change of the account moves. What is remembered is worth as much as its stamp."""

from functools import cache

from django.db import DEFAULT_DB_ALIAS, connections

from operations.direct import rows

ONE = "(SELECT stamp FROM operations_ledger WHERE account_id = %s)"


@cache
def _of(count: int) -> str:
    marks = ", ".join(["%s"] * count)
    return f"SELECT account_id, stamp FROM operations_ledger WHERE account_id IN ({marks})"  # noqa: S608 - marks alone


def stamp(*account_ids: str) -> tuple[int, ...]:
    """The policy stamps of accounts, in one query; 0 for an account without a record."""
    found = {row[0]: row[1] for row in rows(connections[DEFAULT_DB_ALIAS], _of(len(account_ids)), account_ids)}
    return tuple(found.get(account_id, 0) for account_id in account_ids)
