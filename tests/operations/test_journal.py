"""The journal of reads: what was read is in the record a moment later, once, whatever happens in between."""

import os
import threading
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_UN, flock

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from access.callers import Connection, user_caller
from accounts.models import User
from accounts.operations.users import create_user, get_user, list_users
from audit.integrity import verify
from audit.queries import trail
from federation.operations.user_sessions import get_session_token
from operations import clock, journal, record
from operations.errors import AccessDenied, NoSuchEntity
from operations.gate import one_change
from operations.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(settings, tmp_path):
    """A journal of this test's own."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "journal"


@pytest.fixture
def serving(place, monkeypatch):
    """A process that keeps a journal, whose thread is not started: the test says when the journal is settled."""
    keeper = journal.Journal(place)
    monkeypatch.setattr(journal, "_serving", keeper)
    return keeper


def files(place):
    return sorted(place.glob("*.jsonl"))


def names():
    return list(Event.objects.order_by("sequence").values_list("name", flat=True))


def entry(admin, name="GetUser"):
    return record.entry(record.Draft(name=name, caller=admin, read_only=True))


def test_a_read_is_in_the_journal_at_once_and_then_in_the_record(admin, place, serving):
    get_user(admin, user_name="alice")
    assert names() == []
    (file,) = files(place)
    assert file.stat().st_mode & 0o777 == 0o600
    assert place.stat().st_mode & 0o777 == 0o700
    assert journal.settle() == 1
    assert names() == ["GetUser"]
    assert files(place) == []


def test_the_event_is_the_same_as_one_that_was_recorded_at_once(admin, place, serving, monkeypatch):
    get_user(admin, user_name="alice")
    journal.settle()
    monkeypatch.setattr(journal, "_serving", None)
    get_user(admin, user_name="alice")
    first, second = Event.objects.order_by("sequence")
    differing = {"id", "sequence", "event_id", "time", "record", "previous_hash", "hash"}
    for field in Event._meta.get_fields():
        if field.name not in differing:
            assert getattr(first, field.name) == getattr(second, field.name), field.name
    assert first.record.replace(first.event_id, "") == second.record.replace(second.event_id, "").replace(
        clock.text(second.time), clock.text(first.time)
    )
    assert list(verify(admin.account_id)) == []


def test_the_event_has_the_time_of_the_call(admin, place, serving):
    from datetime import UTC, datetime

    moment = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
    with clock.at(moment):
        get_user(admin, user_name="alice")
    journal.settle()
    assert Event.objects.get().time == moment


def test_what_changes_or_is_refused_or_hands_out_credentials_is_recorded_before_it_is_answered(
    admin, nobody, place, serving
):
    create_user(admin, user_name="dora")
    with pytest.raises(AccessDenied):
        get_user(nobody, user_name="dora")
    with pytest.raises(NoSuchEntity):
        get_user(admin, user_name="erin")
    get_session_token(admin)
    assert names() == ["CreateUser", "GetUser", "GetUser", "GetSessionToken"]
    assert files(place) == []


def test_the_trail_is_complete_when_it_is_looked_at(admin, place, serving):
    get_user(admin, user_name="alice")
    assert trail(admin.account_id).count() == 1


def test_entries_of_several_accounts_each_go_to_their_own_chain(admin, other_account, place, serving):
    stranger = User.objects.create(account=other_account, name="eve", name_key="eve", unique_id="AIDAEVE")
    theirs = user_caller(stranger, Connection(), clock.now())
    serving.append([entry(admin)])
    serving.append([entry(theirs)])
    serving.append([entry(admin, "ListUsers")])
    assert journal.settle() == 3
    assert names() == ["GetUser", "GetUser", "ListUsers"]
    assert list(verify(admin.account_id)) == list(verify(other_account.pk)) == []


def test_an_entry_that_is_in_the_record_already_is_not_added_again(admin, place, serving):
    """A process ended after its commit and before the file was gone."""
    one = entry(admin)
    serving.append([one])
    (file,) = files(place)
    content = file.read_bytes()
    journal.settle()
    (place / "left-behind.jsonl").write_bytes(content + journal._line(entry(admin, "ListUsers")))
    assert journal.settle() == 1
    assert names() == ["GetUser", "ListUsers"]
    assert files(place) == []


def test_half_a_last_line_was_never_answered_for(admin, place, serving):
    serving.append([entry(admin)])
    (file,) = files(place)
    with file.open("ab") as end:
        end.write(journal._line(entry(admin, "ListUsers"))[:40])
    assert journal.settle() == 1
    assert names() == ["GetUser"]


@pytest.mark.parametrize("line", [b"{broken\n", b"[]\n", b'["1","2","yesterday"]\ttext\n', b"\xff\xfe\n"])
def test_a_damaged_line_holds_up_nothing_and_is_kept(admin, place, serving, line):
    serving.append([entry(admin)])
    (file,) = files(place)
    file.write_bytes(line + file.read_bytes())
    assert journal.settle() == 1
    assert file.with_suffix(".refused").read_bytes() == line


def test_an_entry_that_the_database_refuses_holds_up_no_other(admin, place, serving, monkeypatch):
    bad = entry(admin, "ListUsers")
    serving.append([entry(admin), bad, entry(admin, "ListGroups")])
    add = record.add

    def refuse(entries, *, changed=False):
        if bad.event_id in {one.event_id for one in entries}:
            from django.db import DataError

            raise DataError("value too long")
        add(entries, changed=changed)

    monkeypatch.setattr(record, "add", refuse)
    assert journal.settle() == 2
    assert names() == ["GetUser", "ListGroups"]
    assert (place / f"{bad.event_id}.refused").read_bytes() == journal._line(bad)


def test_the_journal_waits_for_a_database_that_does_not_answer(admin, place, serving, monkeypatch):
    get_user(admin, user_name="alice")
    with monkeypatch.context() as patch:
        patch.setattr(record, "add", lambda entries, **_: (_ for _ in ()).throw(DatabaseError("gone")))
        with pytest.raises(DatabaseError):
            journal.settle()
        assert not serving._settled()
    assert len(files(place)) == 1
    assert serving._settled()
    assert names() == ["GetUser"]


def test_a_full_disk_makes_reads_be_recorded_at_once(admin, place, serving, monkeypatch):
    serving.append([entry(admin)])
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, content: write(file, content[:10]))
    list_users(admin)
    assert names() == ["ListUsers"]
    monkeypatch.undo()
    settled = journal.settle(place)
    assert settled == 1
    assert names() == ["ListUsers", "GetUser"]


def test_a_folder_that_cannot_be_made_makes_reads_be_recorded_at_once(admin, place, serving):
    place.write_text("a file is where the folder should be")
    get_user(admin, user_name="alice")
    assert names() == ["GetUser"]


def test_a_journal_that_is_too_far_behind_takes_no_more(admin, place, serving, monkeypatch):
    monkeypatch.setattr(journal, "MOST_BYTES", 10)
    get_user(admin, user_name="alice")
    assert names() == ["GetUser"]


def test_within_a_transaction_nothing_is_taken_over(admin, place, serving):
    from django.db import transaction

    get_user(admin, user_name="alice")
    with transaction.atomic():
        assert journal.settle() == 0
    assert journal.settle() == 1


def test_a_writer_whose_file_is_being_taken_over_begins_another(admin, place, serving):
    serving.append([entry(admin)])
    (first,) = files(place)
    holder = os.open(first, os.O_RDONLY)
    flock(holder, LOCK_EX)
    serving.append([entry(admin, "ListUsers")])
    assert len(files(place)) == 2
    flock(holder, LOCK_UN)
    os.close(holder)
    assert journal.settle() == 2
    assert sorted(names()) == ["GetUser", "ListUsers"]


def test_writers_and_takers_at_once_lose_nothing_and_add_nothing_twice(admin, place):
    """Three writers of their own, each with two threads, and two that take over all the while."""
    done = threading.Event()
    wanted = [[entry(admin) for _ in range(60)] for _ in range(6)]
    writers = [journal.Writer(place) for _ in range(3)]

    def write(number):
        for one in wanted[number]:
            assert writers[number % 3].append([one])

    def take():
        while not done.is_set():
            with suppress(
                DatabaseError
            ):  # a database in memory answers «locked» at once; the files stay, as for a served process
                journal.settle(place)
        connection.close()

    takers = [threading.Thread(target=take) for _ in range(2)]
    writing = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in [*takers, *writing]:
        thread.start()
    for thread in writing:
        thread.join()
    done.set()
    for thread in takers:
        thread.join()
    journal.settle(place)
    recorded = set(Event.objects.values_list("event_id", flat=True))
    assert recorded == {one.event_id for part in wanted for one in part}
    assert Event.objects.count() == 360
    assert list(verify(admin.account_id)) == []


def test_a_served_process_adds_by_itself_and_at_its_end(admin, place, monkeypatch):
    monkeypatch.setattr(journal, "PAUSE_SECONDS", 0.0)
    journal.start()
    try:
        get_user(admin, user_name="alice")
        assert journal._serving is not None
    finally:
        journal.stop()
    assert names() == ["GetUser"]
    assert files(place) == []
    assert journal._serving is None


# --- the reads of one page ------------------------------------------------------------------------------------------------


def test_what_a_page_reads_is_recorded_in_one_transaction(admin, place):
    with CaptureQueriesContext(connection) as done, journal.together():
        get_user(admin, user_name="alice")
        list_users(admin)
        assert names() == []
    assert names() == ["GetUser", "ListUsers"]
    assert sum(query["sql"].startswith("UPDATE operations_ledger") for query in done) == 1
    assert list(verify(admin.account_id)) == []


def test_a_page_of_a_serving_process_reads_by_the_journal(admin, place, serving):
    with journal.together():
        get_user(admin, user_name="alice")
        assert files(place) == []
    assert len(files(place)) == 1
    assert journal.settle() == 1


def test_whoever_looks_into_the_record_finds_what_the_page_read_before(admin, place):
    with journal.together():
        get_user(admin, user_name="alice")
        journal.settle()
        assert names() == ["GetUser"]
        list_users(admin)
    assert names() == ["GetUser", "ListUsers"]


def test_what_was_read_is_recorded_though_the_page_fails(admin, place):
    with suppress(ValueError), journal.together():
        get_user(admin, user_name="alice")
        raise ValueError
    assert names() == ["GetUser"]


def test_a_page_whose_reads_cannot_be_recorded_leaves_nothing_behind(admin, place, monkeypatch):
    def refuse(entries, **_more):
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(record, "add", refuse)
        with pytest.raises(DatabaseError), journal.together():
            get_user(admin, user_name="alice")
    get_user(admin, user_name="alice")
    assert names() == ["GetUser"]


def test_refusals_and_changes_come_after_what_was_read_before_them(admin, nobody, place):
    with journal.together():
        get_user(admin, user_name="alice")
        with suppress(NoSuchEntity):
            get_user(admin, user_name="eve")
        get_user(admin, user_name="alice")
        create_user(admin, user_name="eve")
        list_users(admin)
    record_of = list(Event.objects.order_by("sequence").values_list("name", "error_code"))
    assert record_of == [
        ("GetUser", ""),
        ("GetUser", "NoSuchEntity"),
        ("GetUser", ""),
        ("CreateUser", ""),
        ("ListUsers", ""),
    ]


def test_reads_of_a_change_that_is_taken_back_are_as_ever(admin, place):
    """What is read within one change belongs to its transaction, on a page that keeps its reads together too."""
    with journal.together(), suppress(ValueError), one_change():
        get_user(admin, user_name="alice")
        raise ValueError
    assert names() == []
