"""Why a change is made: said beside its button, recorded with each of its calls, and never lost on the way."""

import html
import json
import re

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.operations.groups import create_group
from accounts.operations.users import create_user
from operations.models import Event
from operations.reasons import LONGEST
from tests.conftest import ADMINISTRATOR
from tests.signing_in import sign_in

WHY = "OPS-1234: Dora moves to the night shift"
TOO_LONG = f"Use at most {LONGEST} characters."


@pytest.fixture
def signed_in(client, make_user):
    sign_in(client, make_user("sam", ADMINISTRATOR), mfa=True)
    return client


def recorded(*names):
    """The reasons in the Events of these names, by the name."""
    rows = Event.objects.filter(name__in=names).order_by("id")
    return [(row.name, json.loads(row.record).get("additionalEventData", {}).get("reason")) for row in rows]


def field(page, name="change-reason"):
    """What stands in the field of the reason, or None where there is no such field."""
    found = re.search(
        rf'<textarea [^>]*name="{re.escape(name)}"[^>]*>\n(.*?)</textarea>', page.content.decode(), re.DOTALL
    )
    return html.unescape(found[1]) if found else None


def test_every_call_of_the_request_bears_the_reason_and_the_next_request_none(signed_in, system):
    create_group(system, group_name="ops")
    address, asked = reverse("accounts:user-create"), {"access": "none", "path": "/", "groups": ["ops"]}
    sent = {**asked, "user_names": "emil", "change-reason:create": f"  {WHY}\r\n(agreed) ", "create": "1"}
    assert signed_in.post(address, sent).status_code == 302
    assert recorded("CreateUser", "AddUserToGroup") == [
        ("CreateUser", f"{WHY} (agreed)"),
        ("AddUserToGroup", f"{WHY} (agreed)"),
    ]
    signed_in.post(address, {**asked, "user_names": "anna", "create": "1"})
    assert recorded("CreateUser")[-1] == ("CreateUser", None)


def test_a_refused_call_bears_it_too(client, make_user, system):
    create_user(system, user_name="dora")
    sign_in(client, make_user("bob"), mfa=True)
    client.post("/users/dora/delete/", {"change-reason": WHY})
    refused = Event.objects.filter(error_code="AccessDenied", user_name="bob")
    assert set(refused.values_list("reason", flat=True)) == {WHY}


def test_what_cannot_be_recorded_is_taken_out_of_it(signed_in, system):
    create_user(system, user_name="dora")
    address = reverse("accounts:user-set-email", args=["dora"])
    signed_in.post(address, {"email": "d@example.com", "change-reason": "one\x07two \u202ethree\x00"})
    (found,) = recorded("UpdateUserEmail")
    assert found[1] == "one two three\ufffd"


@pytest.mark.parametrize("step", ["review", "create"])
def test_a_reason_that_is_too_long_is_an_error_at_its_place_and_nothing_is_lost(signed_in, step):
    text = "x" * (LONGEST + 1)
    sent = {"group_name": "ops", "path": "/teams/", "change-reason:create": text, step: "1"}
    page = signed_in.post(reverse("accounts:group-create"), sent)
    assert field(page, "change-reason:create") == text
    shown = page.content.decode()
    panel = shown[shown.index('<details class="menu reason" data-menu open') :].partition("</details>")[0]
    assert TOO_LONG in panel
    assert 'aria-invalid="true"' in panel
    assert 'value="/teams/"' in shown
    assert not [row for row in recorded("CreateGroup") if row[1]]
    again = signed_in.post(
        reverse("accounts:group-create"), sent | {"change-reason:create": "x" * LONGEST, "create": "1"}
    )
    assert again.status_code == 302
    assert recorded("CreateGroup")[-1] == ("CreateGroup", "x" * LONGEST)


