"""Switching to a role in the console: who may, what the console then is, and the roles that are offered."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role, User
from federation.models import IssuedSession
from operations.clock import now
from operations.gate import REGISTRY
from operations.models import Event
from tests.federation.conftest import allow
from tests.federation.switched import (
    ABROAD,
    BACK,
    HOME,
    MFA,
    SWITCH,
    events,
    is_acting,
    switch,
    text,
)
from tests.signing_in import sign_in


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
def test_the_trust_policy_decides(browser, other_account, make_role, make_user, trusted, condition):
    """Another user's role, one with an external ID, one that wants a second factor, one of another account."""
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
