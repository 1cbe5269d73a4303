"""The server's worker process: several threads that take connections from one queue of the system, each with a bounded time.

gunicorn's own threaded worker hands each request from its main thread to another and back; here the thread that learns of a request
answers it. Python computes with one alone, and the more there are, the more often they only change turns: where the database answers
sooner than that, one takes what is ready, else two. Where all of these are long at their requests, the others relieve them. What one
request is and how it is answered stays gunicorn's (`ThreadWorker.handle`).
"""

import select
from contextlib import suppress
from math import inf
from selectors import EVENT_READ
from socket import SHUT_WR, socket
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import Any

from django.conf import settings
from gunicorn import util
from gunicorn.config import Config
from gunicorn.http.errors import LimitRequestLine
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from iamconsole import long_lines
from iamconsole.timed_socket import TimedSocket

ONESHOT = getattr(select, "EPOLLONESHOT", 0)
ONCE = getattr(select, "EPOLLIN", 0) | ONESHOT  # one thread learns of it, and nobody else until it says so
NEXT = ONCE | getattr(select, "EPOLLOUT", 0)  # when it can take an answer, for what it asks is here already
LONG_SECONDS = 0.01  # at one request; after that, others must not wait for it
IDLE_SECONDS = 0.05  # between two looks at threads that were at nothing
LOOK_SECONDS = 1.0
END_SECONDS = 2.0  # in which the other side may close a connection that is at its end


def timed(plain: socket) -> TimedSocket:
    """The same connection, with a bound to its time."""
    timeout = plain.gettimeout()
    bounded = TimedSocket(plain.family, plain.type, plain.proto, plain.detach())
    bounded.settimeout(timeout)
    return bounded


def keep_settings(cfg: Config) -> None:
    """Make the settings plain attributes, for they do not change in a worker: gunicorn reads some forty of them for a request, and finds
    each by a look-up that fails first.
    """
    own = {name: setting.get() for name, setting in cfg.settings.items() if not hasattr(type(cfg), name)}
    cfg.__dict__.update(own)


class BoundedWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """How one request is answered: gunicorn's way, with deadlines."""

    @classmethod
    def check_config(cls, cfg: Config, log: Any) -> None:
        """Raises RuntimeError, which ends the start with its sentence: the deadlines are not for gunicorn's TLS."""
        if cfg.is_ssl:
            raise RuntimeError(
                "the console speaks no TLS itself: put a proxy in front of it that does, and leave out certfile and keyfile."
            )
        super().check_config(cfg, log)

    def init_process(self) -> None:
        """Before the settings' hooks run and the loop begins."""
        keep_settings(self.cfg)
        super().init_process()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Tell what is wrong with a request that never came to be one."""
        told = long_lines.answer(exc) if isinstance(exc, LimitRequestLine) else None
        if told is None:
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("Invalid request from ip=%s: %s", (addr or ("",))[0], exc)
        with suppress(OSError):
            client.sendall(told)

    def handle(self, conn: TConn) -> Any:
        """One request, from its head on; whether the connection is kept."""
        conn.sock.allow(settings.REQUEST_HEAD_SECONDS)
        return super().handle(conn)

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


class PortableWorker(BoundedWorker):
    """gunicorn's loop: for systems without epoll."""

    def enqueue_req(self, conn: TConn) -> None:
        """A connection that is new gets its deadlines before a thread takes it."""
        if type(conn.sock) is socket:
            conn.sock = timed(conn.sock)
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> Any:
        """One that ends is closed here: that waits for the other side, and must not hold up the thread that learns of new ones."""
        kept = super().handle(conn)
        if not kept:
            util.close_graceful(conn.sock, END_SECONDS)
        return kept


class Connection(TConn):  # type: ignore[misc]
    """One of the worker's own."""

    ending = False  # nothing more is answered; what still comes is thrown away


