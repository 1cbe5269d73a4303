"""Filters of a list that are shared with everybody in the account. The app that owns accounts keeps them and registers its store here."""

from typing import Protocol

from operations.caller import Caller
from pages.listing.saved import Rights, SavedFilter

PUT, DELETE = "iam:PutSharedFilter", "iam:DeleteSharedFilter"


class Store(Protocol):
    """Where shared filters are kept. Changes go through the gate and raise its errors."""

    def read(self, account_id: str, key: str) -> list[SavedFilter]:
        """Those of one list, by name; one query."""
        ...

    def put(self, caller: Caller, key: str, name: str, query: str) -> None: ...

    def delete(self, caller: Caller, key: str, name: str) -> None: ...


_stores: list[Store] = []


def register(kept: Store) -> None:
    """Register the store."""
    _stores[:] = [kept]


def store() -> Store:
    return _stores[0]


def shared_filters(caller: Caller | None, key: str) -> list[SavedFilter]:
    """The filters of a list that are shared in the caller's account; nobody in particular has none."""
    if caller is None or not _stores:
        return []
    return store().read(caller.account_id, key)


def rights_of(caller: Caller | None) -> Rights:
    """What the caller may do with shared filters."""
    if caller is None or not _stores:
        return Rights()
    return Rights(caller.may(PUT), caller.may(DELETE))
