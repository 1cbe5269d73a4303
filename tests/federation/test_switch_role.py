"""Switching to a role in the console: who may, what the console then is, and how it ends."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Account, Role, User
from accounts.trust_documents import revoking
from federation.models import IssuedSession
from federation.revocation import REVOKE_OLDER_SESSIONS
from operations.clock import now
from operations.gate import REGISTRY
from operations.models import Event
from tests.federation.conftest import allow
from tests.signing_in import sign_in

HOME, ABROAD = "123456789012", "210987654321"
SWITCH, BACK = "/switch-role/", "/switch-role/back/"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def events(name, account=HOME):
    return [json.loads(row.record) for row in Event.objects.filter(name=name, account_id=account).order_by("id")]


@pytest.fixture
def clock():
    with time_machine.travel(now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def vera(make_user):
    """A user who may assume any role, and nothing else."""
    return make_user("vera", allow("sts:AssumeRole"))


@pytest.fixture
def reader(make_role):
    """A role that reads IAM."""
    return make_role("Reader", policy=allow("iam:List*", "iam:Get*"))


@pytest.fixture
def browser(client, vera):
    sign_in(client, vera)
    return client


def revoke_older_sessions(caller, name):
    moment = now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    REGISTRY["iam:PutRolePolicy"](
        caller, role_name=name, policy_name=REVOKE_OLDER_SESSIONS, policy_document=revoking(moment)
    )


def switch(client, role="Reader", account=HOME, **fields):
    return client.post(SWITCH, {"account": account, "role_name": role, **fields})


def is_acting(client):
    return "role-banner" in text(client.get(SWITCH))


def test_the_console_acts_as_the_role(browser, reader):
    assert browser.get(reverse("accounts:users")).status_code == 403
    answer = switch(browser, display_name="Read only", colour="success")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    page = text(browser.get(reverse("accounts:users")))
    assert re.search(r'class="role-banner success".*<b>Read only</b>.*Reader.*signed in as vera.*Switch back', page)
    record = events("ListUsers")[-1]["userIdentity"]
    assert record["type"] == "AssumedRole"
    assert record["arn"] == f"arn:aws:sts::{HOME}:assumed-role/Reader/vera"
    assert record["sessionContext"]["sessionIssuer"]["arn"] == reader.arn
    assert record["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"
    assert record["sessionContext"]["sourceIdentity"] == "vera"
    assert record["sessionContext"]["assumedBy"] == f"arn:aws:iam::{HOME}:user/vera"


def test_it_is_recorded_from_whom_to_what(browser, reader):
    switch(browser)
    browser.post(BACK)
    assert events("AssumeRole")[-1]["userIdentity"]["userName"] == "vera"
    for name in ("SwitchRole", "ExitRole"):
        (record,) = events(name)
        assert (record["eventSource"], record["eventType"]) == ("signin.amazonaws.com", "AwsConsoleSignIn")
        assert record["userIdentity"]["arn"] == f"arn:aws:sts::{HOME}:assumed-role/Reader/vera"
        assert record["userIdentity"]["sessionContext"]["sourceIdentity"] == "vera"
        assert record["additionalEventData"]["SwitchFrom"] == f"arn:aws:iam::{HOME}:user/vera"
        assert record["responseElements"] == {name: "Success"}
        assert record["resources"][0]["ARN"] == reader.arn
    assert not Event.objects.filter(record__contains=IssuedSession.objects.get().key_id, name="SwitchRole").exists()


def test_switching_back_ends_the_roles_session(browser, reader):
    switch(browser)
    assert IssuedSession.objects.filter(expires_at__gt=now()).count() == 1
    page = text(browser.post(BACK, follow=True))
    assert "You act as yourself again." in page
    assert "role-banner" not in page
    assert browser.get(reverse("accounts:users")).status_code == 403
    assert not IssuedSession.objects.filter(expires_at__gt=now()).exists()
    browser.post(BACK)
    assert len(events("ExitRole")) == 1


def test_signing_out_ends_it_too(browser, reader):
    switch(browser)
    browser.post(reverse("accounts:sign-out"))
    assert not IssuedSession.objects.filter(expires_at__gt=now()).exists()


@pytest.mark.parametrize(
    ("trusted", "condition"),
    [
        ("arn:aws:iam::123456789012:user/other", None),
        ("arn:aws:iam::123456789012:root", {"StringEquals": {"sts:ExternalId": "4711"}}),
        ("arn:aws:iam::123456789012:root", MFA),
        ("arn:aws:iam::210987654321:root", None),
    ],
)
def test_the_trust_policy_decides(browser, make_role, make_user, trusted, condition):
    """Another user's role, one with an external id, one that wants a second factor, one of another account."""
    make_user("other")
    make_role("Reader", trusted, condition=condition)
    answer = switch(browser)
    assert answer.status_code == 403
    assert "is not authorized to perform: sts:AssumeRole" in text(answer)
    assert not is_acting(browser)
    assert events("AssumeRole")[-1]["errorCode"] == "AccessDenied"
    assert not events("SwitchRole")


