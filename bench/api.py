"""Requests a second over the AWS API, on loopback, beside moto's server in the same run; and the cost of one signature.

Both are asked by the same client: signed requests prepared beforehand, sent over several kept connections.
"""

import http.client
import json
import os
import select
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.measure import table
from bench.population import ACCOUNT, grow_users, make_account, prepare_database

CONNECTIONS, SECONDS = 12, 5.0
Request = tuple[str, bytes, dict[str, str]]


def run() -> None:
    """GetUser at 100 and 100,000 users, a page of ListUsers at three depths, 100 decisions at once, and one signature."""
    prepare_database()
    make_account()
    key_id, secret = make_key()
    rows: list[tuple[str, str, float]] = []
    ratios = []
    for size in (100, 100_000):
        grow_users(size)
        with moto() as beside, console() as port:
            baseline, got = in_turns(
                (beside, query(beside, "/", "MOTO", "secret", "GetUser", UserName="user000005")),
                (port, query(port, "/api/", key_id, secret, "GetUser", UserName="user000005")),
            )
            rows.append(("moto_server, GetUser: per second", "1", baseline))
            rows.append(("GetUser: per second", f"{size:,}", got))
            ratios.append(f"{got / baseline:.1f}×")
            for name, start in depths(size).items():
                asked = query(port, "/api/", key_id, secret, "ListUsers", MaxItems="100", **start)
                rows.append((f"ListUsers, 100 of them, {name}: ms", f"{size:,}", latency(port, asked)))
            rows.append(("/authorize, 100 questions: ms", f"{size:,}", latency(port, authorize(port, key_id, secret))))
    rows.append(("one signature verified: ms", "-", signature_ms(key_id, secret)))
    table(("over the wire", "users", "figure"), rows)
    print(f"\nGetUser against moto_server: {', '.join(ratios)}")


