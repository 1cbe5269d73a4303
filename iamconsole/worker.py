"""gunicorn's threaded worker, with a bound to the time in which a request must have come: its head, and then its body.

A timeout of each single read, which is all that a server's own settings give, lets a sender that drips bytes hold a thread for ever.
"""

from socket import MSG_DONTWAIT, socket
from time import monotonic
from typing import Any

from django.conf import settings
from gunicorn import util
from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import TConn, ThreadWorker

BYTES_A_SECOND = 100_000  # whoever sends faster is granted the time for it: an upload may be large


class TimedSocket(socket):
    """A connection whose sender has until a deadline, in however many pieces it sends; then it is as if it had hung up."""

    deadline: float | None = None

    def allow(self, seconds: float) -> None:
        """From now on, so many seconds, and one more for each 100,000 bytes that come."""
        self.deadline = monotonic() + seconds

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Raises NoMoreData at the deadline."""
        if self.deadline is None:
            return super().recv(bufsize, flags)
        left = self.deadline - monotonic()
        if left <= 0:
            raise NoMoreData
        try:  # what is there already needs no waiting, and no call of the system more
            received = super().recv(bufsize, flags | MSG_DONTWAIT)
        except BlockingIOError:
            received = self._wait(left, bufsize, flags)
        self.deadline += len(received) / BYTES_A_SECOND
        return received

    def _wait(self, left: float, bufsize: int, flags: int) -> bytes:
        """What comes within so many seconds. Raises NoMoreData, and TimeoutError where the connection's own timeout is shorter."""
        before = self.gettimeout()
        self.settimeout(left if before is None else min(left, before))
        try:
            return super().recv(bufsize, flags)
        except TimeoutError:
            if before is not None and before < left:
                raise
            raise NoMoreData from None
        finally:
            self.settimeout(before)


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Serves each connection with its deadlines."""

    def enqueue_req(self, conn: TConn) -> None:
        """A connection that is new gets its deadlines before a thread takes it."""
        if type(conn.sock) is socket:
            timeout = conn.sock.gettimeout()
            conn.sock = TimedSocket(conn.sock.family, conn.sock.type, conn.sock.proto, conn.sock.detach())
            conn.sock.settimeout(timeout)
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> Any:
        """One request. A connection that ends is closed here: that waits for the other side, and must not hold up the loop that accepts."""
        conn.sock.allow(settings.REQUEST_HEAD_SECONDS)
        kept = super().handle(conn)
        if not kept:
            util.close_graceful(conn.sock)
        return kept

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """The head is complete; now the body."""
        conn.sock.allow(settings.REQUEST_BODY_SECONDS)
        return super().handle_request(req, conn)
