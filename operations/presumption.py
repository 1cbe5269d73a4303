"""What a request presumes: it may begin on what its process remembers, and the database tells on the way whether that still holds.

Whose a key is and what its holder may do is remembered with the policy stamps of that moment. On a database server, asking for the stamps
alone costs as much as the read that was asked for, so the question goes along with the first SELECT of the work. Nothing is recorded and
nothing is answered before the database has said that what was presumed holds; where it does not, the work is done anew from its beginning.
Hence this is for work that changes nothing.
"""

from collections.abc import Callable, Sequence
from functools import partial
from threading import local
from typing import Any, TypeVar

from operations import direct
from operations.stamps import ONE, stamp

T = TypeVar("T")


class Outdated(Exception):
    """What was presumed does not hold any more."""


class _State(local):
    may_presume = False
    account_ids: Sequence[str] = ()  # what is presumed and not confirmed yet; empty for nothing
    stamps: Sequence[int] = ()


_state = _State()


def run(work: Callable[[], T]) -> T:
    """What some work gives or raises, when what it presumed holds; else what it gives or raises without presuming anything.

    The work must change nothing but the record, which asks for the confirmation itself.
    """
    _state.may_presume = True
    try:
        try:
            return work()
        finally:  # an error is an answer too
            confirm()
    except Outdated:
        _state.may_presume = False
        return work()
    finally:
        _state.may_presume = False
        _presume((), ())


def holds(stamps: Sequence[int], *account_ids: str) -> bool:
    """Whether the accounts' stamps are these: presumed in work that may presume, else asked of the database at once."""
    if not _state.may_presume:
        return stamp(*account_ids) == stamps
    confirm()
    _presume(account_ids, stamps)
    return True


def confirm() -> None:
    """Ask for what is presumed and was not asked for yet. Raises Outdated."""
    account_ids, stamps = _state.account_ids, _state.stamps
    if account_ids:
        _presume((), ())
        _compare(stamps, stamp(*account_ids))


def _presume(account_ids: Sequence[str], stamps: Sequence[int]) -> None:
    _state.account_ids, _state.stamps = account_ids, stamps
    direct.take_along(
        direct.Question([ONE] * len(account_ids), account_ids, partial(_told, stamps)) if account_ids else None
    )


def _told(stamps: Sequence[int], found: Sequence[Any]) -> None:
    _state.account_ids = ()
    _compare(stamps, [one or 0 for one in found])


def _compare(stamps: Sequence[int], found: Sequence[int]) -> None:
    if tuple(stamps) != tuple(found):
        raise Outdated
