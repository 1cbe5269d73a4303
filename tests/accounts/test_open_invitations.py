"""Who was invited and has chosen no password yet cannot sign in, and is not counted among those who sign in without MFA."""

import csv
import json
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse

from accounts.operations.invitations import invite_user
from governance.queries.standing import people
from operations.gate import REGISTRY
from tests.accounts.browser import html_of as text
from tests.conftest import ACCOUNT
from tests.signing_in import sign_in


@pytest.fixture
def link(system, dora):
    """The invitation of dora, not followed yet."""
    return invite_user(system, user_name="dora")["PasswordLink"]


def listed(browser, query):
    return ">dora<" in text(browser.get(reverse("accounts:users") + query))


def test_an_invited_user_is_shown_as_invited_and_not_as_without_mfa(administrator, link):
    page = text(administrator.get(reverse("accounts:user", args=["dora"])))
    assert "Invited: no password yet" in page
    assert "Enabled without MFA" not in page
    row = text(administrator.get(reverse("accounts:users") + "?q=dora&columns=name,mfa,console"))
    assert "Invited" in row
    assert "No device" not in row


def test_the_filters_tell_invited_users_apart(administrator, link):
    assert [listed(administrator, f"?f=console:eq:{value}") for value in ("yes", "invited", "no")] == [
        False,
        True,
        False,
    ]
    assert not listed(administrator, "?f=console:eq:yes&f=mfa:eq:none")


def test_the_dashboard_counts_those_who_have_a_password(administrator, link):
    assert people(ACCOUNT).without_mfa == 0
    assert "signs in without MFA" not in text(administrator.get("/"))


def test_the_credential_report_says_that_there_is_no_password(system, link):
    REGISTRY["iam:GenerateCredentialReport"](system)
    lines = csv.DictReader(StringIO(REGISTRY["iam:GetCredentialReport"](system)["Content"].decode()))
    assert next(line for line in lines if line["user"] == "dora")["password_enabled"] == "false"


def test_the_review_of_a_deletion_calls_it_an_invitation(administrator, dora, link):
    assert "open invitation to the console ends" in text(
        administrator.get(reverse("accounts:user-delete", args=["dora"]))
    )
    review = text(administrator.post(reverse("accounts:users-delete"), {"select": dora.pk}))
    assert "</b> open invitation<" in review
    assert "console password" not in review.partition("<table")[2]


def test_once_the_password_is_chosen_the_user_signs_in_without_mfa(administrator, link):
    token = link.rpartition("/set-password/")[2]
    password = "a-Long-and-Quiet-Phrase-7"
    Client().post(f"/set-password/{token}", {"new_password": password, "repeated": password})
    assert people(ACCOUNT).without_mfa == 1
    assert listed(administrator, "?f=console:eq:yes&f=mfa:eq:none")
    assert "Enabled without MFA" in text(administrator.get(reverse("accounts:user", args=["dora"])))


def test_who_may_not_read_the_password_is_not_told_of_it_on_the_page_of_a_user(client, make_user, link):
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}]}
    sign_in(client, make_user("vera", json.dumps(document)))
    page = text(client.get(reverse("accounts:user", args=["dora"])))
    facts = page[page.index("ARN") : page.index("Unique ID")]
    assert not [word for word in ("Console access", "Active access keys", "Last activity") if word in facts]
