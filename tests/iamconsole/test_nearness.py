"""How many threads take what is ready: by how soon the database answers."""

from types import SimpleNamespace

import pytest
from django.db import OperationalError

from iamconsole import nearness


def database(monkeypatch, vendor):
    closed = []
    monkeypatch.setattr(nearness, "connection", SimpleNamespace(vendor=vendor, close=lambda: closed.append(True)))
    return closed


def test_a_database_within_the_process_needs_no_waiting(monkeypatch):
    database(monkeypatch, "sqlite")
    assert nearness.threads() == 1


@pytest.mark.parametrize(("seconds", "threads"), [(0.0001, 1), (0.001, 2)], ids=["on this machine", "on another"])
def test_a_database_server_is_asked(monkeypatch, seconds, threads):
    closed = database(monkeypatch, "postgresql")
    monkeypatch.setattr(nearness, "_soonest", lambda: seconds)
    assert nearness.threads() == threads
    assert closed, "the main thread needs no connection"


def test_one_that_does_not_answer_yet_may_be_far(monkeypatch):
    def refuse():
        raise OperationalError

    closed = database(monkeypatch, "postgresql")
    monkeypatch.setattr(nearness, "_soonest", refuse)
    assert nearness.threads() == 2
    assert closed


@pytest.mark.django_db
def test_it_measures_what_the_database_really_takes():
    assert 0 < nearness._soonest() < 30
