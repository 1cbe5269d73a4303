"""The proof of the record: what an attacker with the database in hand would try is found."""

import json
from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.operations.users import create_user
from audit.integrity import verify
from operations.models import Event, Ledger

ACCOUNT = "123456789012"


@pytest.fixture
def trail(admin):
    for number in range(4):
        create_user(admin, user_name=f"user{number}")


@pytest.fixture
def by_force(trail):
    """SQL with the triggers out of the way, as somebody with the file could run it."""
    triggers = import_module("operations.migrations.0002_append_only")
    triggers.run(triggers.REMOVE, connection)

    def run(statement, *values):
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    yield run
    triggers.run(triggers.ADD, connection)


def faults():
    return [(fault.sequence, fault.what) for fault in verify(ACCOUNT)]


def test_an_untouched_record_is_whole(trail, capsys):
    assert faults() == []
    call_command("verify_trail")
    assert "account 123456789012: 4 events, whole" in capsys.readouterr().out


def test_a_changed_record_is_found(by_force):
    by_force("UPDATE operations_event SET record = replace(record, 'user1', 'user9') WHERE sequence = 2")
    assert faults() == [(2, "was changed after it was written")]


def test_a_changed_search_column_is_found(by_force):
    by_force("UPDATE operations_event SET name = 'ListUsers' WHERE sequence = 3")
    assert faults() == [(3, "has a name column that differs from its record")]


def test_a_missing_event_is_found(by_force):
    by_force("DELETE FROM operations_event WHERE sequence = 2")
    assert faults() == [(2, "is missing"), (3, "does not follow the event before it")]


def test_a_cut_off_end_is_found(by_force):
    by_force("DELETE FROM operations_event WHERE sequence = 4")
    assert faults() == [(4, "is not the end of the chain that the ledger names")]


def test_reordered_events_are_found(by_force):
    first, second = (Event.objects.get(sequence=number).record for number in (1, 2))
    by_force("UPDATE operations_event SET record = %s WHERE sequence = 1", second)
    by_force("UPDATE operations_event SET record = %s WHERE sequence = 2", first)
    assert [sequence for sequence, _ in faults()] == [1, 2]


def test_a_fault_ends_the_command_with_status_one(by_force, capsys):
    by_force("UPDATE operations_event SET record = %s WHERE sequence = 1", json.dumps({}))
    with pytest.raises(SystemExit) as ended:
        call_command("verify_trail", account=ACCOUNT)
    assert ended.value.code == 1
    assert "event 1: was changed after it was written" in capsys.readouterr().err


def test_the_ledger_of_each_account_stands_alone(trail, stranger):
    create_user(stranger, user_name="elsewhere")
    assert faults() == []
    assert list(verify("210987654321")) == []
    assert Ledger.objects.get(pk="210987654321").sequence == 1
