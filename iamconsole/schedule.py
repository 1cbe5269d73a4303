"""A thread of each serving process that carries out what is due and what rules ask for: at its start, and then as often as it looks."""

import logging
from collections.abc import Callable
from threading import Event as Signal
from threading import Thread

from django.db import DatabaseError, close_old_connections, connection

from accounts import membership_rules
from policies.activating import carry_out

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 20.0
GO_ON_SECONDS = 1.0  # after a part of what is to be done: others change the account in between


class Schedule:
    """Looks until it is stopped. Whatever goes wrong, it looks again."""

    def __init__(self, pause: float = PAUSE_SECONDS) -> None:
        self.pause = pause
        self._end = Signal()
        self._thread = Thread(target=self._run, name="schedule", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after what is being carried out."""
        self._end.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._end.is_set():
            self._end.wait(min(self.pause, GO_ON_SECONDS) if self._look() else self.pause)
        connection.close()

    def _look(self) -> bool:
        """Do what there is to do, each kind of it whatever became of the other; whether some is left for the next moment."""
        self._done(carry_out)
        return self._done(membership_rules.carry_out)

    def _done(self, work: Callable[[], int | bool]) -> bool:
        try:
            close_old_connections()
            return work() is True
        except DatabaseError as error:
            logger.warning("what is scheduled waits for the database: %s", error)
            connection.close()
        except Exception:
            logger.exception("what is scheduled could not be carried out")
        return False


_serving: Schedule | None = None


def start() -> None:
    """Look after what is scheduled from now on: for the workers of a server."""
    global _serving  # noqa: PLW0603 - one a process
    _serving = Schedule()
    _serving.start()


def stop() -> None:
    """End this process's thread."""
    global _serving  # noqa: PLW0603
    if _serving is not None:
        _serving.stop()
        _serving = None