def test_a_button_without_a_form_says_what_is_wrong_and_does_nothing(signed_in, system):
    create_user(system, user_name="dora")
    address = reverse("accounts:user-set-email", args=["dora"])
    page = signed_in.post(address, {"email": "d@example.com", "change-reason": "x" * 600}, follow=True)
    assert f"Use at most {LONGEST} characters" in page.content.decode() or "changeReason" in page.content.decode()
    assert User.objects.get(name="dora").email == ""


def test_it_is_kept_when_the_form_comes_back_and_over_a_review(signed_in, system):
    create_group(system, group_name="ops")
    address = reverse("accounts:group-create")
    page = signed_in.post(address, {"group_name": "ops", "path": "/", "create": "1", "change-reason:create": WHY})
    assert field(page, "change-reason:create") == WHY
    assert recorded("CreateGroup")[-1] == ("CreateGroup", WHY)
    page = signed_in.post(reverse("accounts:account"), {"account_alias": "acme-corp", "change-reason:changed": WHY})
    if page.status_code == 200:  # the review of a change asks again, with what was said
        assert field(page, "change-reason:changed") == WHY


def test_a_bulk_action_keeps_it_over_its_pieces_and_refuses_one_that_is_too_long(signed_in, system):
    for number in range(30):
        create_user(system, user_name=f"u{number:02}")
    keys = [str(pk) for pk in User.objects.filter(name__startswith="u").order_by("pk").values_list("pk", flat=True)]
    asked = {"select": keys, "key": "team", "value": "blue", "go": "1"}
    page = signed_in.post("/users/tag/", {**asked, "change-reason:go": "x" * 501})
    assert TOO_LONG in page.content.decode()
    assert recorded("TagUser") == []
    page = signed_in.post("/users/tag/", {**asked, "change-reason:go": WHY})
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.content.decode()))
    assert html.unescape(hidden["change-reason:go"]) == WHY
    after = html.unescape(hidden["after"])
    signed_in.post("/users/tag/", {**asked, "after": after, "number": "25", "total": "30", "change-reason:go": WHY})
    assert recorded("TagUser") == [("TagUser", WHY)] * 30


def test_each_button_of_a_form_has_its_own(signed_in, system):
    create_user(system, user_name="dora")
    address = "/users/dora/security-credentials/password/"
    both = {"change-reason:action=generate": "the wrong one", "change-reason:action=invite": WHY}
    signed_in.post(address, {**both, "action": "invite"})
    assert {why for _name, why in recorded("InviteUser", "CreateLoginProfile")} == {WHY}


def test_commands_are_told_with_it_and_nothing_is_recorded(signed_in, system):
    create_user(system, user_name="dora")
    page = signed_in.post("/users/dora/delete/", {"change-reason": WHY, "show-commands": ""})
    assert "aws iam delete-user" in page.content.decode()
    assert recorded("DeleteUser") == []


def test_the_trail_shows_and_finds_it(signed_in, system):
    create_user(system, user_name="dora")
    signed_in.post(
        reverse("accounts:user-set-email", args=["dora"]), {"email": "d@example.com", "change-reason": f"{WHY} <b>"}
    )
    event = Event.objects.get(name="UpdateUserEmail")
    page = signed_in.get(reverse("audit:event", args=[event.event_id])).content.decode()
    assert re.search(rf"<dt>Reason</dt>\s*<dd[^>]*>\s*{WHY} &lt;b&gt;", page)
    trail = reverse("audit:events")
    for query in ("q=ops-1234+NIGHT", "f=reason:has:night", "f=reason:ne:(none)"):
        page = signed_in.get(f"{trail}?{query}").content.decode()
        assert event.event_id in page, query
        assert "CreateUser" not in re.findall(r'class="name" href="[^"]+">(\w+)</a>', page), query
    changes = signed_in.get(f"{trail}?f=resource:eq:{event.resource}&f=read-only:eq:false").content.decode()
    assert f"{WHY} &lt;b&gt;" in changes
