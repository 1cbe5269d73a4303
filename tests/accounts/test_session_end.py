"""When the session ends: asked without using it, kept by posting, never beyond its limits."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.console_session import ASKED_AT
from accounts.models import ConsoleSession
from operations.models import Event
from tests.accounts.browser import HOME, text_of
from tests.conftest import ADMINISTRATOR
from tests.signing_in import sign_in


@pytest.fixture
def sam(make_user, clock):
    return make_user("sam", ADMINISTRATOR)


@pytest.fixture
def signed_in(client, sam):
    sign_in(client, sam)
    client.get(HOME)
    return client


def asked(client):
    answer = client.get(ASKED_AT)
    assert answer.headers["Cache-Control"].find("no-store") >= 0
    return answer.json()


def test_the_address_is_the_one_that_the_middleware_knows():
    assert reverse("accounts:session-end") == ASKED_AT


def test_asking_is_no_use_of_the_session(signed_in, clock):
    assert asked(signed_in) == {"seconds": 3600, "final": False}
    clock.shift(timedelta(minutes=58))
    assert asked(signed_in) == {"seconds": 120, "final": False}
    clock.shift(timedelta(minutes=1))
    assert asked(signed_in) == {"seconds": 60, "final": False}
    clock.shift(timedelta(minutes=1))
    assert asked(signed_in) == {"seconds": 0, "final": True}
    assert signed_in.get(HOME).status_code == 302


def test_posting_keeps_it(signed_in, clock):
    clock.shift(timedelta(minutes=59))
    assert signed_in.post(ASKED_AT).json() == {"seconds": 3600, "final": False}
    clock.shift(timedelta(minutes=59))
    assert signed_in.get(HOME).status_code == 200


def test_nothing_keeps_it_beyond_twelve_hours(signed_in, clock):
    for _hour in range(12):
        clock.shift(timedelta(minutes=59))
        signed_in.post(ASKED_AT)
    assert asked(signed_in) == {"seconds": 12 * 60, "final": True}
    clock.shift(timedelta(minutes=12))
    assert signed_in.post(ASKED_AT).json() == {"seconds": 0, "final": True}
    assert settings.SESSION_COOKIE_AGE == 12 * 3600


def test_a_session_that_has_ended_stays_so(signed_in, clock):
    clock.shift(timedelta(minutes=61))
    assert signed_in.post(ASKED_AT).json()["seconds"] == 0
    assert signed_in.get(HOME).status_code == 302
    ConsoleSession.objects.all().delete()
    assert signed_in.post(ASKED_AT).json()["seconds"] == 0


def test_nobody_is_told_nothing_and_a_forged_request_does_nothing(client, sam, clock):
    assert asked(client) == {"seconds": 0, "final": True}
    strict = Client(enforce_csrf_checks=True)
    sign_in(strict, sam)
    assert strict.post(ASKED_AT).status_code == 403


def test_it_leaves_no_event(signed_in):
    before = Event.objects.count()
    signed_in.get(ASKED_AT)
    signed_in.post(ASKED_AT)
    assert Event.objects.count() == before


def test_the_page_knows_when_it_ends(signed_in, clock):
    assert 'data-session-end="3600"' in signed_in.get(HOME).content.decode()
    assert "Stay signed in" in text_of(signed_in.get(HOME))


def test_a_role_that_has_ended_is_still_told_afterwards(client, sam, system, clock):
    """Asking meanwhile must not make a form that was opened as the role go on in the user's own name."""
    from accounts.operations.roles import create_role
    from federation.switching import KEY
    from tests.every_page import TRUST

    create_role(system, role_name="deploy", assume_role_policy_document=TRUST % sam.arn)
    sign_in(client, sam)
    client.post(reverse("federation:switch-role"), {"account": sam.account_id, "role_name": "deploy"})
    assert KEY in client.session
    clock.shift(timedelta(minutes=59))
    client.post(ASKED_AT)
    clock.shift(timedelta(minutes=2))
    assert asked(client)["seconds"] > 0
    answer = client.post(reverse("accounts:group-create"), {"group_name": "crew", "path": "/"})
    assert answer.url == reverse("federation:switch-role")
