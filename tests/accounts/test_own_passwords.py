"""Who must choose a new password is able to: IAMUserChangePassword is attached where it is missing and helps, else the pages warn."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import PasswordPolicy, User
from accounts.operations.attachments import attach_group_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.own_passwords import helping_policy
from policies.aws_managed import data_file, load, read
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import Browser, text_of
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:ChangePassword","Resource":"*"}]}'
NEEDS_MFA = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["iam:ChangePassword", "iam:EnableMFADevice"], "Resource": "*"},
            {
                "Effect": "Deny",
                "NotAction": "iam:EnableMFADevice",
                "Resource": "*",
                "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
            },
        ],
    }
)
ASKED = {"user_names": "dora\nemil", "access": "password", "path": "/"}


@pytest.fixture(scope="module")
def published():
    return [policy for policy in read(data_file()) if policy.name == "IAMUserChangePassword"]


@pytest.fixture
def helping(db, published):
    load(published)


@pytest.fixture
def managed(system):
    def make(document, name="given"):
        return create_policy(system, policy_name=name, policy_document=document)["Policy"]["Arn"]

    return make


def attached(name):
    return list(User.objects.get(name=name).attachments.values_list("policy__arn", flat=True))


def review(browser, **given):
    return text_of(browser.post(reverse("accounts:user-create"), ASKED | given | {"review": "1"}))


def make(browser, **given):
    return browser.post(reverse("accounts:user-create"), ASKED | given | {"create": "1"}, follow=True)


@pytest.mark.usefixtures("helping")
class TestCreated:
    def test_it_is_attached_and_the_user_gets_in(self, administrator, account):
        page = review(administrator)
        assert "IAMUserChangePassword is attached to 2 users" in page
        assert "dora, emil have no permission to change their password" in page
        made = make(administrator).context["made"]
        assert attached("dora") == attached("emil") == [helping_policy()]
        person, password = Browser(), made[0]["password"]
        person.sign_in(User.objects.get(name="dora"), password)
        change = person.get("/", follow=True)
        assert "You have no permission" not in text_of(change)
        given = {"old_password": password, "new_password": "Another-horse-2", "repeated": "Another-horse-2"}
        assert person.post(reverse("accounts:change-password"), given).url == "/"

    def test_one_user_is_spoken_of_as_one(self, administrator):
        page = review(administrator, user_names="dora")
        assert "dora has no permission to change the password (iam:ChangePassword) yet." in page

    def test_nobody_gets_it_whom_the_password_policy_lets(self, administrator, account):
        PasswordPolicy.objects.create(account=account, allow_users_to_change=True)
        assert "IAMUserChangePassword is attached" not in review(administrator)
        make(administrator)
        assert attached("dora") == []

    def test_only_those_get_it_whose_groups_do_not_let_them(self, administrator, system, managed):
        create_group(system, group_name="self")
        attach_group_policy(system, group_name="self", policy_arn=managed(NEEDS_MFA))
        asked = {"user_names": "user_name,groups\ndora,self\nemil,"}
        assert "emil has no permission to change the password" in review(administrator, **asked)
        make(administrator, **asked)
        assert attached("dora") == []
        assert attached("emil") == [helping_policy()]

    @pytest.mark.parametrize("by", ["boundary", "deny", "quota"])
    def test_where_it_would_not_help_the_review_warns(self, administrator, managed, by):
        many = [managed(READ, f"p{n}") for n in range(10)]
        asked = {
            "boundary": {"permissions_boundary": many[0]},
            "deny": {"policies": managed(DENY)},
            "quota": {"policies": many},
        }[by]
        page = review(administrator, **asked)
        assert "2 users will not be able to choose a password" in page
        assert "cannot be attached or would not help" in page
        assert make(administrator, **asked).context["made"]
        assert helping_policy() not in attached("dora")

    def test_who_may_not_attach_is_told_and_creates_all_the_same(self, client, make_user):
        actions = ["iam:CreateUser", "iam:CreateLoginProfile", "iam:ListUsers"]
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        sign_in(client, make_user("vera", json.dumps(document)), mfa=True)
        assert "you may not attach IAMUserChangePassword (iam:AttachUserPolicy)" in review(client)
        assert make(client).context["made"]
        assert attached("dora") == []

    def test_who_is_invited_needs_none(self, administrator):
        assert "IAMUserChangePassword is attached" not in review(administrator, access="invite")
        make(administrator, access="invite")
        assert attached("dora") == []


def test_without_the_policy_in_the_installation_the_review_warns(administrator):
    assert "2 users will not be able to choose a password" in review(administrator)
    assert make(administrator).context["made"]


@pytest.mark.usefixtures("helping")
def test_it_is_found_out_in_one_query_more(administrator, system, managed):
    for name in ("one", "two"):
        create_group(system, group_name=name)
        attach_group_policy(system, group_name=name, policy_arn=managed(READ, name))
    asked = {"user_names": "user_name,groups\ndora,one\nemil,two\nfred,", "policies": managed(READ, "three")}

    def queries(access):
        review(administrator, **asked, access=access)
        with CaptureQueriesContext(connection) as found:
            review(administrator, **asked, access=access)
        return len(found)

    assert queries("password") == queries("none") + 1


@pytest.mark.usefixtures("helping")
class TestGivenLater:
    def page(self):
        return reverse("accounts:user-manage-password", args=["dora"])

    @pytest.mark.parametrize("action", ["generate", "replace", "demand"])
    def test_it_is_attached_with_the_password(self, administrator, dora, action):
        if action != "generate":
            administrator.post(self.page(), {"action": "generate"})
            administrator.post(self.page(), {"action": "seen"})
            dora.attachments.all().delete()
        assert "IAMUserChangePassword is attached" in text_of(administrator.get(self.page()))
        administrator.post(self.page(), {"action": action})
        assert attached("dora") == [helping_policy()]
        administrator.post(self.page(), {"action": "seen"})
        assert "IAMUserChangePassword" not in text_of(administrator.get(self.page()))

    def test_a_link_attaches_nothing(self, administrator, dora):
        administrator.post(self.page(), {"action": "invite"})
        assert attached("dora") == []

    def test_a_boundary_that_leaves_it_out_is_told(self, administrator, system, dora, managed):
        put_user_permissions_boundary(system, user_name="dora", permissions_boundary=managed(READ))
        assert "dora must choose a new one at the next sign-in but is not allowed to" in text_of(
            administrator.get(self.page())
        )
        administrator.post(self.page(), {"action": "generate"})
        assert attached("dora") == []

    def test_who_may_not_attach_is_told(self, client, make_user, dora):
        actions = ["iam:CreateLoginProfile", "iam:GetLoginProfile", "iam:GetUser"]
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        sign_in(client, make_user("vera", json.dumps(document)), mfa=True)
        assert "you may not attach IAMUserChangePassword" in text_of(client.get(self.page()))
        assert client.post(self.page(), {"action": "generate"}).status_code == 302
        assert attached("dora") == []


def test_whoever_is_stuck_is_told_what_helps(administrator, dora):
    page = reverse("accounts:user-manage-password", args=["dora"])
    administrator.post(page, {"action": "generate"})
    shown = administrator.get(page).context["shown"]
    person = Browser()
    person.sign_in(dora, shown["password"])
    said = text_of(person.get("/", follow=True))
    assert re.search(r"Ask an administrator for a link to choose a password \(Manage console access\)", said)
    administrator.post(page, {"action": "seen"})
    administrator.post(page, {"action": "link"})
    link = administrator.get(page).context["shown"]["link"]
    given = {"new_password": "Another-horse-2", "repeated": "Another-horse-2"}
    person.post(link.partition("8000")[2], given)
    assert "You must choose a new password" not in text_of(person.get("/", follow=True))
