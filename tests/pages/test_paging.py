"""Paging by key: each row exactly once, in both directions, with missing values, on every order."""

import pytest
from django.db.models import F

from accounts.models import User
from pages.listing.paging import Cursor, Order, count_to, read_page, row_at

ORDERS = [
    Order("name_key"),
    Order("name_key", descending=True),
    Order("last_activity_at"),
    Order("last_activity_at", descending=True),
    Order("last_activity_at", nulls="low"),
    Order("last_activity_at", descending=True, nulls="low"),
    Order("group_count"),
    Order("path", descending=True),
]


def expected(order: Order) -> list[int]:
    """The same order as the database gives it when told where missing values stand."""
    first = order.nulls == "low" and not order.descending
    field = F(order.field)
    by = (field.desc if order.descending else field.asc)(**{"nulls_first" if first else "nulls_last": True})
    rows = list(User.objects.order_by(by, "-pk" if order.descending else "pk"))
    return [row.pk for row in rows]


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("size", [1, 3, 5, 12, 20])
def test_forward_and_backward_meet_every_row_once(people: list[User], order: Order, size: int) -> None:
    rows = User.objects.all()
    seen: list[int] = []
    pages: list[list[int]] = []
    start, more = None, True
    while more:
        page, more = read_page(rows, order, size, start)
        pages.append([row.pk for row in page])
        seen += pages[-1]
        start = Cursor.decode(order.cursor(page[-1]).encode())
    assert seen == expected(order)
    for earlier, later in zip(reversed(pages[:-1]), reversed(pages[1:]), strict=True):
        first = rows.get(pk=later[0])
        back, _ = read_page(rows, order, size, Cursor.decode(order.cursor(first).encode()), backwards=True)
        assert [row.pk for row in back] == earlier


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_the_last_page_is_read_from_the_end(people: list[User], order: Order) -> None:
    page, more = read_page(User.objects.all(), order, 5, None, backwards=True)
    assert [row.pk for row in page] == expected(order)[-5:]
    assert more


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_a_page_number_leads_to_its_rows(people: list[User], order: Order) -> None:
    for offset in (0, 3, 6, 9):
        page, _ = read_page(User.objects.all(), order, 3, row_at(User.objects.all(), order, offset))
        assert [row.pk for row in page] == expected(order)[offset : offset + 3]
    assert row_at(User.objects.all(), order, 500) is None


def test_rows_that_come_meanwhile_shift_nothing(people: list[User]) -> None:
    order = Order("name_key")
    page, _ = read_page(User.objects.all(), order, 3, None)
    User.objects.create(account_id=people[0].account_id, name="AAA", name_key="aaa", unique_id="AIDAAAAAAAAAAAAAAAAAA")
    following, _ = read_page(User.objects.all(), order, 3, order.cursor(page[-1]))
    assert [row.name for row in following] == ["User03", "User04", "User05"]


@pytest.mark.parametrize(
    "text", ["", "x", "bm90IGpzb24", "W10", "WzEsMl0", "W3sidCI6Im5vIn0sMSwxXQ", "W1tdLDEsMV0", "é"]
)
def test_a_broken_cursor_is_none(text: str) -> None:
    assert Cursor.decode(text) is None


def test_counting_stops_one_beyond_its_limit(people: list[User]) -> None:
    assert count_to(User.objects.all(), 5) == 6
    assert count_to(User.objects.all(), 50) == 12
