"""The thread that carries out what is due: what one kind of work fails with keeps no other waiting."""

import pytest
from django.db import OperationalError

from iamconsole.schedule import Schedule


@pytest.fixture
def looked(monkeypatch):
    found = []
    monkeypatch.setattr("iamconsole.schedule.close_old_connections", lambda: None)
    monkeypatch.setattr("iamconsole.schedule.carry_out", lambda: found.append("activations") or 0)
    monkeypatch.setattr("iamconsole.schedule.membership_rules.carry_out", lambda: bool(found.append("rules")))
    return found


def test_both_kinds_are_done(looked):
    assert Schedule()._look() is False
    assert looked == ["activations", "rules"]


@pytest.mark.parametrize("error", [RuntimeError, OperationalError])
def test_one_that_fails_keeps_no_other_waiting(looked, monkeypatch, error, caplog):
    def fail():
        raise error("no")

    monkeypatch.setattr("iamconsole.schedule.connection.close", lambda: None)
    monkeypatch.setattr("iamconsole.schedule.carry_out", fail)
    assert Schedule()._look() is False
    assert looked == ["rules"]
    assert "no" in caplog.text


def test_it_looks_again_soon_where_more_is_to_do(looked, monkeypatch):
    thread, rests = Schedule(pause=20), []
    answers = iter([True, True, False])
    monkeypatch.setattr("iamconsole.schedule.membership_rules.carry_out", lambda: next(answers))

    def wait(seconds):
        rests.append(seconds)
        if len(rests) == 3:
            thread._end.set()

    monkeypatch.setattr(thread._end, "wait", wait)
    monkeypatch.setattr("iamconsole.schedule.connection.close", lambda: None)
    thread._run()
    assert rests == [1.0, 1.0, 20]
