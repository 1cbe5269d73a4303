"""Containing many users at once: reviewed first, with a reason, asked for a fresh factor, recorded for each, and not oneself."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AccessKey, ConsoleSession, User
from accounts.operations.access_keys import create_access_key
from accounts.operations.users import create_user
from accounts.sessions import SessionStore
from operations.clock import now
from operations.models import Event
from tests.accounts.browser import html_of as text
from tests.signing_in import sign_in

ADDRESS = "/users/contain/"
BOTH = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListUsers","iam:UpdateAccessKey"%s],"Resource":"*"}]}'


@pytest.fixture
def lost(administrator, system, dora):
    """Two whose keys may be in wrong hands, one of whom is signed in, and one who has nothing."""
    for name in ("erin", "frank"):
        create_user(system, user_name=name)
    create_access_key(system, user_name="dora")
    create_access_key(system, user_name="erin")
    session = SessionStore()
    session.update({"user_id": dora.pk, "session_id": "x", "signed_in_at": "2026-11-29T10:00:00+00:00"})
    session.save()
    return dict(User.objects.values_list("name", "pk"))


def chosen(lost, *names, **more):
    return {"select": [lost[name] for name in names], **more}


def test_it_is_reviewed_first(administrator, lost):
    page = text(administrator.post(reverse("accounts:users-contain"), chosen(lost, "dora", "erin", "frank")))
    assert "<h1>Contain credentials" in page
    assert "<b>1</b> access key becomes inactive" in page
    assert "<b>1</b> console session ends" in page
    assert "Nothing is active." in page
    assert "Contain 3 users</button>" in page
    assert AccessKey.objects.filter(is_active=True).count() == 2


def test_keys_and_sessions_end_and_the_reason_is_recorded_for_each(administrator, lost):
    sent = chosen(lost, "dora", "erin", "frank", go="1", reason="Laptop stolen, OPS-1234")
    page = text(administrator.post(ADDRESS, sent))
    assert "<h1>3 users contained" in page
    assert not AccessKey.objects.filter(is_active=True).exists()
    assert not ConsoleSession.objects.filter(user=lost["dora"]).exists()
    events = [json.loads(event.record) for event in Event.objects.filter(name="ContainUser")]
    assert {event["requestParameters"]["userName"] for event in events} == {"dora", "erin", "frank"}
    assert {event["additionalEventData"]["reason"] for event in events} == {"Laptop stolen, OPS-1234"}


def test_without_a_reason_nothing_happens_and_it_says_so(administrator, lost):
    page = text(administrator.post(ADDRESS, chosen(lost, "dora", go="1", reason="  ")))
    assert "Enter a reason." in page
    assert page.count("Reason") < 8  # the form's own field, and no second one beside the button
    assert AccessKey.objects.filter(is_active=True).count() == 2


def test_not_oneself(administrator, lost):
    own = User.objects.get(name="alice")
    sent = {"select": [own.pk, lost["dora"]]}
    page = text(administrator.post(ADDRESS, sent))
    assert "Not contained: this is you" in page
    assert "Contain 1 user</button>" in page
    administrator.post(ADDRESS, sent | {"go": "1", "reason": "x"})
    assert ConsoleSession.objects.filter(user=own).exists()
    assert not Event.objects.filter(name="ContainUser", resource=own.arn).exists()


def test_who_may_do_one_half_is_told_beforehand_and_refused(client, make_user, lost):
    sign_in(client, make_user("vera", BOTH % ""), mfa=True)
    page = text(client.post(ADDRESS, chosen(lost, "dora")))
    assert "You are not permitted to do this: iam:EndConsoleSessions" in page
    assert 'id="go-button"' not in page
    client.post(ADDRESS, chosen(lost, "dora", go="1", reason="x"))
    assert AccessKey.objects.filter(is_active=True).count() == 2
    assert Event.objects.filter(name="ContainUser", error_code="AccessDenied").exists()


def test_it_asks_for_a_fresh_factor_when_it_is_done(client, make_user, lost):
    sign_in(client, make_user("vera", BOTH % ',"iam:EndConsoleSessions"'), at=now() - timedelta(minutes=20))
    assert "<h1>Contain credentials" in text(client.post(ADDRESS, chosen(lost, "dora")))
    answer = client.post(ADDRESS, chosen(lost, "dora", go="1", reason="x"))
    assert "<h1>3 users contained" not in text(answer)
    assert AccessKey.objects.filter(is_active=True).count() == 2


def test_the_review_costs_the_same_number_of_queries_at_any_size(administrator, lost, system):
    def count(names):
        with CaptureQueriesContext(connection) as asked:
            administrator.post(ADDRESS, chosen(dict(User.objects.values_list("name", "pk")), *names))
        return len(asked)

    few = count(["dora", "erin"])
    for number in range(30):
        create_user(system, user_name=f"more{number}")
    assert count(["dora", "erin", *(f"more{number}" for number in range(30))]) == few
