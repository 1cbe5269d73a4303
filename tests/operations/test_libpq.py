"""SELECTs that go to PostgreSQL past psycopg's cursor: the same rows and the same errors, in every state of the connection."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection

from operations import libpq
from operations.libpq import LookUps

pytestmark = pytest.mark.postgresql
ECHO = "SELECT %s::text, %s::integer, 'a%%b'"


@pytest.fixture
def raw():
    settings = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{name: settings[name] for name in names if settings.get(name)}, autocommit=True) as opened:
        opened.execute("SET TIME ZONE 'UTC'")
        yield opened


@pytest.fixture
def asked(raw, monkeypatch):
    """The look-ups of a connection, and how often each way was taken."""
    taken = []
    prepared = LookUps._prepared
    monkeypatch.setattr(LookUps, "_prepared", lambda *given: taken.append("libpq") or prepared(*given))
    found = LookUps(raw)
    found.taken = taken
    return found


def test_rows_are_those_of_the_cursor(asked):
    for values in (["x", 1], ["", -7], ["ä", 2], ["'; --", 3]):
        assert asked.rows(ECHO, values) == [(*values, "a%b")]
    assert asked.taken == ["libpq"] * 3  # what is not ASCII is psycopg's to write


def test_each_select_is_prepared_once(asked, raw):
    for number in range(3):
        asked.rows(ECHO, ["x", number])
    assert raw.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'look_up_%'").fetchone() == (1,)


def test_what_psycopg_lets_go_with_a_rollback_is_prepared_anew(asked, raw):
    asked.rows(ECHO, ["x", 1])
    for _ in range(6):  # so often, for psycopg to have prepared something itself
        raw.execute("SELECT 1 WHERE %s", [True])
    with pytest.raises(ZeroDivisionError), raw.transaction():
        raw.execute("SELECT 1")
        raise ZeroDivisionError
    raw.execute("SELECT 1")
    assert raw.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'look_up_%'").fetchone() == (0,)
    assert asked.rows(ECHO, ["y", 2]) == [("y", 2, "a%b")]
    assert asked.rows("SELECT %s::text", ["z"]) == [("z",)]


def test_a_transaction_is_psycopgs(asked, raw):
    with raw.transaction():
        assert asked.rows(ECHO, ["x", 1]) == [("x", 1, "a%b")]
    assert asked.taken == []


def test_a_pooler_keeps_nothing_prepared(raw):
    raw.cursor_factory = psycopg.ClientCursor
    asked = LookUps(raw)
    assert asked.rows("SELECT %s, %s", ["x", 1]) == [("x", 1)]
    assert raw.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)


@pytest.mark.parametrize(
    ("sql", "values", "error"),
    [
        (ECHO, ["a\0b", 1], psycopg.DataError),
        ("SELECT 1 / %s::integer", [0], psycopg.errors.DivisionByZero),
        ("SELECT nothing FROM nowhere WHERE 1 = %s", [1], psycopg.errors.UndefinedTable),
        ("SELECT %s::integer", ["one"], psycopg.errors.InvalidTextRepresentation),
    ],
)
def test_errors_are_psycopgs_and_the_connection_goes_on(asked, sql, values, error):
    with pytest.raises(error):
        asked.rows(sql, values)
    assert asked.rows(ECHO, ["x", 1]) == [("x", 1, "a%b")]


def test_a_connection_that_is_lost(asked, raw):
    asked.rows(ECHO, ["x", 1])
    with psycopg.connect(raw.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [raw.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        asked.rows(ECHO, ["x", 1])


@pytest.mark.parametrize(
    "text",
    ["2026-11-29 16:50:37.123456+00", "2026-11-29 16:50:37+00", "0033-01-02 03:04:05.6+00", "9999-12-31 23:59:59+00"],
)
def test_moments(asked, text):
    assert asked.rows("SELECT %s::timestamptz", [text]) == [(datetime.fromisoformat(text),)]
    assert asked.rows("SELECT %s::timestamptz", [text])[0][0].tzinfo is UTC


def test_moments_of_another_time_zone(asked, raw):
    raw.execute("SET TIME ZONE 'Asia/Kolkata'")
    moment = datetime(2026, 11, 29, 16, 50, 37, tzinfo=UTC)
    assert asked.rows("SELECT %s::timestamptz", ["2026-11-29 16:50:37+00"]) == [(moment,)]


def test_a_moment_that_python_cannot_tell_is_refused_as_by_psycopg(asked):
    with pytest.raises(psycopg.DataError):
        asked.rows("SELECT %s::timestamptz", ["infinity"])


def test_marks_become_places():
    assert libpq._numbered("a = %s AND b LIKE 'x%%' AND c = %s") == b"a = $1 AND b LIKE 'x%' AND c = $2"


def test_statements_are_not_compiled(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
