"""A thread of each serving process that carries out what is due: at its start, and then as often as it looks."""

import logging
from threading import Event as Signal
from threading import Thread

from django.db import DatabaseError, close_old_connections, connection

from policies.activating import carry_out

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 20.0


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
            self._look()
            self._end.wait(self.pause)
        connection.close()

    def _look(self) -> None:
        try:
            close_old_connections()
            carry_out()
        except DatabaseError as error:
            logger.warning("what is scheduled waits for the database: %s", error)
            connection.close()
        except Exception:
            logger.exception("what is scheduled could not be carried out")


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
