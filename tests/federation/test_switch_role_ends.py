"""How acting as a role ends: by its time, by revocation, by policies, by switching again; and what happens to forms sent meanwhile."""

from datetime import timedelta

import time_machine
from django.urls import reverse

from accounts.models import Account, Role, User
from federation.models import IssuedSession
from operations.clock import now
from operations.gate import REGISTRY
from operations.models import Event
from tests.federation.conftest import allow
from tests.federation.switched import ABROAD, BACK, HOME, SWITCH, events, is_acting, revoke_older_sessions, switch, text
from tests.signing_in import sign_in


def ended(client, sentence, reason):
    answer = client.get(reverse("accounts:users"))
    assert (answer.status_code, answer["Location"]) == (302, SWITCH)
    page = text(client.get(SWITCH))
    assert sentence in page
    assert "role-banner" not in page
    assert events("ExitRole")[-1]["additionalEventData"] == {
        "SwitchFrom": f"arn:aws:iam::{HOME}:user/vera",
        "Reason": reason,
    }
    assert client.get(reverse("accounts:users")).status_code == 403


def test_it_ends_by_itself_when_it_expires(browser, reader):
    switch(browser)
    browser.get(SWITCH)
    with time_machine.travel(now() + timedelta(minutes=59)):
        assert is_acting(browser)
    with time_machine.travel(now() + timedelta(minutes=61)):
        ended(browser, "has expired", "expired")


def test_it_ends_when_the_session_is_revoked(browser, reader, system):
    switch(browser)
    key = IssuedSession.objects.get().key_id
    REGISTRY["iam:RevokeRoleSession"](system, role_name="Reader", access_key_id=key)
    ended(browser, "was revoked", "revoked")


def test_it_ends_when_all_sessions_are_revoked_by_their_time(browser, reader, system):
    switch(browser)
    revoke_older_sessions(system, "Reader")
    ended(browser, "was revoked", "revoked")
    with time_machine.travel(now() + timedelta(seconds=2)):
        assert switch(browser).status_code == 302
        assert is_acting(browser), "a session that was opened later goes on"


def test_it_ends_when_the_role_is_deleted(browser, reader, system):
    switch(browser)
    REGISTRY["iam:DeleteRolePolicy"](system, role_name="Reader", policy_name="given")
    REGISTRY["iam:DeleteRole"](system, role_name="Reader")
    ended(browser, "was deleted", "role deleted")


def test_it_ends_when_the_trust_policy_names_others(browser, other_account, reader, system):
    switch(browser)
    document = Role.objects.get().trust_policy.replace(HOME, ABROAD)
    REGISTRY["iam:UpdateAssumeRolePolicy"](system, role_name="Reader", policy_document=document)
    ended(browser, "may no longer switch", "no longer permitted")


def test_it_ends_when_the_user_may_no_more(browser, reader, system):
    switch(browser)
    REGISTRY["iam:DeleteUserPolicy"](system, user_name="vera", policy_name="given")
    ended(browser, "may no longer switch", "no longer permitted")


def test_a_duty_that_comes_up_meanwhile_ends_it_and_is_done_first(browser, vera, reader):
    switch(browser)
    Account.objects.update(require_mfa=True)
    answer = browser.get("/users/")
    assert (answer.status_code, answer["Location"]) == (302, reverse("accounts:add-mfa-device"))
    assert "You must do this first." in text(browser.get(answer["Location"]))
    assert events("ExitRole")[-1]["additionalEventData"]["Reason"] == "duty first"


def test_a_form_sent_for_the_role_is_not_done_by_a_user_with_a_duty_either(browser, vera, reader):
    switch(browser)
    Account.objects.update(require_mfa=True)
    before = User.objects.count()
    browser.post("/users/create/", {"user_names": "dora", "access": "none", "path": "/", "create": "1"})
    assert User.objects.count() == before


def test_the_menu_offers_a_role_no_credentials_of_ones_own(browser, reader):
    own = reverse("accounts:security-credentials")
    assert own in text(browser.get("/"))
    switch(browser)
    page = text(browser.get("/"))
    assert own not in page
    assert reverse("accounts:sessions") not in page
    assert "/switch-role/back/" in page