def test_a_second_factor_of_the_sign_in_opens_roles_that_want_one(client, vera, make_role):
    make_role("Reader", condition=MFA, policy=allow("iam:ListUsers"))
    sign_in(client, vera, mfa=True)
    assert switch(client).status_code == 302
    client.get(reverse("accounts:users"))
    assert events("ListUsers")[-1]["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"


def test_an_age_of_the_second_factor_does_not_end_what_it_let_in(client, vera, make_role):
    make_role("Reader", condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "600"}})
    sign_in(client, vera, mfa=True)
    assert switch(client).status_code == 302
    with time_machine.travel(now() + timedelta(minutes=20)):
        assert is_acting(client)


def test_the_users_own_policies_decide(client, make_user, reader):
    sign_in(client, make_user("bob"))
    answer = switch(client)
    assert answer.status_code == 403
    assert "because no identity-based policy allows the sts:AssumeRole action" in text(answer)


def test_a_role_that_does_not_exist_is_refused_in_the_same_words(browser, make_role, make_user):
    make_user("other")
    make_role("Reader", "arn:aws:iam::123456789012:user/other")
    sentences = []
    for name in ("Reader", "Nowhere"):
        found = re.search(r"User: arn.*?action", text(switch(browser, name)))
        sentences.append(found[0].replace(name, "X"))
    assert sentences[0] == sentences[1]


def test_an_unknown_alias_is_said(browser, reader):
    assert "There is no account with this number or alias." in text(switch(browser, account="nowhere"))


def test_the_root_user_cannot_switch(client, account, reader):
    sign_in(client, User.everyone.get(is_root=True))
    assert "The root user cannot switch roles" in text(client.get(SWITCH))
    switch(client)
    assert events("AssumeRole")[-1]["errorMessage"] == "Roles may not be assumed by root accounts."
    assert not is_acting(client)


@pytest.mark.parametrize("form", [{"display_name": "x" * 65}, {"colour": "url(evil)"}, {"role": ""}])
def test_what_the_form_refuses(browser, reader, form):
    assert switch(browser, **form).status_code == 200
    assert not is_acting(browser)


def test_a_role_of_another_account(browser, vera, other_account, stranger, caller_of):
    document = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{HOME}:root"}, "Action": "sts:AssumeRole"}
            ],
        }
    )
    REGISTRY["iam:CreateRole"](stranger, role_name="Guest", assume_role_policy_document=document)
    REGISTRY["iam:PutRolePolicy"](stranger, role_name="Guest", policy_name="p", policy_document=allow("iam:ListUsers"))
    REGISTRY["iam:CreateAccountAlias"](stranger, account_alias="abroad")
    assert switch(browser, "Guest", "abroad").status_code == 302
    page = text(browser.get(reverse("accounts:users")))
    assert "charlie" in page
    assert "/users/vera/" not in page
    assert "2109-8765-4321" in page
    assert events("ListUsers", ABROAD)[-1]["userIdentity"]["sessionContext"]["sourceIdentity"] == "vera"
    (there,) = events("SwitchRole", ABROAD)
    assert there["userIdentity"]["type"] == "AssumedRole"
    (here,) = events("SwitchRole")
    assert here["userIdentity"]["userName"] == "vera"


def test_every_switch_is_made_with_the_users_own_rights(browser, reader, make_role, make_user):
    """The role itself may not assume the second one, the user may; and a role that only the first one may assume stays closed."""
    make_role("Second", policy=allow("iam:ListUsers"))
    make_role("Chained", reader.arn)
    switch(browser)
    assert switch(browser, "Chained").status_code == 403
    assert "Reader" in text(browser.get(SWITCH))
    assert switch(browser, "Second").status_code == 302
    assert events("AssumeRole")[-1]["userIdentity"]["userName"] == "vera"
    assert events("ExitRole")[-1]["additionalEventData"]["Reason"] == "switched to another role"
    assert events("SwitchRole")[-1]["additionalEventData"]["SwitchFrom"].endswith(":user/vera")


def test_it_lasts_as_long_as_the_roles_sessions_may(browser, make_role):
    make_role("Reader", policy=allow("iam:ListUsers"), max_session_duration=7200)
    switch(browser)
    row = IssuedSession.objects.get()
    assert row.expires_at - row.issued_at == timedelta(hours=2)


def test_it_lasts_no_longer_than_the_sign_in(client, vera, make_role):
    make_role("Reader", policy=allow("iam:ListUsers"), max_session_duration=43200)
    began = now()
    session = sign_in(client, vera, at=began - timedelta(hours=11))
    session.touch(began)
    switch(client)
    row = IssuedSession.objects.get()
    assert timedelta(minutes=59) <= row.expires_at - row.issued_at <= timedelta(hours=1)


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


