"""Rehearsing a change: it runs as it would run, its operations are noted, and everything is taken back.

What is noted are the operations that were allowed and succeeded, in their order. Nothing of them stays, neither in the tables nor in the
record; reads and refusals are recorded all the same, since they have taken place.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NoReturn


@dataclass(frozen=True)
class Step:
    """One operation with its parameters, as it was called."""

    service: str
    name: str
    params: Mapping[str, Any]


@dataclass
class Rehearsal:
    """What was noted: operations that changed something or issued credentials, and what refused ones answered (AWS's code and sentence)."""

    steps: list[Step] = field(default_factory=list)
    left_out: int = 0  # rows of a long list that were not rehearsed
    refusals: list[tuple[str, str]] = field(default_factory=list)


_running: ContextVar[Rehearsal | None] = ContextVar("rehearsal", default=None)


class TakeBack(Exception):
    """Ends the transaction of a rehearsal, whose answer it carries."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer


def is_on() -> bool:
    """Whether what runs now is a rehearsal."""
    return _running.get() is not None


def note(service: str, name: str, params: Mapping[str, Any]) -> None:
    """Note an operation that has changed something, if this is a rehearsal."""
    running = _running.get()
    if running is not None:
        running.steps.append(Step(service, name, dict(params)))


def leave_out(rows: int) -> None:
    """Note that some rows of a long list are not rehearsed, if this is a rehearsal."""
    running = _running.get()
    if running is not None:
        running.left_out += max(0, rows)


def note_refusal(code: str, message: str) -> None:
    """Note what a refused operation answered, if this is a rehearsal."""
    running = _running.get()
    if running is not None:
        running.refusals.append((code, message))


@contextmanager
def as_one() -> Iterator[None]:
    """Operations that are made together or not at all: when one fails, those before it were no steps."""
    running = _running.get()
    before = len(running.steps) if running is not None else 0
    try:
        yield
    except BaseException:
        if running is not None:
            del running.steps[before:]
        raise


def run_noting(run: Callable[[], Any]) -> NoReturn:
    """Run, and raise TakeBack with the answer and what was noted; `gate.rehearse` puts the transaction around it."""
    running = Rehearsal()
    token = _running.set(running)
    try:
        answer = run()
    finally:
        _running.reset(token)
    raise TakeBack((answer, running))