def test_a_form_sent_for_the_role_is_never_done_by_the_user(client, make_user, make_role, system):
    """What was meant to be done as the role is not done with the user's own rights after the role has ended."""
    sign_in(client, make_user("alice", allow("*")))
    make_role("Reader", policy=allow("iam:ListUsers"))
    switch(client)
    revoke_older_sessions(system, "Reader")
    answer = client.post(reverse("accounts:group-create"), {"group_name": "made", "path": "/"})
    assert (answer.status_code, answer["Location"]) == (302, SWITCH)
    assert not Event.objects.filter(name="CreateGroup").exists()


def test_a_form_sent_for_a_role_that_has_ended_waits_for_the_role(client, make_user, make_role, clock):
    """It is kept, and can be sent as that role only."""
    kept, page = reverse("accounts:kept-form"), reverse("accounts:group-create")
    sign_in(client, make_user("alice", allow("*")))
    make_role("Maker", policy=allow("*"))
    switch(client, "Maker")
    client.get(page)
    clock.shift(timedelta(minutes=50))
    client.get(page)
    clock.shift(timedelta(minutes=11))
    assert client.post(page, {"group_name": "telling", "path": "/"})["Location"] == SWITCH
    assert "What you typed when you were signed out is kept" in text(client.get(SWITCH))
    waiting = text(client.get(kept))
    assert f"while you acted as the role arn:aws:iam::{HOME}:role/Maker" in waiting
    assert f'action="{page}"' not in waiting
    switch(client, "Maker")
    assert f'action="{page}"' in text(client.get(kept))
    client.post(BACK)
    assert f'action="{page}"' not in text(client.get(kept))


def test_how_long_the_role_lasts_is_asked_without_using_either_session(browser, reader, clock):
    def asked(role=reader.unique_id):
        return browser.get("/session/role/", {"role": role}).json()["seconds"]

    assert asked() == 0
    switch(browser)
    assert asked() == 3600
    assert asked("AROAZZZZZZZZZZZZZZZZ") == 0
    for _part in range(5):
        clock.shift(timedelta(minutes=11))
        asked()
    assert asked() == 300
    clock.shift(timedelta(minutes=6))
    assert asked() == 0
    assert browser.get("/")["Location"].startswith("/sign-in/")  # an hour without any use


def test_switching_again_renews_the_role_before_and_after_its_end(browser, reader, clock):
    switch(browser, display_name="Books", colour="danger")
    first = IssuedSession.objects.get()
    for minutes in (59, 61):
        clock.shift(timedelta(minutes=minutes - 20))
        browser.get(SWITCH)
        clock.shift(timedelta(minutes=20))
        answer = browser.post("/switch-role/again/", {"role_arn": reader.arn})
        assert answer.json() == {"seconds": 3600, "final": True}
        page = text(browser.get("/"))
        assert '<section class="role-banner danger"' in page
        assert "<b>Books</b>" in page
        assert "has expired" not in page
    first.refresh_from_db()
    assert first.expires_at < now()
    assert IssuedSession.objects.filter(expires_at__gt=now()).count() == 1


def test_who_may_switch_no_more_is_told_why_and_keeps_the_rest_of_the_time(browser, reader, clock, system):
    switch(browser)
    clock.shift(timedelta(minutes=30))
    stranger = browser.post("/switch-role/again/", {"role_arn": f"arn:aws:iam::{HOME}:role/Other"})
    assert stranger.status_code == 403
    assert "is not authorized to perform: sts:AssumeRole" in stranger.json()["refused"]
    assert browser.post("/switch-role/again/", {}).status_code == 400
    assert browser.get("/session/role/", {"role": reader.unique_id}).json()["seconds"] == 1800
    assert is_acting(browser)


def test_a_role_that_ends_with_the_sign_in_has_no_warning_of_its_own(client, vera, reader, clock):
    sign_in(client, vera)
    switch(client)
    assert 'id="role-end"' in text(client.get("/"))
    for _hour in range(13):
        clock.shift(timedelta(minutes=50))
        client.post("/session/")
    sign_in(client, vera)
    for _part in range(15):
        clock.shift(timedelta(minutes=46))
        client.post("/session/")
    switch(client)
    page = text(client.get("/"))
    assert "role-banner" in page
    assert 'id="role-end"' not in page
