"""The users list reads along its indexes: what SQLite plans for the first page, a count and each order."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.listings.users import USERS
from accounts.models import Account, User
from accounts.queries.users import listed_users
from accounts.risks import RISKS, ranks
from operations.clock import now
from operations.ids import unique_id
from operations.statistics import analyse
from pages.listing.paging import Order, count_to

pytestmark = pytest.mark.sqlite


@pytest.fixture
def crowd(account: Account) -> str:
    """Three thousand users, counted by the planner."""
    present = now()
    User.objects.bulk_create(
        User(
            account=account,
            name=f"u{number}",
            name_key=f"u{number}",
            unique_id=unique_id("AIDA"),
            created_at=present - timedelta(days=number % 700),
            last_activity_at=present - timedelta(days=number % 90) if number % 3 else None,
            mfa_device_count=number % 2,
        )
        for number in range(3000)
    )
    analyse()
    return account.pk


def plan(rows: Any) -> str:
    sql, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        return "\n".join(str(line[-1]) for line in cursor.fetchall())


SORTED = [column for column in USERS.columns if column.sort and not column.ordered_by]


@pytest.mark.parametrize("column", SORTED, ids=lambda column: column.key)
@pytest.mark.parametrize("descending", [False, True])
def test_each_order_is_read_along_an_index(crowd: str, column: Any, descending: bool) -> None:
    rows = listed_users(crowd)
    order = column.order(descending=descending)
    for segment in order.segments(rows):
        found = plan(order.read(rows, segment, None, backwards=False).values("pk")[:51])
        assert "USING COVERING INDEX user_" in found
        assert "TEMP B-TREE" not in found


@pytest.mark.parametrize("descending", [False, True])
def test_the_order_by_risk_sorts_nothing(crowd: str, descending: bool) -> None:
    """Each severity is read along the ids until a page is full."""
    rows, order = listed_users(crowd), Order("risk_rank", descending, ranks=ranks(RISKS))
    for segment in order.segments(rows):
        assert "ORDER BY" not in plan(order.read(rows, segment, None, backwards=False).values("pk")[:51])


def test_counting_needs_no_rows(crowd: str) -> None:
    rows = listed_users(crowd)
    assert count_to(rows, 10_000) == 3000
    assert "COVERING INDEX user_" in plan(rows.order_by().values("pk")[:10_001])


@pytest.mark.parametrize(("text", "index"), [("u29", "user_name"), ("bot u1", "user_name")])
def test_free_text_reads_the_names_alone(crowd: str, text: str, index: str) -> None:
    rows = listed_users(crowd).filter(USERS.matching(text))
    assert f"COVERING INDEX {index}" in plan(rows.order_by("name_key", "pk").values("pk")[:51])


def test_free_text_finds_ids_and_addresses(crowd: str) -> None:
    user = User.objects.get(account_id=crowd, name="u7")
    User.objects.filter(pk=user.pk).update(email="Lena@example.com")
    for text in (user.unique_id.lower(), "lena@EXAMPLE.com", "u7"):
        assert user in listed_users(crowd).filter(USERS.matching(text))
    assert not listed_users(crowd).filter(USERS.matching("u7 u8")).exists()
