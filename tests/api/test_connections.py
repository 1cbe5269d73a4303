"""Connections as clients keep, misuse and lose them: what is answered, what is cut off, and what others notice of it."""

import os
import resource
import signal
import socket
import time
import urllib.request
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest

from tests.api.served import manage, served
from tests.api.test_killed_worker import children

pytestmark = pytest.mark.live
LIMIT = 1
KEPT_SECONDS = 5  # iamconsole.server
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
HALF_A_CALL = b"POST /api/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nAct"


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    folder = tmp_path_factory.mktemp("connections")
    manage(
        {**os.environ, "DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "iamconsole.settings"},
        "collectstatic",
        "--no-input",
        "-v0",
    )
    with served(folder, workers=1, ANSWER_SECONDS=str(LIMIT)) as running:
        yield running


def connect(console, **options):
    place = urlsplit(console.url)
    connection = socket.socket()
    if "receive" in options:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options["receive"])
    connection.settimeout(30)
    connection.connect((place.hostname, place.port))
    return closing(connection)


def everything(connection) -> bytes:
    content = b""
    while piece := connection.recv(65536):
        content += piece
    return content


def largest(console) -> bytes:
    """The path of the largest file that the console serves."""
    folder = Path(console.environment["DATA_DIR"], "static")
    found = max((path for path in folder.rglob("*.js") if path.is_file()), key=lambda path: path.stat().st_size)
    return f"/static/{found.relative_to(folder)}".encode()


def test_requests_that_come_in_one_piece_are_answered_one_after_the_other(console):
    with connect(console) as connection:
        connection.sendall(HEALTH * 3 + LAST)
        assert everything(connection).count(b'{"status": "ok"}') == 4


def test_head_and_body_come_as_one_piece(console):
    with connect(console) as connection:
        for _ in range(3):
            connection.sendall(HEALTH)
            assert connection.recv(65536).endswith(b'{"status": "ok"}')


def test_an_answer_without_a_body_comes_at_once(console):
    with closing(HTTPConnection(urlsplit(console.url).netloc, timeout=10)) as connection:
        for _ in range(2):
            connection.request("HEAD", "/healthz")
            assert connection.getresponse().read() == b""


def test_whoever_only_connects_holds_no_thread(console):
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(connect(console))
        with urllib.request.urlopen(f"{console.url}/healthz", timeout=5) as answer:
            assert answer.status == 200


def test_a_connection_that_asks_nothing_is_ended(console):
    with connect(console) as connection:
        connection.sendall(HEALTH)
        connection.recv(65536)
        assert connection.recv(65536) == b""


def test_a_connection_that_begins_late_is_answered(console):
    with connect(console) as connection:
        time.sleep(KEPT_SECONDS + 1.5)
        connection.sendall(HEALTH)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def test_whoever_has_sent_everything_and_says_so_is_answered(console):
    with connect(console) as connection:
        connection.sendall(HEALTH)
        connection.shutdown(socket.SHUT_WR)
        assert everything(connection).endswith(b'{"status": "ok"}')


def test_whoever_does_not_close_holds_no_thread(console):
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(connect(console)).sendall(LAST)
        started = time.monotonic()
        with urllib.request.urlopen(f"{console.url}/healthz", timeout=30) as answer:
            assert answer.status == 200
        assert time.monotonic() < started + 5


def test_what_comes_after_the_last_answer_does_not_take_it_away(console):
    with connect(console) as connection:
        connection.sendall(LAST + b"a" * 50_000)
        time.sleep(0.3)
        assert everything(connection).endswith(b'{"status": "ok"}')


def test_a_request_that_came_in_time_waits_until_a_thread_is_free(console):
    with ExitStack() as stack:
        kept = stack.enter_context(connect(console))
        kept.sendall(HEALTH)
        kept.recv(65536)
        calls = [stack.enter_context(connect(console)) for _ in range(4)]  # as many as there are threads
        for call in calls:
            call.sendall(HALF_A_CALL)
        time.sleep(1)
        kept.sendall(HEALTH)
        time.sleep(KEPT_SECONDS + 1.5)
        for call in calls:
            call.sendall(b"ion=An")
        assert kept.recv(65536).startswith(b"HTTP/1.1 200")


