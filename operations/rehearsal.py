"""Rehearsing a change: it runs as it would run, its operations are noted, and everything is taken back.

What is noted are the operations that were allowed and succeeded, in their order. Nothing of them stays, neither in the tables nor in the
record; reads and refusals are recorded all the same, since they have taken place.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NoReturn


@dataclass(frozen=True)
class Step:
    """One operation with its parameters, as it was called."""

    service: str
    name: str
    params: Mapping[str, Any]


_steps: ContextVar[list[Step] | None] = ContextVar("rehearsed_steps", default=None)


class TakeBack(Exception):
    """Ends the transaction of a rehearsal, whose answer it carries."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer


def is_on() -> bool:
    """Whether what runs now is a rehearsal."""
    return _steps.get() is not None


def note(service: str, name: str, params: Mapping[str, Any]) -> None:
    """Note an operation that has changed something, if this is a rehearsal."""
    steps = _steps.get()
    if steps is not None:
        steps.append(Step(service, name, dict(params)))


@contextmanager
def as_one() -> Iterator[None]:
    """Operations that are made together or not at all: when one fails, those before it were no steps."""
    steps = _steps.get()
    before = len(steps) if steps is not None else 0
    try:
        yield
    except BaseException:
        if steps is not None:
            del steps[before:]
        raise


def run_noting(run: Callable[[], Any]) -> NoReturn:
    """Run with a list of steps, and raise TakeBack with the answer and the steps; `gate.rehearse` puts the transaction around it."""
    steps: list[Step] = []
    token = _steps.set(steps)
    try:
        answer = run()
    finally:
        _steps.reset(token)
    raise TakeBack((answer, steps))
