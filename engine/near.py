"""The patterns of actions on a side, to be looked up by another: those of other services have nothing to do with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from engine.room import Room
from engine.scopes import Open

_Numbered = tuple[int, Open]


class Near:
    """Patterns by the service that they name; each has the number of its statement."""

    def __init__(self, patterns: Iterable[_Numbered], room: Room) -> None:
        self._room = room
        self._of: dict[str, list[_Numbered]] = {}
        self._sizes: Counter[str] = Counter()
        for number, pattern in patterns:
            service = next(iter(pattern.services), "")
            self._of.setdefault(service, []).append((number, pattern))
            self._sizes[service] += pattern.size

    def covering(self, pattern: Open) -> Iterator[int]:
        """The statements with a pattern that stands for all that this one does. Raises TooMuch."""
        near = self._near(pattern, pattern.services)
        return (number for number, known in near if known.covers(pattern))

    def meeting(self, pattern: Open) -> Iterator[tuple[int, Open]]:
        """The statements with a pattern that may stand for something that this one does, each with what both do. Raises TooMuch."""
        near = self._near(pattern, pattern.services or self._of, times=2)
        return ((number, both) for number, known in near if (both := pattern.meeting(known)) is not None)

    def _near(self, pattern: Open, services: Iterable[str], times: int = 1) -> list[_Numbered]:
        looked = list(dict.fromkeys(("", *services)))
        self._room.take(times * pattern.size * sum(self._sizes[service] for service in looked))
        return [each for service in looked for each in self._of.get(service, ())]
