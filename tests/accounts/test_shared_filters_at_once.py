"""Filters that several share, replace and take away at the same moment: one of a name, and no more than a list has room for."""

from accounts.models import SharedFilter
from accounts.operations.shared_filters import delete_shared_filter, put_shared_filter
from operations.caller import command_caller
from operations.errors import LimitExceeded, NoSuchEntity
from operations.models import Event

SYSTEM = command_caller("123456789012")


def put(name, query="q=a"):
    return lambda: put_shared_filter(SYSTEM, list_name="users", filter_name=name, query=query)


def test_one_of_a_name_is_kept(at_once, account):
    answers = at_once(*[put(name, f"q={number}") for number, name in enumerate(("mine", "Mine", "MINE", "minE"))])
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert SharedFilter.objects.count() == 1
    assert Event.objects.filter(name="PutSharedFilter", error_code="").count() == 4


def test_the_last_place_is_given_once(at_once, account):
    for number in range(19):
        put(f"filter{number}")()
    assert [type(answer) for answer in at_once(put("a"), put("b"), put("c"))].count(LimitExceeded) == 2
    assert SharedFilter.objects.count() == 20


def test_it_is_deleted_once(at_once, account):
    put("mine")()
    calls = [lambda: delete_shared_filter(SYSTEM, list_name="users", filter_name="mine")] * 3
    assert [type(answer) for answer in at_once(*calls)].count(NoSuchEntity) == 2
