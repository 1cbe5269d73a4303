"""Policy stamps: one number per account, which every change of the account moves. What is remembered is worth as much as its stamp."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
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
    known = _known.get()
    if known is not None and account_ids in known:
        return known[account_ids]
    found = {row[0]: row[1] for row in rows(connections[DEFAULT_DB_ALIAS], _of(len(account_ids)), account_ids)}
    stamps = tuple(found.get(account_id, 0) for account_id in account_ids)
    if known is not None:
        known[account_ids] = stamps
    return stamps


_known: ContextVar[dict[tuple[str, ...], tuple[int, ...]] | None] = ContextVar("known_stamps", default=None)


@contextmanager
def asked_once() -> Iterator[None]:
    """Ask for each stamp once within it: for one page, all of which is decided as of its beginning, until something is written."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def forget() -> None:
    """Ask again: something is about to change."""
    if known := _known.get():
        known.clear()
