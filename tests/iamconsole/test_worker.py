"""The worker's bookkeeping where time decides: what the main thread ends, and what a thread outlives."""

import os
import socket
import subprocess
import sys
from math import inf
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from types import SimpleNamespace

import pytest
from gunicorn.config import Config

from iamconsole.timed_socket import TimedSocket
from iamconsole.worker import Worker, keep_settings

ROOT = Path(__file__).resolve().parents[2]


class Waiting:
    """A connection in the queue."""

    ending = False

    def __init__(self, timeout=0.0, when_closed=lambda: None):
        self.timeout, self.close = timeout, when_closed
        self.sock = SimpleNamespace(asks=lambda: False)


@pytest.fixture
def worker():
    made = Worker.__new__(Worker)
    made.lock, made.keepalived_conns, made.open_conns = Lock(), {}, set()
    made.worker_connections, made.sockets, made.listeners, made.alive = 1000, [], {}, True
    return made


def test_settings_that_are_kept_say_what_they_said():
    kept, plain = Config(), Config()
    for cfg in (kept, plain):
        cfg.set("limit_request_line", 1234)
        cfg.set("threads", 7)
    keep_settings(kept)
    assert kept.limit_request_line == 1234
    assert "limit_request_line" in vars(kept)
    assert {name: getattr(kept, name) for name in plain.settings} == {
        name: getattr(plain, name) for name in plain.settings
    }
    assert kept.is_ssl == plain.is_ssl
    assert kept.address == plain.address


def test_a_connection_that_has_the_number_of_one_that_ended_is_left_alone(worker):
    new = Waiting(monotonic() + 60)

    def renumber():
        worker.keepalived_conns[6] = new  # a thread took and closed the old one, and another took a new connection

    worker.keepalived_conns |= {5: Waiting(when_closed=renumber), 6: Waiting()}
    worker.close_idle(monotonic())
    assert worker.keepalived_conns == {6: new}


def test_a_thread_outlives_what_the_system_refuses(worker):
    told, turns = [], iter([OSError("refused"), ValueError("closed"), SystemExit()])

    def poll(seconds, maxevents):
        raise next(turns)

    worker.begun = [inf, inf]
    worker.queue, worker.log = SimpleNamespace(poll=poll), SimpleNamespace(exception=told.append)
    with pytest.raises(SystemExit):
        worker.serve(1)
    assert len(told) == 2
    assert worker.begun == [inf, inf]


@pytest.mark.parametrize(
    ("ages", "needed"),
    [((inf, inf), False), ((9.0, inf), False), ((9.0, 0.0), False), ((9.0, 9.0), True)],
    ids=["none is at anything", "one is free", "one has just begun", "both are long at it"],
)
def test_the_others_take_part_when_each_regular_thread_is_long_at_its_request(worker, ages, needed):
    worker.begun = [inf if age == inf else monotonic() - age for age in ages]
    worker.relief = Event()
    for before in (worker.relief.clear, worker.relief.set):
        before()
        worker.call_relief()
        assert worker.relief.is_set() is needed


def test_a_regular_thread_tells_how_long_it_is_at_its_request(worker):
    seen = []

    def poll(seconds, maxevents):
        if seen:
            raise SystemExit
        return [(5, 1)]

    def take(number):
        seen.append(list(worker.begun))

    worker.begun, worker.queue, worker._take = [inf, inf], SimpleNamespace(poll=poll), take
    before = monotonic()
    with pytest.raises(SystemExit):
        worker.serve(1)
    assert seen[0][0] == inf
    assert before <= seen[0][1] <= monotonic()
    assert worker.begun == [inf, inf]


def test_a_signal_only_writes_to_the_pipe_on_which_the_main_thread_waits(worker):
    """The handler runs in that thread, wherever it is: a lock that it takes may be held already, and then the worker never ends."""
    called = []
    worker.method_queue = SimpleNamespace(defer=called.append)
    worker.handle_exit(15, None)
    assert not worker.alive
    assert len(called) == 1


def test_whoever_takes_nothing_holds_up_no_other_piece_of_an_answer_either():
    """«100 Continue» leaves as a single send, not as the rest of an answer does."""
    ours, theirs = socket.socketpair()
    bounded = TimedSocket(fileno=ours.detach())
    with theirs, bounded:
        bounded.setblocking(False)
        with pytest.raises(BlockingIOError):
            while True:
                socket.socket.send(bounded, b"a" * 65536)
        bounded.setblocking(True)
        bounded.answer(0.2)
        ended = Event()

        def send():
            with pytest.raises(BrokenPipeError):
                bounded.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            ended.set()

        Thread(target=send, daemon=True).start()
        assert ended.wait(10)


def test_settings_for_tls_stop_the_start_with_one_sentence(tmp_path):
    certificate = tmp_path / "certificate.pem"
    certificate.write_text("")
    started = subprocess.run(
        [sys.executable, "-m", "gunicorn", "iamconsole.wsgi", "--config", "python:iamconsole.server"],
        cwd=ROOT,
        env={**os.environ, "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:0 --certfile {certificate}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert started.returncode == 1
    assert "speaks no TLS itself" in started.stderr
    assert "Traceback" not in started.stderr
