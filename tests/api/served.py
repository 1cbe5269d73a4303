"""A console as it is really served: its own data folder or database, migrated, behind gunicorn with two workers or as many as asked."""

import atexit
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import copy, rmtree
from tempfile import mkdtemp
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Served:
    """Where the console is, and the root user's key."""

    url: str
    key: dict[str, str]
    environment: dict[str, str]

    def manage(self, *arguments: str, stdin: str = "") -> str:
        return manage(self.environment, *arguments, stdin=stdin)


def manage(environment: dict[str, str], *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def served(folder: Path, workers: int = 2, **settings: str) -> Iterator[Served]:
    """Serve until the block ends."""
    with database() as url:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment |= {
            "DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "iamconsole.settings",
            "LOG_LEVEL": "WARNING",
            "API_PRINCIPAL_RATE": "0",
            "API_ACCOUNT_RATE": "0",
        }
        for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "DATABASE_URL"):
            environment.pop(name, None)
        environment |= {"DATABASE_URL": url} if url else {}
        port = free_port()
        environment |= {"BASE_URL": f"http://127.0.0.1:{port}", **settings}
        if url:
            manage(environment, "migrate", "-v0")
        else:
            copy(migrated(), folder)
        arguments = (
            "--account-id",
            ACCOUNT,
            "--root-email",
            "root@example.com",
            "--root-password-file",
            "-",
            "--with-access-key",
        )
        made = json.loads(manage(environment, "create_account", *arguments, stdin="Correct-horse-battery-7\n"))
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "iamconsole.wsgi",
            "--bind",
            f"127.0.0.1:{port}",
            "--workers",
            str(workers),
            "--preload",
            "--config",
            "python:iamconsole.server",
        ]
        with (folder / "server.log").open("w") as log:
            server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait(f"http://127.0.0.1:{port}/readyz", server, folder / "server.log")
            yield Served(f"http://127.0.0.1:{port}", made["AccessKey"], environment)
        finally:
            server.terminate()
            server.wait(timeout=30)


@cache
def migrated() -> Path:
    """A database file with every table and no row, made once in each process of the tests."""
    folder = mkdtemp(prefix="iamconsole-tests-")
    atexit.register(rmtree, folder, ignore_errors=True)
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    manage(environment | {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "iamconsole.settings"}, "migrate", "-v0")
    return Path(folder, "console.sqlite3")


@contextmanager
def database() -> Iterator[str | None]:
    """A database of its own on the server of DATABASE_URL, dropped afterwards; None means SQLite in the data folder."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield None
        return
    import psycopg

    name = f"api_{uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait(url: str, server: subprocess.Popen, log: Path, seconds: float = 60) -> None:
    """Until the address answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


def wait_for(port: int, seconds: float = 30) -> None:
    """Until somebody listens on a port of this machine."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nobody listens on {port}")
