"""The trail in the order of outcomes: the pages of the many Events without an error are read along an index, from either end."""

import pytest
from django.db import connection

from audit.listing import EVENTS
from operations.models import Event
from pages.listing.paging import Order
from tests.conftest import ACCOUNT

ROWS = Event.objects.filter(account_id=ACCOUNT)


def test_the_list_has_this_order():
    (column,) = (each for each in EVENTS.columns if each.key == "outcome")
    assert (column.sort, column.blank) == ("error_code", True)


@pytest.mark.sqlite
@pytest.mark.django_db
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("segment", ["values", "missing"])
def test_each_end_is_found_without_sorting(descending, backwards, segment):
    order = Order("error_code", descending=descending, blank=True)
    wanted = order.read(ROWS, segment, None, backwards=backwards).values("pk")[:51]
    sql, params = wanted.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        plan = " ".join(str(line[-1]) for line in cursor.fetchall())
    assert "COVERING INDEX event_error_id" in plan, plan
    assert "TEMP B-TREE" not in plan, plan
