"""Events are found by parts of names, over the terms that the record keeps."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from django.http import QueryDict
from django.urls import reverse

from accounts.operations.users import create_user, get_user
from audit import free_text
from audit.free_text import TermFilter, matching
from audit.listing import events_of
from audit.queries import trail
from operations import journal, record
from operations.errors import ServiceError
from operations.models import Event, EventTerm
from pages.listing import State
from tests.signing_in import sign_in

ACCOUNT = "123456789012"


@pytest.fixture
def events(admin, nobody):
    """Alice makes dora and Emil_Ö; bob is refused."""
    create_user(admin, user_name="dora")
    create_user(admin, user_name="Emil_O")
    with pytest.raises(ServiceError):
        create_user(nobody, user_name="forbidden")
    journal.settle()


def found(text: str) -> list[tuple[str, str]]:
    """Who did what to whom."""
    rows = trail(ACCOUNT).filter(matching(ACCOUNT, text), read_only=False).order_by("id")
    return [(row.user_name, row.resource.rpartition("/")[2]) for row in rows]


TEXTS = [
    ("dora", [("alice", "dora")]),
    ("DORA", [("alice", "dora")]),
    ("createuser", [("alice", "dora"), ("alice", "Emil_O"), ("bob", "forbidden")]),
    ("alice user/", [("alice", "dora"), ("alice", "Emil_O")]),
    ("alice forbidden", []),
    ("l_o", [("alice", "Emil_O")]),
    ("%", []),
    ("e%l", []),
    ("nothing-like-it", []),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_each_word_stands_somewhere_in_the_event(events, text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_with_too_many_names_the_events_themselves_are_read(events, monkeypatch, text, expected):
    monkeypatch.setattr(free_text, "MOST_TERMS", 0)
    assert found(text) == expected


@pytest.mark.parametrize(("most", "sent"), [(5000, 500), (5000, 0), (0, 0)])
@pytest.mark.parametrize(
    ("operator", "value", "names"),
    [
        ("has", "LIC", {"alice"}),
        ("starts", "bo", {"bob"}),
        ("starts", "ob", set()),
        ("not", "lic", {"bob"}),
        ("eq", "alice", {"alice"}),
        ("eq", "Alice", set()),
        ("ne", "alice", {"bob"}),
    ],
)
def test_a_column_by_a_part_of_its_value(events, monkeypatch, most, sent, operator, value, names):
    monkeypatch.setattr(free_text, "MOST_TERMS", most)
    monkeypatch.setattr(free_text, "MOST_SENT", sent)
    condition = TermFilter("user", "User", "user_name", account_id=ACCOUNT).condition(operator, value)
    assert {row.user_name for row in trail(ACCOUNT).filter(condition)} == names


def test_no_search_has_more_parameters_than_a_database_takes(account):
    EventTerm.objects.bulk_create(
        EventTerm(account_id=ACCOUNT, field="user_name", value=f"user{n:04}", folded=f"user{n:04}") for n in range(1500)
    )
    parts = [f"{n:02}" for n in range(50)] + ["user", "use", "ser", "er0", "r0"]
    query = QueryDict(mutable=True)
    query.setlist("f", [f"user:not:{part}" for part in [*parts[5:], *parts[:5]][:50]])
    query["q"] = " ".join(parts)
    state = State(events_of(ACCOUNT), query)
    assert state.valid
    _sql, parameters = trail(ACCOUNT).filter(state.condition()).query.sql_with_params()
    assert 1000 < len(parameters) < 32_000
    assert list(trail(ACCOUNT).filter(state.condition())) == []


def test_another_accounts_names_are_neither_found_nor_suggested(events, stranger):
    create_user(stranger, user_name="elsewhere")
    assert found("elsewhere") == []
    column = TermFilter("resource", "Resource", "resource", account_id=ACCOUNT)
    assert column.suggest(Event.objects.all(), "elsewhere") == []
    assert [each.value for each in column.suggest(Event.objects.all(), "DOR")] == [f"arn:aws:iam::{ACCOUNT}:user/dora"]


def test_the_page_finds_and_suggests(client, make_user, events):
    sign_in(
        client, make_user("vera", '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}')
    )
    page = client.get(reverse("audit:events"), {"q": "dora"}).content.decode()
    assert "1 of" in page
    assert "user/dora" in page
    offers = client.get(reverse("audit:events"), {"suggest": "1", "add": "User name = bo"}).content.decode()
    assert "bob" in offers
    assert "alice" not in offers


def test_a_term_is_kept_once_however_often_it_occurs(admin):
    create_user(admin, user_name="dora")
    for _ in range(3):
        get_user(admin, user_name="dora")
    journal.settle()
    kept = EventTerm.objects.filter(account_id=ACCOUNT)
    assert sorted(kept.values_list("field", "value")) == [
        ("name", "CreateUser"),
        ("name", "GetUser"),
        ("resource", f"arn:aws:iam::{ACCOUNT}:user/dora"),
        ("user_name", "alice"),
    ]


def test_an_older_record_gets_its_terms(events):
    before = sorted(EventTerm.objects.values_list("account_id", "field", "value", "folded"))
    EventTerm.objects.all().delete()
    import_module("operations.migrations.0004_event_terms").fill(None, SimpleNamespace(connection=connection))
    assert sorted(EventTerm.objects.values_list("account_id", "field", "value", "folded")) == before


def test_a_name_that_no_index_takes_is_recorded_whole_and_searched_by_its_beginning(admin):
    wide = "".join(chr(0x4E00 + (number * 7919) % 20_000) for number in range(2000))
    draft = record.Draft("GetPolicy", admin, resources=[{"ARN": f"arn:aws:iam::{ACCOUNT}:policy/{wide}"}])
    record.append(draft)
    row = Event.objects.get(event_id=draft.event_id)
    assert wide in row.record
    assert len(row.resource.encode()) <= record.MOST_INDEXED
    assert row.resource.startswith(f"arn:aws:iam::{ACCOUNT}:policy/{wide[:300]}")
    assert list(trail(ACCOUNT).filter(matching(ACCOUNT, wide[:200]))) == [row]
