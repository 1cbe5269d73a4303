"""What goes along with a SELECT, and work that is done anew."""

import pytest
from django.db import DatabaseError, connection

from operations import direct, presumption
from operations.errors import NoSuchEntity
from operations.models import Ledger
from operations.stamps import stamp

pytestmark = pytest.mark.django_db
ROWS = "SELECT name AS id, account_id AS id FROM accounts_group WHERE account_id = %s ORDER BY name DESC"


@pytest.fixture
def groups(account, system):
    from operations.gate import REGISTRY

    for name in ("a", "c", "b"):
        REGISTRY["iam:CreateGroup"](system, group_name=name)
    return account.pk


def ask(told):
    direct.take_along(
        direct.Question(["%s", "(SELECT stamp FROM operations_ledger WHERE account_id = %s)"], ["x", "y"], told)
    )


@pytest.mark.parametrize("wrapped", [False, True], ids=["the driver", "Django"])
def test_rows_and_the_answer_that_goes_along(groups, wrapped):
    Ledger.objects.create(account_id="y", stamp=7)
    told = []

    def look(execute, sql, params, many, context):
        return execute(sql, params, many, context)

    ask(lambda found: told.append(tuple(found)))
    if wrapped:
        with connection.execute_wrapper(look):
            found = direct.rows(connection, ROWS, [groups])
    else:
        found = direct.rows(connection, ROWS, [groups])
    assert [tuple(row) for row in found] == [("c", groups), ("b", groups), ("a", groups)]
    assert told == [("x", 7)]
    assert len(direct.rows(connection, ROWS, [groups])) == 3
    assert len(told) == 1


def test_a_question_that_found_no_row_goes_along_with_the_next(groups):
    told = []
    ask(lambda found: told.append(tuple(found)))
    assert direct.rows(connection, ROWS, ["nobody"]) == []
    for unfit in (ROWS.replace("SELECT", "SELECT DISTINCT"), ROWS.replace("name DESC", "account_id, 1 DESC")):
        assert [row[0] for row in direct.rows(connection, unfit, [groups])] == ["c", "b", "a"]
    assert told == []
    assert len(direct.rows(connection, ROWS, [groups])) == 3
    assert told == [("x", None)]


def moved(account_id):
    Ledger.objects.filter(account_id=account_id).update(stamp=stamp(account_id)[0] + 1)


def test_work_is_done_once_where_what_it_presumed_holds(groups):
    runs = []

    def work():
        runs.append(presumption.holds(stamp(groups), groups))
        return direct.rows(connection, ROWS, [groups])

    assert len(presumption.run(work)) == 3
    assert runs == [True]


@pytest.mark.parametrize("asks", [True, False], ids=["with a SELECT of its own", "without"])
@pytest.mark.parametrize("error", [None, NoSuchEntity("gone")], ids=["an answer", "an error"])
def test_work_is_done_anew_where_it_does_not_hold(groups, asks, error):
    before, runs = stamp(groups), []
    moved(groups)

    def work():
        held = presumption.holds(before, groups)
        runs.append(held)
        if held:
            if asks:
                direct.rows(connection, ROWS, [groups])
                pytest.fail("the answer to the question came and was not heard")
            if error is not None:
                raise error
        return held

    assert presumption.run(work) is False
    assert runs == [True, False]


def test_errors_are_raised_where_it_holds(groups):
    def work():
        assert presumption.holds(stamp(groups), groups)
        raise NoSuchEntity("gone")

    with pytest.raises(NoSuchEntity):
        presumption.run(work)


def test_two_presumptions_and_one_that_does_not_hold(groups):
    before = stamp(groups)
    moved(groups)
    runs = []

    def work():
        runs.append([presumption.holds(before, groups), presumption.holds(stamp(groups), groups)])
        return runs[-1]

    assert presumption.run(work) == [False, True]
    assert len(runs) == 1  # the second time; the first was ended by the second presumption


def test_nothing_waits_after_the_work(groups):
    def work():
        presumption.holds(stamp(groups), groups)
        raise DatabaseError("gone")

    with pytest.raises(DatabaseError):
        presumption.run(work)
    assert direct._thread.question is None
    assert presumption.holds(stamp(groups), groups)
    assert not presumption.holds((-1,), groups)


def test_outside_of_such_work_the_database_is_asked_at_once(groups, django_assert_num_queries):
    before = stamp(groups)
    with django_assert_num_queries(1):
        assert presumption.holds(before, groups)
