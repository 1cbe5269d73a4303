"""Requests for access that several ask and answer at the same moment: one of a kind is open, and one answer counts."""

from accounts.models import User, UserInlinePolicy
from governance.granting import grant
from governance.models import AccessRequest
from governance.operations.access_requests import (
    AccessRequestClosed,
    create_access_request,
    decline_access_request,
    withdraw_access_request,
)
from operations.caller import command_caller
from tests.governance.asking_for_access import asked, denied

SYSTEM = command_caller("123456789012")


def test_one_request_is_open(at_once, nobody):
    event_id = denied(nobody)
    answers = at_once(
        *[lambda: create_access_request(nobody, event_id=event_id, reason="x", duration_seconds=3600)] * 4
    )
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert len({answer["AccessRequest"]["AccessRequestId"] for answer in answers}) == 1
    assert [answer["IsNew"] for answer in answers].count(True) == 1


def test_of_two_answers_one_counts(at_once, nobody):
    request = asked(nobody)
    bob = User.objects.get(name="bob")
    answers = at_once(
        lambda: grant(SYSTEM, request, bob, None, ""),
        lambda: decline_access_request(SYSTEM, access_request_id=request.request_id, message="No"),
        lambda: withdraw_access_request(nobody, access_request_id=request.request_id),
    )
    assert [type(answer) for answer in answers].count(AccessRequestClosed) == 2
    request = AccessRequest.objects.get()
    assert UserInlinePolicy.objects.filter(user=bob).exists() == (request.state == "granted")
