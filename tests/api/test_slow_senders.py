"""Senders that drip: whatever they send and to whichever page, the time of each is bounded and the console answers others again."""

import socket
import time
import urllib.request
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest

from tests.api.served import served

pytestmark = pytest.mark.live
LIMIT = 1
FORM = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\na"
SLOW = {
    "the head": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    "the request line": b"GET /heal",
    "a body for the API": b"POST /api/ HTTP/1.1\r\nHost: localhost\r\n" + FORM,
    "a question": b"POST /verify HTTP/1.1\r\nHost: localhost\r\n" + FORM,
    "a form": b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\n" + FORM,
    "an upload": b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    b'Content-Length: 1000\r\n\r\n--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n',
    "chunks": b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n",
}


@pytest.fixture(scope="module")
def console(tmp_path_factory):
    limits = {"REQUEST_HEAD_SECONDS": str(LIMIT), "REQUEST_BODY_SECONDS": str(LIMIT)}
    with served(tmp_path_factory.mktemp("slow"), workers=1, **limits) as running:
        running.manage("collectstatic", "--no-input", "-v0")
        yield running


def connect(console):
    place = urlsplit(console.url)
    return closing(socket.create_connection((place.hostname, place.port), timeout=30))


def drip(connection, until: float) -> float:
    """Send a byte now and then; when the server had ended the connection, or the moment at which we gave up."""
    connection.settimeout(0.3)
    while time.monotonic() < until:
        try:
            connection.send(b"a")
            if connection.recv(65536) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic()


@pytest.mark.parametrize("what", SLOW)
def test_a_slow_sender_is_cut_off(console, what):
    started = time.monotonic()
    with connect(console) as connection:
        connection.sendall(SLOW[what])
        assert drip(connection, started + 15) < started + 12


def test_slow_senders_do_not_keep_others_out(console):
    over = Event()

    def hold(start: bytes) -> None:
        with connect(console) as connection:
            connection.sendall(start)
            while not over.wait(0.3):
                try:
                    connection.send(b"a")
                except OSError:
                    return

    holders = [Thread(target=hold, args=(start,), daemon=True) for start in SLOW.values()]
    for holder in holders:
        holder.start()
    time.sleep(0.5)
    try:
        with urllib.request.urlopen(f"{console.url}/healthz", timeout=20) as answer:
            assert answer.status == 200
    finally:
        over.set()
        for holder in holders:
            holder.join()


def test_a_sender_that_is_only_a_little_slow_is_served(console):
    with connect(console) as connection:
        for piece in (b"GET /healthz HTTP/1.1\r\n", b"Host: localhost\r\n", b"Connection: close\r\n\r\n"):
            connection.sendall(piece)
            time.sleep(0.1)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def test_a_connection_that_is_kept_has_its_time_for_each_request(console):
    with closing(HTTPConnection(urlsplit(console.url).netloc, timeout=30)) as connection:
        for _ in range(4):
            connection.request("GET", "/healthz")
            assert connection.getresponse().read() == b'{"status": "ok"}'
            time.sleep(LIMIT / 3)


def test_a_form_that_did_not_come_whole_is_told_so(console):
    with connect(console) as connection:
        connection.sendall(SLOW["a form"])
        assert connection.recv(65536).startswith(b"HTTP/1.1 408")


def test_nothing_of_it_is_a_fault(console):
    assert "Traceback" not in Path(console.environment["DATA_DIR"], "server.log").read_text()