def depths(size: int) -> dict[str, dict[str, str]]:
    """The pages of ListUsers to ask for: the first, one half-way down, one near the end. Markers are as the API gives them."""
    from operations.paging import encode

    names = {"half-way": size // 2, "near the end": size - 101}
    markers = {name: {"Marker": encode(f"user{max(number, 0):06}")} for name, number in names.items()}
    return {"first page": {}, **markers}


def signature_ms(key_id: str, secret: str) -> float:
    """The milliseconds that verifying one signature takes, from the presented header to the verdict."""
    from api import sigv4
    from api.sigv4 import RawRequest

    path, body, headers = query(8000, "/api/", key_id, secret, "GetUser", UserName="user000005")
    lowered = {name.lower(): value for name, value in {**headers, "Host": "127.0.0.1:8000"}.items()}
    raw = RawRequest("POST", path, "", lowered, body)
    times = []
    for _ in range(2000):
        start = time.perf_counter()
        presented = sigv4.read(raw)
        assert presented is not None
        sigv4.check_scope(presented, "iam")
        sigv4.check_signature(raw, presented, secret)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def make_key() -> tuple[str, str]:
    from accounts.operations.access_keys import create_access_key
    from bench.population import admin_caller

    made = create_access_key(admin_caller(), user_name="admin")["AccessKey"]
    return made["AccessKeyId"], made["SecretAccessKey"]


def query(port: int, path: str, key_id: str, secret: str, action: str, **parameters: str) -> Request:
    body = urlencode({"Action": action, "Version": "2010-05-08", **parameters}).encode()
    return signed(port, path, key_id, secret, body, "application/x-www-form-urlencoded; charset=utf-8", "iam")


def authorize(port: int, key_id: str, secret: str) -> Request:
    question = {
        "principal": f"arn:aws:iam::{ACCOUNT}:user/admin",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::bucket/key",
        "context": {},
    }
    body = json.dumps({"questions": [question] * 100}).encode()
    return signed(port, "/authorize", key_id, secret, body, "application/json", "iam")


def signed(port: int, path: str, key_id: str, secret: str, body: bytes, kind: str, service: str) -> Request:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    asked = AWSRequest("POST", f"http://127.0.0.1:{port}{path}", data=body, headers={"Content-Type": kind})
    SigV4Auth(Credentials(key_id, secret), service, "us-east-1").add_auth(asked)
    return path, body, dict(asked.headers.items())


class Line:
    """A kept connection that sends a request as ready bytes: what is measured is the server, not the client."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.got, self.length, self.ends = b"", -1, False

    def ready(self, request: Request) -> bytes:
        """A request as the bytes that go over the wire."""
        path, body, headers = request
        named = {**headers, "Host": f"127.0.0.1:{self.port}", "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body

    def take(self) -> bool:
        """Read what has come; whether the answer is whole. Raises RuntimeError for any answer but 200."""
        more = self.socket.recv(65536)
        if not more:
            raise RuntimeError("the connection was closed in the middle of an answer")
        self.got += more
        if self.length < 0:
            head, found, _body = self.got.partition(b"\r\n\r\n")
            if not found:
                return False
            self._begin(head)
        if len(self.got) < self.length:
            return False
        self.got, self.length = b"", -1
        return True

    def _begin(self, head: bytes) -> None:
        """What the head says of the answer: its length, and whether the connection ends after it."""
        if head[9:12] != b"200":
            raise RuntimeError(f"the server answered {self.got[:500]!r}")
        lowered = head.lower()
        self.length = len(head) + 4 + int(lowered.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        self.ends = b"connection: close" in lowered or head.startswith(b"HTTP/1.0")

    def ask(self, request: Request) -> None:
        self.send(self.ready(request))

    def send(self, content: bytes) -> None:
        """Send and wait for the whole answer."""
        self.socket.sendall(content)
        while not self.take():
            pass
        if self.ends:
            self.socket.close()
            self.connect()


def rate(port: int, request: Request, seconds: float = SECONDS) -> float:
    """Requests a second over kept connections, all asking as fast as they are answered.

    One thread looks after all of them, so that the client takes as little as can be of the processors that it shares with the server. The
    connections come one after the other while the others work, as clients do: so they spread over the server's workers.
    """
    with select.epoll() as ready:
        lines: dict[int, Line] = {}
        content = b""
        for _ in range(CONNECTIONS):
            line = Line(port)
            content = content or line.ready(request)
            lines[line.socket.fileno()] = line
            ready.register(line.socket, select.EPOLLIN)
            line.socket.sendall(content)
            _exchange(ready, lines, content, 0.05)
        return _exchange(ready, lines, content, seconds) / seconds


def _exchange(ready: select.epoll, lines: dict[int, Line], content: bytes, seconds: float) -> int:
    """Ask anew whatever is answered, for some seconds; how often that was."""
    count, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        for number, _event in ready.poll(0.05):
            line = lines[number]
            if not line.take():
                continue
            count += 1
            if line.ends:
                del lines[number]
                line.socket.close()
                line.connect()
                lines[line.socket.fileno()] = line
                ready.register(line.socket, select.EPOLLIN)
            line.socket.sendall(content)
    return count


def in_turns(*servers: tuple[int, Request]) -> list[float]:
    """The requests a second of several servers, the median of five runs of each in turns: a machine's speed drifts."""
    runs = [[rate(port, request, 2.0) for port, request in servers] for _ in range(5)]
    return [statistics.median(run[place] for run in runs) for place in range(len(servers))]


def latency(port: int, request: Request) -> float:
    """The median milliseconds of one request at a time."""
    line = Line(port)
    content = line.ready(request)
    times = []
    for _ in range(60):
        start = time.perf_counter()
        line.send(content)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[10:])


@contextmanager
def console() -> Iterator[int]:
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "iamconsole.wsgi",
        "--config",
        "python:iamconsole.server",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "2",
        "--preload",
    ]
    with served(command, port, lambda connection: connection.request("GET", "/healthz")):
        yield port


@contextmanager
def moto() -> Iterator[int]:
    """moto's server with one user of the name that is asked for."""
    port = free_port()
    program = Path(sys.executable).with_name("moto_server")
    with served([str(program), "-p", str(port)], port, lambda connection: connection.request("GET", "/moto-api/")):
        Line(port).ask(query(port, "/", "MOTO", "secret", "CreateUser", UserName="user000005"))
        yield port


@contextmanager
def served(command: list[str], port: int, probe: Callable[[http.client.HTTPConnection], Any]) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ.copy())
    try:
        for _ in range(150):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                probe(connection)
                connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
