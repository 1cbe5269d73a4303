"""The one clock of the house. The engine has none: it is told the time in the request's context."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from django.utils import timezone

_set: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The present moment, in UTC."""
    return _set.get() or timezone.now()


def text(moment: datetime) -> str:
    """A moment as AWS writes it: UTC, whole seconds, `2026-11-27T08:15:30Z`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Act at another moment: for the sample organisation, whose history spans weeks. No door of the product sets it."""
    token = _set.set(moment)
    try:
        yield
    finally:
        _set.reset(token)
