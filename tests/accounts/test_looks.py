"""What a page about credentials records: what was read, once; a part that its reader may not see was not read."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import User
from operations import journal
from operations.clock import now
from operations.models import Event
from tests.accounts.browser import html_of as text
from tests.signing_in import sign_in

HOME = "/security-credentials/"
SELF = ["iam:GetUser", "iam:ListMFADevices", "iam:ListAccessKeys", "iam:GetLoginProfile"]


def document(effect, *actions):
    return {"Effect": effect, "Action": actions, "Resource": "*"}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture
def recorded(client, make_user):
    """Sign in somebody with a policy and open a page: the page, and the Events of it by name and error."""

    def opened(statements, address=HOME):
        sign_in(client, make_user("vera", policy(*statements)))
        journal.settle()
        known = set(Event.objects.values_list("pk", flat=True))
        page = text(client.get(address))
        journal.settle()
        return page, sorted(Event.objects.exclude(pk__in=known).values_list("name", "error_code"))

    return opened


def test_looking_at_ones_page_without_a_right_leaves_no_denial(recorded):
    page, events = recorded([document("Allow", "s3:GetObject")])
    assert page.count("Needs iam:") >= 4
    assert "is not authorized to perform: iam:GetUser" in page
    assert events == [("ListConsoleSessions", "")]


def test_nothing_is_recorded_twice(recorded):
    page, events = recorded([document("Allow", *SELF)])
    assert "Needs iam:" not in page
    assert [name for name, _error in events] == ["GetUser", "ListAccessKeys", "ListConsoleSessions", "ListMFADevices"]
    assert {error for _name, error in events} == {""}


def test_a_denied_part_of_ones_sessions_is_not_recorded_either(recorded):
    page, events = recorded([document("Deny", "iam:ListConsoleSessions")])
    assert page.count("Needs iam:ListConsoleSessions") == 3  # sessions, temporary credentials, activity
    assert events == []


def test_another_users_page_records_each_read_once(recorded, dora):
    address = reverse("accounts:user-security-credentials", args=["dora"])
    _page, events = recorded([document("Allow", *SELF)], address)
    assert events == [(name, "") for name in ("GetLoginProfile", "GetUser", "ListAccessKeys", "ListMFADevices")]


def test_the_page_itself_of_another_user_is_still_refused_and_recorded(recorded, dora):
    _page, events = recorded(
        [document("Allow", "s3:GetObject")], reverse("accounts:user-security-credentials", args=["dora"])
    )
    assert events == [("GetUser", "AccessDenied")]


@pytest.mark.parametrize(("may", "offered"), [(["iam:EnableMFADevice"], True), (["s3:GetObject"], False)])
def test_the_dashboard_offers_a_device_to_whoever_may_enrol_one(client, make_user, may, offered):
    sign_in(client, make_user("vera", policy(document("Allow", *may))))
    page = text(client.get("/"))
    assert "You have no MFA device" in page
    assert (">Add MFA<" in page) is offered
    assert ("Ask an administrator to let you add a device." in page) is not offered


def test_the_dashboard_leads_to_old_keys_whoever_may_list_them(client, make_user):
    old = now() - timedelta(days=100)
    for name, action, offered in (("vera", "iam:ListAccessKeys", True), ("wim", "s3:GetObject", False)):
        user = make_user(name, policy(document("Allow", action)))
        User.objects.filter(pk=user.pk).update(oldest_active_key_at=old, active_key_count=1)
        sign_in(client, user)
        page = text(client.get("/"))
        assert "You have an access key older than 90 days" in page
        assert (">Your access keys<" in page) is offered