def test_it_ends_when_the_trust_policy_names_others(browser, reader, system):
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


def test_credentials_of_ones_own_are_the_users_alone(browser, make_role):
    make_role("Reader", policy=allow("*"))
    switch(browser)
    assert browser.get(reverse("accounts:security-credentials")).status_code == 404
    assert browser.post(reverse("accounts:create-access-key")).status_code == 404
    assert not Event.objects.filter(name="CreateAccessKey", error_code="").exists()


def test_sensitive_actions_ask_the_person_for_a_fresh_factor(client, vera, make_role, make_user):
    """Acting as a role is no way around the question, and answering it gives the role's session no second factor."""
    make_user("bob")
    make_role("Reader", policy=allow("iam:*"))
    began = now() - timedelta(minutes=20)
    sign_in(client, vera, at=began).touch(now())
    switch(client)
    url = reverse("accounts:user-create-access-key", args=["bob"])
    asked = client.post(url, {})
    assert 'name="_confirm"' in text(asked)
    assert not Event.objects.filter(name="CreateAccessKey").exists()


def test_preferences_stay_those_of_the_person(browser, vera, reader):
    browser.post("/preferences/", {"theme": "dark"})
    switch(browser)
    assert 'data-theme="dark"' in text(browser.get(SWITCH))
    browser.post("/preferences/", {"theme": "light"})
    assert User.objects.get(pk=vera.pk).preferences["theme"] == "light"


# --- finding roles --------------------------------------------------------------------------------------------------------


def test_the_page_lists_the_roles_that_one_may_switch_to(browser, reader, make_role, make_user):
    make_user("other")
    make_role("Closed", "arn:aws:iam::123456789012:user/other")
    make_role("WithId", condition={"StringEquals": {"sts:ExternalId": "4711"}})
    make_role("Named", "arn:aws:iam::123456789012:user/vera")
    page = text(browser.get(SWITCH))
    assert set(re.findall(r"Switch to (\w+)", page)) == {"Reader", "Named"}
    answer = browser.post(SWITCH, {"role_arn": reader.arn})
    assert answer.status_code == 302
    assert "signed in as vera" in text(browser.get(SWITCH))


def test_roles_of_other_accounts_that_ones_policies_name(client, make_user, other_account, stranger):
    document = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": HOME}, "Action": "sts:AssumeRole"}],
        }
    )
    for name in ("Guest", "Hidden"):
        REGISTRY["iam:CreateRole"](stranger, role_name=name, assume_role_policy_document=document, path="/team/")
    sign_in(client, make_user("vera", allow("sts:AssumeRole", resource=f"arn:aws:iam::{ABROAD}:role/team/Guest")))
    assert set(re.findall(r"Switch to (\w+)", text(client.get(SWITCH)))) == {"Guest"}


def test_roles_of_late_are_kept_with_their_name_and_colour(browser, vera, make_role, reader):
    for number in range(6):
        make_role(f"R{number}")
        switch(browser, f"R{number}", display_name=f"Number {number}", colour="danger")
    browser.post(BACK)
    kept = User.objects.get(pk=vera.pk).preferences["recent_roles"]
    assert [role["display_name"] for role in kept] == [f"Number {n}" for n in (5, 4, 3, 2, 1)]
    browser.post(SWITCH, {"role_arn": kept[2]["arn"]})
    assert re.search(r'class="role-banner danger".*<b>Number 3</b>', text(browser.get(SWITCH)))
    browser.post(SWITCH, {"forget": kept[0]["arn"]})
    assert "Number 5" not in text(browser.get(SWITCH))


def test_a_link_fills_the_form_and_switches_nothing(browser, reader):
    answer = browser.get("/switchrole?account=123456789012&roleName=Reader&displayName=Look&color=F2B0A9", follow=True)
    page = text(answer)
    assert 'value="Reader"' in page
    assert 'value="Look"' in page
    assert '<option value="danger" selected>' in page
    assert not events("SwitchRole")


def test_a_link_leads_through_the_sign_in(client, account):
    answer = client.get("/switch-role/?account=1&roleName=Reader")
    assert answer.status_code == 302
    assert "next=%2Fswitch-role%2F%3Faccount%3D1%26roleName%3DReader" in answer["Location"]


@pytest.mark.parametrize("acting", [False, True])
def test_it_costs_the_same_at_any_number_of_roles(browser, account, reader, acting, django_assert_max_num_queries):
    Role.objects.bulk_create(
        Role(
            account=account, name=f"r{n}", name_key=f"r{n}", unique_id=f"AROA{n:017}", trust_policy=reader.trust_policy
        )
        for n in range(500)
    )
    if acting:
        switch(browser)
    browser.get(SWITCH)
    with django_assert_max_num_queries(15):
        page = text(browser.get(SWITCH))
    assert "501" in page
    if acting:
        with django_assert_max_num_queries(15):
            browser.get(reverse("accounts:users"))
