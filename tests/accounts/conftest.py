"""People at a browser at a moment that stands still; and two callers at once: a database that several threads can open, and the threads."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.operations.users import create_user
from operations.caller import Caller
from operations.errors import ServiceError
from tests.accounts.browser import NOW, Browser, give_password
from tests.conftest import ADMINISTRATOR
from tests.signing_in import sign_in


@pytest.fixture
def administrator(client: Client, make_user: Callable[..., User]) -> Client:
    """A browser in which an administrator is signed in."""
    sign_in(client, make_user("alice", ADMINISTRATOR), mfa=True)
    return client


@pytest.fixture
def dora(system: Caller) -> User:
    """A user who has nothing."""
    create_user(system, user_name="dora")
    return User.objects.get(name="dora")


@pytest.fixture
def shared_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """The suite's SQLite database lives in memory, where threads do not wait for each other as in a file: so it moves into one."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    memory, name = connection.connection, connection.settings_dict["NAME"]
    file = sqlite3.connect(tmp_path / "shared.sqlite3")
    memory.backup(file)
    file.close()
    connection.connection, connection.settings_dict["NAME"] = None, str(tmp_path / "shared.sqlite3")
    try:
        yield
    finally:
        connection.close()
        connection.connection, connection.settings_dict["NAME"] = memory, name


@pytest.fixture
def at_once(shared_database: None) -> Callable[..., Sequence[Any]]:
    """Run calls at the same moment, each in a thread and on a connection of its own; their answers, or the errors they ended with."""

    def run(*calls: Callable[[], Any]) -> Sequence[Any]:
        start, answers = Barrier(len(calls)), [None] * len(calls)

        def one(number: int, call: Callable[[], Any]) -> None:
            try:
                connection.ensure_connection()
                start.wait(10)
                answers[number] = call()
            except ServiceError as error:
                answers[number] = error
            finally:
                connection.close()

        threads = [Thread(target=one, args=(number, call)) for number, call in enumerate(calls)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in threads)
        return answers

    return run


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def person():
    return Browser()


@pytest.fixture
def user_with(clock, make_user):
    def make(document, name="erin"):
        return give_password(make_user(name, document))

    return make


@pytest.fixture
def erin(clock, make_user):
    return give_password(make_user("erin"))
