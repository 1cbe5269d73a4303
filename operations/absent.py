"""The Caller of a user who is not there: what is done later in a user's name is that user's call, with the rights of that moment."""

from collections.abc import Callable

from operations.caller import Caller

Build = Callable[[str, str, str], Caller | None]
_registered: list[Build] = []


def register_absent(build: Build) -> Build:
    """Register who builds that Caller, from the account, the user's unique id and what acts in the user's name. A decorator."""
    _registered[:] = [build]
    return build


def absent_caller(account_id: str, unique_id: str, agent: str) -> Caller | None:
    """The Caller of a user who is not there, without anything that only a request brings; None where the user is gone.

    `agent` is what the record names as acting in the user's name.
    """
    return _registered[0](account_id, unique_id, agent) if _registered else None
