"""A connection whose other side has a bounded time, however many pieces it sends or takes.

A timeout of each single read or write, which is all that a server's own settings give, lets whoever drips bytes hold a thread for ever.
"""

import os
from errno import EPIPE
from socket import MSG_DONTWAIT, MSG_PEEK, socket
from time import monotonic

from gunicorn.http.errors import NoMoreData

BYTES_A_SECOND = 100_000  # whoever sends faster is granted the time for it: an upload may be large
AT_ONCE = int(MSG_DONTWAIT)  # as an enumeration, each use of it would cost what the call of the system does
TAKEN_A_SECOND = 10_000  # bytes; a list that is exported may be large too
JOINED = 65_536  # bytes; a head and a body up to here leave as one piece


class TimedSocket(socket):
    """A connection to one client, who is cut off as if it had hung up."""

    deadline: float | None = None  # for what it sends
    most_patience: float = 0.0
    patience: float = 0.0  # seconds that may still pass in waiting for it to take an answer
    answering: bool = False
    held: bytes | None = None  # of an answer, waiting for what follows; None when nothing is to be held back

    def allow(self, seconds: float) -> None:
        """From now on, so many seconds to send, and one more for each 100,000 bytes that come."""
        self.deadline = monotonic() + seconds

    def answer(self, patience: float) -> None:
        """An answer begins: so many seconds may pass in waiting, and each 10,000 bytes that leave win one back, up to as many.

        What leaves may still lie in the system's own buffer, so nobody gets more by asking for much. The answer's head waits for the
        first of its body.
        """
        self.patience = self.most_patience = patience
        self.held, self.answering = b"", True

    def answered(self) -> None:
        """The answer is complete: what is held back leaves."""
        held, self.held = self.held, None
        if held:
            self.sendall(held)
        self.answering = False

    def abandon(self) -> None:
        """The answer failed: what is held back never leaves, and what is sent from now on leaves at once."""
        self.held = None

    def setblocking(self, flag: bool, /) -> None:
        """As of any socket; what is so already asks the system nothing."""
        if self.gettimeout() != (None if flag else 0.0):
            super().setblocking(flag)

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Raises NoMoreData at the deadline."""
        if self.deadline is None:
            return super().recv(bufsize, flags)
        left = self.deadline - monotonic()
        if left <= 0:
            raise NoMoreData
        try:  # what is there already needs no waiting, and no call of the system more
            received = super().recv(bufsize, flags | AT_ONCE)
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

    def asks(self) -> bool:
        """Whether something has come that is not read yet."""
        try:
            return bool(super().recv(1, MSG_PEEK | AT_ONCE))
        except OSError:
            return False

    def discard(self) -> bool:
        """Throw away what has come; whether more may come."""
        try:
            return bool(super().recv(JOINED, AT_ONCE))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def send(self, data: bytes, flags: int = 0, /) -> int:  # type: ignore[override]
        """Send a part at once, within the time of the answer that has begun: so leaves «100 Continue»."""
        return self._send(memoryview(data), flags) if self.answering else super().send(data, flags)

    def sendall(self, data: bytes, flags: int = 0, /) -> None:  # type: ignore[override]  # the server sends bytes alone
        """Send everything. The first piece of an answer is kept until the next: two packets would wake the client twice.

        Raises OSError (EPIPE) when the client's time is over.
        """
        if self.held is not None:
            if not self.held and len(data) < JOINED:
                self.held = data
                return
            data, self.held = (self.held + data, None) if len(data) < JOINED else self._first(data)
        if not self.answering:
            super().sendall(data, flags)
            return
        rest = memoryview(data)
        while rest:
            rest = rest[self._send(rest, flags) :]

    def _first(self, data: bytes) -> tuple[bytes, None]:
        """Send what is held back, for what follows is too large to be copied."""
        held, self.held = self.held, None
        if held:
            self.sendall(held)
        return data, None

    def _send(self, rest: memoryview, flags: int) -> int:
        try:
            sent = super().send(rest, flags | AT_ONCE)
        except BlockingIOError:
            sent = self._wait_to_send(rest, flags)
        self.patience = min(self.patience + sent / TAKEN_A_SECOND, self.most_patience)
        return sent

    def _wait_to_send(self, rest: memoryview, flags: int) -> int:
        """The bytes that the client took within its time. Raises OSError (EPIPE)."""
        before, start = self.gettimeout(), monotonic()
        if self.patience <= 0:
            raise OSError(EPIPE, os.strerror(EPIPE))
        self.settimeout(self.patience)
        try:
            return super().send(rest, flags)
        except TimeoutError:
            raise OSError(EPIPE, os.strerror(EPIPE)) from None
        finally:
            self.patience -= monotonic() - start
            self.settimeout(before)
