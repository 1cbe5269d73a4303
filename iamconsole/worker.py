"""The server's worker process: several threads that take connections from one queue of the system, each with a bounded time.

gunicorn's own threaded worker hands each request from its main thread to another and back; here the thread that learns of a request
answers it. What one request is and how it is answered stays gunicorn's (`ThreadWorker.handle`).
"""

import select
from socket import socket
from threading import Event, Thread
from time import monotonic
from typing import Any

from django.conf import settings
from gunicorn import util
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from iamconsole.timed_socket import TimedSocket

ONCE = getattr(select, "EPOLLIN", 0) | getattr(
    select, "EPOLLONESHOT", 0
)  # one thread learns of it, and nobody else until it says so
LOOK_SECONDS = 1.0


def timed(plain: socket) -> TimedSocket:
    """The same connection, with a bound to its time."""
    timeout = plain.gettimeout()
    bounded = TimedSocket(plain.family, plain.type, plain.proto, plain.detach())
    bounded.settimeout(timeout)
    return bounded


class PortableWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's loop, with deadlines: for systems without epoll."""

    def enqueue_req(self, conn: TConn) -> None:
        """A connection that is new gets its deadlines before a thread takes it."""
        if type(conn.sock) is socket:
            conn.sock = timed(conn.sock)
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> Any:
        """One request, from its head on; whether the connection is kept.

        One that ends is closed here: that waits for the other side, and must not hold up the thread that learns of new ones.
        """
        conn.sock.allow(settings.REQUEST_HEAD_SECONDS)
        kept = super().handle(conn)
        if not kept:
            util.close_graceful(conn.sock)
        return kept

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """The head is complete; now the body, and the answer."""
        conn.sock.allow(settings.REQUEST_BODY_SECONDS)
        conn.sock.answer(settings.ANSWER_SECONDS)
        try:
            kept = super().handle_request(req, conn)
            conn.sock.answered()
        except BaseException:
            conn.sock.abandon()  # gunicorn says what went wrong, or closes
            raise
        return kept


class Worker(PortableWorker):
    """The threads take their connections themselves.

    A connection is at any time with one owner: the queue (then it is in `keepalived_conns`), or the thread that took it out of there.
    """

    alive: bool

    def init_process(self) -> None:
        """Before the settings' hooks run and the loop begins."""
        self.queue, self.ended = select.epoll(), Event()
        self.keepalived_conns: dict[int, TConn] = {}
        self.open_conns: set[TConn] = set()
        super().init_process()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """The main thread learns at once that it is to end."""
        super().handle_exit(sig, frame)
        self.ended.set()

    def run(self) -> None:
        """Until the worker is to end, and then until what is open is answered or the grace is over."""
        self.listeners = {listener.fileno(): listener for listener in self.sockets}
        for number, listener in self.listeners.items():
            listener.settimeout(0.0)
            self.queue.register(number, ONCE)
        for number in range(self.cfg.threads):
            Thread(target=self.serve, name=f"serve-{number}", daemon=True).start()
        while self.alive and self.is_parent_alive():
            self.notify()
            self.ended.wait(LOOK_SECONDS)
            self.close_idle(monotonic())
            self.listen_again()
        self.alive = False
        self._finish()

    def _finish(self) -> None:
        """Take no connection more; one that is kept may still send what is under way, and is told that it ends."""
        for number in self.listeners:
            self.queue.unregister(number)
        now = monotonic()
        linger, grace = now + min(STOP_KEEPALIVE_LINGER, self.cfg.keepalive), now + self.cfg.graceful_timeout
        pause = Event()
        while self.open_conns and monotonic() < grace:
            self.notify()
            if monotonic() > linger:
                self.close_idle(float("inf"))
            pause.wait(0.05)
        self.close_idle(float("inf"))
        for listener in self.sockets:
            listener.close()

    # --- in each thread ---------------------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Take what is ready, one at a time, for as long as the process lives."""
        while True:
            for number, _ in self.queue.poll(maxevents=1):
                if number in self.listeners:
                    self.accept(self.listeners[number])
                elif conn := self.keepalived_conns.pop(number, None):  # else its time had come first
                    self.answer(conn)

    def accept(self, listener: socket) -> None:
        """A new connection waits in the queue until its request begins, so that whoever only connects holds no thread."""
        try:
            accepted, client = listener.accept()
        except OSError:  # another process was first, or the client is gone again
            self.listen(listener)
            return
        conn = TConn(self.cfg, timed(accepted), client, listener.getsockname())
        conn.data_ready = True
        self.open_conns.add(conn)
        conn.set_timeout()
        self.keepalived_conns[conn.sock.fileno()] = conn
        self.queue.register(conn.sock.fileno(), ONCE)
        if len(self.open_conns) < self.worker_connections:
            self.listen(listener)

    def listen(self, listener: socket) -> None:
        if self.alive:
            self.queue.modify(listener.fileno(), ONCE)

    def answer(self, conn: TConn) -> None:
        """What a connection asks; then it waits for its next request, or ends."""
        try:
            kept = self.handle(conn)
            while kept and conn.parser.unreader.buf.getvalue():  # the next request came with this one
                kept = self.handle(conn)
        except BaseException:  # the thread must outlive whatever a request does
            self.log.exception("a request ended its thread's work")
            kept = False
        if kept:
            conn.set_timeout()
            number = conn.sock.fileno()
            self.keepalived_conns[number] = conn
            self.queue.modify(number, ONCE)
        else:
            self.open_conns.discard(conn)

    # --- in the main thread -----------------------------------------------------------------------------------------------

    def close_idle(self, now: float) -> None:
        """End the connections that have asked nothing in their time."""
        for number, conn in list(self.keepalived_conns.items()):
            if conn.timeout < now and self.keepalived_conns.pop(number, None) is conn:
                conn.close()
                self.open_conns.discard(conn)

    def listen_again(self) -> None:
        """Take connections again after there were too many."""
        if len(self.open_conns) < self.worker_connections:
            for listener in self.sockets:
                self.listen(listener)