class Worker(BoundedWorker):
    """The threads take their connections themselves.

    A connection is at any time with one owner: the queue (then it is in `keepalived_conns`), or the thread that took it out of there.
    A number stands for another connection as soon as the one before is closed, hence the lock where the main thread looks and takes.
    """

    alive: bool
    regulars = 2  # threads that always take what is ready

    def init_process(self) -> None:
        """The queue and what is known of the connections, before the settings' hooks run and the loop begins."""
        self.queue, self.lock = select.epoll(), Lock()
        self.keepalived_conns: dict[int, Connection] = {}
        self.open_conns: set[Connection] = set()
        self.relief = Event()  # set while the others are needed
        super().init_process()

    def run(self) -> None:
        """Until the worker is to end, and then until what is open is answered or the grace is over."""
        self.begun = [inf] * min(self.regulars, self.cfg.threads)  # when each took what it is at; inf at nothing
        self.listeners = {listener.fileno(): listener for listener in self.sockets}
        for number, listener in self.listeners.items():
            listener.settimeout(0.0)
            self.queue.register(number, ONCE)
        for number in range(self.cfg.threads):
            work, given = (self.serve, (number,)) if number < len(self.begun) else (self.relieve, ())
            Thread(target=work, args=given, name=f"serve-{number}", daemon=True).start()
        self.poller.register(self.method_queue.fileno(), EVENT_READ)  # readable as soon as a signal says to end
        looked = 0.0
        while self.alive and self.is_parent_alive():
            self.call_relief()
            if (now := monotonic()) > looked + LOOK_SECONDS:
                looked = now
                self.notify()
                self.close_idle(now)
                self.listen_again()
            at_work = any(begun < inf for begun in self.begun)
            self.poller.select(LONG_SECONDS if at_work else IDLE_SECONDS)
        self.alive = False
        self._finish()

    def _finish(self) -> None:
        """Take no connection more; one that is kept may still send what is under way, and is told that it ends."""
        self.relief.set()
        for number in self.listeners:
            self.queue.unregister(number)
        now = monotonic()
        linger, grace = now + min(STOP_KEEPALIVE_LINGER, self.cfg.keepalive), now + self.cfg.graceful_timeout
        while self.open_conns and monotonic() < grace:
            self.notify()
            self.close_idle(float("inf") if monotonic() > linger else monotonic())
            sleep(0.05)
        for listener in self.sockets:
            listener.close()

    # --- in each thread ---------------------------------------------------------------------------------------------------

    def serve(self, regular: int) -> None:
        """Take what is ready, one at a time, for as long as the process lives."""
        while True:
            self.look_after_one(None, regular)

    def relieve(self) -> None:
        """The same while the regular threads are long at what they are at."""
        while True:
            self.relief.wait()
            self.look_after_one(LONG_SECONDS)

    def look_after_one(self, seconds: float | None, regular: int | None = None) -> None:
        """What is ready within so many seconds: a new connection, or one that asks or ends."""
        try:
            for number, _ in self.queue.poll(seconds, maxevents=1):
                if regular is not None:
                    self.begun[regular] = monotonic()
                if number in self.listeners:
                    self.accept(self.listeners[number])
                elif conn := self._take(number):  # else its time had come first
                    self.drain(conn) if conn.ending else self.answer(conn)
        except Exception:
            self.log.exception("a connection was lost")  # and the thread goes on
        finally:
            if regular is not None:
                self.begun[regular] = inf

    def _take(self, number: int) -> Connection | None:
        with self.lock:
            return self.keepalived_conns.pop(number, None)

    def accept(self, listener: socket) -> None:
        """A new connection waits in the queue until its request begins, so that whoever only connects holds no thread."""
        try:
            accepted, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):  # another process was first, or the client is gone again
            self.listen(listener)
            return
        except OSError as error:
            # No descriptor is left. At once it would be so again, so the main thread's next look is waited for.
            self.log.warning("no connection can be taken: %s", error)
            return
        conn = Connection(self.cfg, timed(accepted), client, listener.getsockname())
        conn.data_ready = True
        self.queue.register(conn.sock.fileno(), ONESHOT)
        self.open_conns.add(conn)
        self.wait(conn, settings.REQUEST_HEAD_SECONDS)
        if len(self.open_conns) < self.worker_connections:
            self.listen(listener)

    def listen(self, listener: socket) -> None:
        if self.alive:
            self.queue.modify(listener.fileno(), ONCE)

    def wait(self, conn: Connection, seconds: float, events: int = ONCE) -> None:
        """Give a connection to the queue. From here on it may be another thread's, and closed."""
        conn.timeout = monotonic() + seconds
        number = conn.sock.fileno()
        self.keepalived_conns[number] = conn
        with suppress(OSError):
            self.queue.modify(number, events)

    def answer(self, conn: Connection) -> None:
        """What a connection asks; then it waits for its next request, or ends."""
        try:
            kept = self.handle(conn)
        except BaseException:  # the thread must outlive whatever a request does
            self.log.exception("a request ended its thread's work")
            kept = False
        if not kept:
            self.end(conn)
        elif conn.parser.unreader.buf.getvalue():  # the next request came with this one: after what others ask
            self.wait(conn, settings.ANSWER_SECONDS, NEXT)
        else:
            self.wait(conn, self.cfg.keepalive)

    def end(self, conn: Connection) -> None:
        """Nothing more is sent. The other side may close first, or the last of its answer could be lost (RFC 9112, 9.6)."""
        try:
            conn.sock.shutdown(SHUT_WR)
        except OSError:  # it is gone
            self.close(conn)
            return
        conn.ending = True
        self.wait(conn, END_SECONDS)

    def drain(self, conn: Connection) -> None:
        """Throw away what comes on a connection that ends, and close it when the other side has."""
        left = conn.timeout - monotonic()
        if left > 0 and conn.sock.discard():
            self.wait(conn, left)
        else:
            self.close(conn)

    # --- in all of them ---------------------------------------------------------------------------------------------------

    def close(self, conn: Connection) -> None:
        conn.close()
        self.open_conns.discard(conn)
        if len(self.open_conns) == self.worker_connections - 1:
            self.listen_again()

    def listen_again(self) -> None:
        """Take connections again after there were too many, or none could be taken."""
        if len(self.open_conns) < self.worker_connections:
            for listener in self.sockets:
                self.listen(listener)

    # --- in the main thread -----------------------------------------------------------------------------------------------

    def call_relief(self) -> None:
        """Let the others take part when each of the regular threads is long at its request, until one is free."""
        long = monotonic() - LONG_SECONDS
        if all(begun < long for begun in self.begun):
            self.relief.set()
        else:
            self.relief.clear()

    def close_idle(self, now: float) -> None:
        """End the connections that have asked nothing in their time. Whoever has asked in time waits until a thread is free."""
        for number, conn in self.keepalived_conns.copy().items():  # other threads add to it
            if conn.timeout < (monotonic() if conn.ending else now):
                with self.lock:
                    if self.keepalived_conns.get(number) is not conn or (not conn.ending and conn.sock.asks()):
                        continue
                    del self.keepalived_conns[number]
                self.close(conn)
