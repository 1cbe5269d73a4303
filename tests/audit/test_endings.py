"""A call that failed reads as failed, a sign-in too: in the list, on its page, in filters and in exports."""

import json
from dataclasses import replace

import pytest
from django.urls import reverse

from accounts import signin_events
from accounts.models import User
from accounts.operations.recovery_codes import create_recovery_codes
from audit.endings import ending
from audit.queries import trail
from operations.errors import AccessDenied
from operations.models import Event
from tests.conftest import ACCOUNT
from tests.signing_in import sign_in

READ_TRAIL = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"cloudtrail:LookupEvents","Resource":"*"}}'


class Place:
    source_ip, user_agent, request_id = "192.0.2.9", 'A browser that writes "X":"Failure"}', "2f0c5a0e"


@pytest.fixture
def auditor(client, make_user):
    sign_in(client, make_user("vera", READ_TRAIL))
    return client


@pytest.fixture
def tries(make_user):
    """Two sign-ins of dora: the first fails, the second does not."""
    dora = make_user("dora")
    signin_events.failed(dora, Place())
    signin_events.checked_mfa(dora, Place(), "Virtual MFA", success=False)
    signin_events.confirmed(dora, Place(), success=False)
    signin_events.signed_in(dora, Place(), None, factor="", login_to="/")
    return {
        name: list(Event.objects.filter(name=name).order_by("id"))
        for name in ("ConsoleLogin", "CheckMfa", "CheckPassword")
    }


def rows(page):
    return page.content.decode().split("<tbody")[-1].split("</tbody")[0]


def test_a_failed_sign_in_reads_as_failed_in_the_list_with_its_reason(auditor, tries):
    table = rows(auditor.get(reverse("audit:events") + "?f=name:eq:ConsoleLogin"))
    newer, older = table.split("<tr")[1:]
    assert "Allowed" in newer
    assert "Failed" not in newer
    assert "Failed authentication" in older
    assert "Allowed" not in older


def test_its_page_and_the_other_events_of_its_request_say_so(auditor, tries):
    page = auditor.get(reverse("audit:event", args=[tries["ConsoleLogin"][0].event_id])).content.decode()
    whole = page.partition("What happened")[2]
    first, others = whole.partition("</section>")[0], whole.rpartition("In the same request")[2]
    assert "Failed</span>" in first
    assert "Failed authentication" in first
    assert "Allowed" not in first
    assert others.count("Failed authentication") == 2  # the factor and the password
    assert others.count("Allowed") == 1


@pytest.mark.parametrize(("choice", "number"), [("failed", 3), ("allowed", 1), ("denied", 0)])
def test_filters_tell_them_apart(auditor, tries, choice, number):
    page = auditor.get(reverse("audit:events") + f"?f=service:eq:signin.amazonaws.com&f=outcome:eq:{choice}")
    assert rows(page).count('<th scope="row"') == number


def test_an_export_tells_how_a_sign_in_ended(auditor, tries):
    answer = auditor.get(reverse("audit:events") + "?f=name:eq:ConsoleLogin&export=json")
    found = json.loads(b"".join(answer.streaming_content) if answer.streaming else answer.content)
    assert [row["outcome"] for row in found] == ["allowed", "Failed: Failed authentication"]


def test_a_users_activity_tells_it_too(client, root, tries):
    sign_in(client, User.everyone.get(is_root=True))
    page = client.get(reverse("accounts:user-activity", args=["dora"]))
    assert rows(page).count("Failed authentication") == 3


def test_a_refusal_by_the_operation_itself_is_not_told_as_allowed_by_the_policies(admin):
    with pytest.raises(AccessDenied):
        create_recovery_codes(replace(admin, door="api"))
    event = trail(ACCOUNT).get(error_code="AccessDenied")
    assert event.outcome == "allowed"
    assert (ending(event).kind, str(ending(event).word)) == ("explicitDeny", "Denied")


def test_a_list_reads_only_the_records_of_sign_ins_and_asks_once(tries, admin, django_assert_num_queries):
    with pytest.raises(AccessDenied):
        create_recovery_codes(replace(admin, door="api"))
    with django_assert_num_queries(1):
        found = {str(ending(row).word) for row in trail(ACCOUNT)}
    assert found == {"Failed", "Allowed", "Denied"}
    assert {bool(row.sign_in) for row in trail(ACCOUNT) if row.source != "signin.amazonaws.com"} == {False}
