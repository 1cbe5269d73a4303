"""How much may be compared before nobody waits for the answer.

Documents are short, but what two say together is found in pairs: a few kilobytes of patterns are a million of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final, Protocol

# Of a review: the ten longest policies of AWS together, within a long boundary, need half of it.
MOST_STEPS: Final = 16_000_000


class TooMuch(Exception):
    """Documents name so many actions, or patterns, again and again, that nobody waits for what they say together."""


class Sized(Protocol):
    """What costs as much to compare with another as the product of their sizes."""

    @property
    def size(self) -> int: ...


class Room:
    """Steps that are left, counted down by all who are handed it. A step is about a microsecond."""

    def __init__(self, steps: int = MOST_STEPS) -> None:
        self.left = steps

    def take(self, steps: int) -> None:
        """Raises TooMuch where fewer are left, also whenever it is asked again."""
        self.left -= steps
        if self.left < 0:
            raise TooMuch

    def pairs(self, ones: Collection[Sized], others: Collection[Sized]) -> None:
        """Take what it costs to compare each of the ones with each of the others. Raises TooMuch."""
        self.take(len(ones) + len(others))
        if ones and others:
            self.take(sum(each.size for each in ones) * sum(each.size for each in others))

    @contextmanager
    def half(self) -> Iterator[Room]:
        """A room of half of what is left: who uses it up leaves the rest to those who come after."""
        given = max(self.left, 0) // 2
        part = Room(given)
        try:
            yield part
        finally:
            self.left -= given - max(part.left, 0)