def test_whoever_asks_without_end_leaves_others_their_turn(console):
    over = Event()

    def ask(connection: socket.socket) -> None:
        while not over.is_set():
            connection.sendall(HEALTH * 50)

    def take(connection: socket.socket) -> None:
        while connection.recv(65536):
            pass

    with ExitStack() as stack:
        for _ in range(5):  # one more than there are threads
            greedy = stack.enter_context(connect(console))
            for what in (ask, take):
                thread = Thread(target=quietly, args=(what, greedy), daemon=True)
                thread.start()
        time.sleep(1)
        started = time.monotonic()
        try:
            with urllib.request.urlopen(f"{console.url}/healthz", timeout=20) as answer:
                assert answer.status == 200
        finally:
            over.set()
        assert time.monotonic() < started + 5


def quietly(what, connection) -> None:
    with suppress(OSError):
        what(connection)


def test_without_a_descriptor_left_the_worker_waits_and_then_goes_on(tmp_path):
    others = set(children(os.getpid()))
    with served(tmp_path, workers=1) as console:
        (server,) = set(children(os.getpid())) - others
        (worker,) = children(server)
        bounds = resource.prlimit(worker, resource.RLIMIT_NOFILE)
        with ExitStack() as stack:
            resource.prlimit(worker, resource.RLIMIT_NOFILE, (3, bounds[1]))
            for _ in range(3):
                stack.enter_context(connect(console))
            before = spent(worker)
            time.sleep(2)
            assert spent(worker) - before < 0.5
        resource.prlimit(worker, resource.RLIMIT_NOFILE, bounds)
        with urllib.request.urlopen(f"{console.url}/healthz", timeout=10) as answer:
            assert answer.status == 200
    assert "no connection can be taken" in (tmp_path / "server.log").read_text()


def spent(process: int) -> float:
    """Seconds of processor time."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_worker_with_as_many_connections_as_it_takes_goes_on_when_one_ends(tmp_path):
    with served(tmp_path, workers=1, GUNICORN_CMD_ARGS="--worker-connections 6") as console, ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(connect(console))
        started = time.monotonic()
        for _ in range(10):
            with connect(console) as connection:
                connection.sendall(LAST)
                assert everything(connection).endswith(b'{"status": "ok"}')
        assert time.monotonic() < started + 40  # one that waits for another to be idle waits five seconds, ten times


def test_whoever_takes_no_answer_is_cut_off_and_keeps_nobody_out(console):
    path = largest(console)
    request = b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as stack:
        idle = [
            stack.enter_context(connect(console, receive=2048)) for _ in range(5)
        ]  # one more than there are threads
        for connection in idle:
            connection.sendall(request * 40)  # more than the system keeps for a connection
        time.sleep(LIMIT / 2)
        with urllib.request.urlopen(f"{console.url}/healthz", timeout=30) as answer:
            assert answer.status == 200
        time.sleep(LIMIT + 3)  # now the time of each is over, in a thread or in the queue
        size = Path(console.environment["DATA_DIR"], path.decode().lstrip("/")).stat().st_size
        for connection in idle:
            assert taken(connection) < 40 * size
    assert "Traceback" not in Path(console.environment["DATA_DIR"], "server.log").read_text()


def taken(connection) -> int:
    """How many bytes still come until the connection has ended, or is found to be reset."""
    count = 0
    with suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            count += len(piece)
    return count


def test_a_large_answer_comes_whole(console):
    path = largest(console)
    with connect(console) as connection:
        connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        head, _, body = everything(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert body == Path(console.environment["DATA_DIR"], "static", path.decode().removeprefix("/static/")).read_bytes()


def test_a_request_under_way_is_answered_although_the_server_ends(tmp_path):
    others = set(children(os.getpid()))
    with served(tmp_path, workers=1) as console:
        (server,) = set(children(os.getpid())) - others
        with connect(console) as connection:
            connection.sendall(HALF_A_CALL)
            time.sleep(0.3)
            os.kill(server, signal.SIGTERM)
            Thread(target=lambda: (time.sleep(0.5), connection.sendall(b"ion=An")), daemon=True).start()
            answer = everything(connection)
        assert b"Could not find operation An" in answer
