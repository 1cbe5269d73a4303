"""Requests a second over the AWS API, on loopback, beside moto's server in the same run; and the cost of one signature.

Both are asked by the same client: signed requests prepared beforehand, sent over kept connections by several threads.
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.measure import table
from bench.population import ACCOUNT, grow_users, make_account, prepare_database

THREADS, REQUESTS = 4, 1200
Request = tuple[str, bytes, dict[str, str]]


def run() -> None:
    prepare_database()
    make_account()
    key_id, secret = make_key()
    rows = []
    with moto() as port:
        rows.append(
            (
                "moto_server GetUser",
                "-",
                rate(port, [query(port, "/", "MOTO", "secret", "GetUser", UserName="user000005")]),
            )
        )
    baseline = rows[0][2]
    for size in (100, 100_000):
        grow_users(size)
        with console() as port:
            get_user = query(port, "/api/", key_id, secret, "GetUser", UserName="user000005")
            first = query(port, "/api/", key_id, secret, "ListUsers", MaxItems="100")
            rows.append(("GetUser", f"{size:,}", rate(port, [get_user])))
            rows.append(("ListUsers, 100 of them", f"{size:,}", rate(port, [first], requests=200)))
            questions = authorize(port, key_id, secret)
            rows.append(("/authorize, 100 questions: ms", f"{size:,}", latency(port, questions)))
    table(("over the wire", "users", "per second"), rows)
    print(
        f"\nGetUser against moto_server: {', '.join(f'{row[2] / baseline:.1f}×' for row in rows if row[0] == 'GetUser')}"
    )


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


def ask(connection: http.client.HTTPConnection, request: Request) -> None:
    path, body, headers = request
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}: {text[:300]!r}")


def rate(port: int, requests_: list[Request], requests: int = REQUESTS) -> float:
    """Requests a second over THREADS kept connections."""
    failures: list[BaseException] = []

    def work(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            for turn in range(number):
                ask(connection, requests_[turn % len(requests_)])
        except (OSError, RuntimeError, http.client.HTTPException) as error:
            failures.append(error)

    for count in (20, requests // THREADS):  # the first round warms up
        threads = [threading.Thread(target=work, args=(count,)) for _ in range(THREADS)]
        start = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
    return requests / (time.perf_counter() - start)


def latency(port: int, request: Request) -> float:
    """The median milliseconds of one request at a time."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    times = []
    for _ in range(40):
        start = time.perf_counter()
        ask(connection, request)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[5:])


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
        ask(
            http.client.HTTPConnection("127.0.0.1", port),
            query(port, "/", "MOTO", "secret", "CreateUser", UserName="user000005"),
        )
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
