"""Requiring new passwords of many users at once: reviewed first, for those who have one, with a fresh factor, recorded, undone."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import LoginProfile, PasswordPolicy, User
from accounts.operations.attachments import attach_group_policy
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.invitations import invite_user
from accounts.operations.login_profiles import create_login_profile
from accounts.operations.memberships import add_user_to_group
from accounts.operations.users import create_user
from accounts.own_passwords import helping_policy
from operations.ids import unique_id
from operations.models import Event
from policies.aws_managed import data_file, load, read
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import html_of as text
from tests.signing_in import sign_in

PASSWORD = "Correct-horse-battery-8"
ADDRESS = "/users/require-password/"
DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:ChangePassword","Resource":"*"}]}'
CHANGE = DENY.replace("Deny", "Allow")
LIST_ONLY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}]}'


@pytest.fixture
def people(administrator, system, account):
    """Two with a password, which all may change, one of whom must already; one who is invited; and one without access."""
    PasswordPolicy.objects.create(account=account, allow_users_to_change=True)
    for name in ("erin", "frank", "gina", "harry"):
        create_user(system, user_name=name)
    create_login_profile(system, user_name="erin", password=PASSWORD)
    create_login_profile(system, user_name="frank", password=PASSWORD, password_reset_required=True)
    invite_user(system, user_name="gina")
    return dict(User.objects.values_list("name", "pk"))


def chosen(people, *names, **more):
    return {"select": [people[name] for name in names], **more}


def demanded():
    return set(LoginProfile.objects.filter(reset_required=True).values_list("user__name", flat=True))


def test_it_is_offered_and_reviewed_first(administrator, people):
    address = reverse("accounts:users-require-password")
    assert f'formaction="{address}"' in administrator.get("/users/?size=50").content.decode()
    page = text(administrator.post(address, chosen(people, "erin", "frank", "gina", "harry")))
    assert "<h1>Require new passwords" in page
    assert "Must choose a new one already" in page
    assert "Has not chosen a password yet: the invitation is open" in page
    assert "Has no console access" in page
    assert "Require it of 1 user</button>" in page
    assert demanded() == {"frank"}


def test_those_who_have_a_password_must_change_it_and_it_can_be_undone(administrator, people):
    address = reverse("accounts:users-require-password")
    done = text(administrator.post(address, chosen(people, "erin", "gina", "harry", go="1")))
    assert "<h1>1 user must choose a new password" in done
    assert demanded() == {"erin", "frank"}
    assert LoginProfile.objects.get(user=people["erin"]).password_hash
    assert Event.objects.filter(name="UpdateLoginProfile", error_code="").count() == 1
    token = done.partition('action="/undo/"')[2].partition('name="token" value="')[2].partition('"')[0]
    administrator.post("/undo/", {"token": token, "next": "/users/"})
    assert demanded() == {"frank"}


def test_who_may_not_is_told_beforehand_and_refused(client, make_user, people):
    sign_in(client, make_user("reader", LIST_ONLY))
    address = reverse("accounts:users-require-password")
    assert address not in client.get("/users/?size=50").content.decode()
    page = text(client.post(address, chosen(people, "erin")))
    assert "iam:UpdateLoginProfile" in page
    client.post(address, chosen(people, "erin", go="1"))
    assert demanded() == {"frank"}


def test_the_review_costs_the_same_at_any_size(administrator, account, people):
    def cost(number):
        many = User.objects.bulk_create(
            User(
                account=account,
                name=f"u{number}-{n}",
                name_key=f"u{number}-{n}",
                unique_id=unique_id("AIDA"),
                console_access=True,
            )
            for n in range(number)
        )
        LoginProfile.objects.bulk_create(LoginProfile(user=user, password_hash="x") for user in many)
        PasswordPolicy.objects.update(allow_users_to_change=False)
        sent = {"select": [user.pk for user in many]}
        address = reverse("accounts:users-require-password")
        administrator.post(address, sent)
        with CaptureQueriesContext(connection) as asked:
            administrator.post(address, sent)
        return len(asked)

    few, more = cost(10), cost(90)
    assert few == more <= 15


class TestUnable:
    """Users whom nothing lets change their password: they are helped along, or left out and told why."""

    @pytest.fixture
    def unable(self, people, system, account):
        """None may by the account; henry may by his group, ines is denied it, erin and jan may by nothing."""
        PasswordPolicy.objects.update(allow_users_to_change=False)
        for name in ("henry", "ines", "jan"):
            create_user(system, user_name=name)
            create_login_profile(system, user_name=name, password=PASSWORD)
        create_group(system, group_name="self")
        arn = create_policy(system, policy_name="self", policy_document=CHANGE)["Policy"]["Arn"]
        attach_group_policy(system, group_name="self", policy_arn=arn)
        add_user_to_group(system, group_name="self", user_name="henry")
        put_user_policy(system, user_name="ines", policy_name="no", policy_document=DENY)
        return dict(User.objects.values_list("name", "pk"))

    @pytest.fixture
    def helping(self, db):
        load([policy for policy in read(data_file()) if policy.name == "IAMUserChangePassword"])

    def attached(self):
        return sorted(User.objects.filter(attachments__policy__arn=helping_policy()).values_list("name", flat=True))

    def test_the_review_says_of_each_what_becomes_of_it(self, administrator, unable, helping):
        page = text(administrator.post(ADDRESS, chosen(unable, "erin", "henry", "ines", "jan")))
        assert page.count("IAMUserChangePassword is attached: nothing lets the user change the password") == 2
        assert page.count("Nothing: the user is able to choose a new password.") == 1
        assert "Would be locked out: the user may not change the password (iam:ChangePassword)" in page
        assert "Require it of 3 users</button>" in page
        assert (demanded(), self.attached()) == ({"frank"}, [])

    def test_it_is_attached_where_it_helps_and_who_would_be_locked_out_is_left_out(
        self, administrator, unable, helping
    ):
        done = text(administrator.post(ADDRESS, chosen(unable, "erin", "henry", "ines", "jan", go="1")))
        assert "<h1>3 users must choose a new password" in done
        assert done.count("IAMUserChangePassword is attached</td>") == 2
        assert done.count("Would be locked out") == 1
        assert demanded() == {"erin", "frank", "henry", "jan"}
        assert self.attached() == ["erin", "jan"]
        token = done.partition('action="/undo/"')[2].partition('name="token" value="')[2].partition('"')[0]
        administrator.post("/undo/", {"token": token, "next": "/users/"})
        assert (demanded(), self.attached()) == ({"frank"}, [])

    def test_where_the_policy_is_not_there_they_are_left_out(self, administrator, unable):
        page = text(administrator.post(ADDRESS, chosen(unable, "erin", "henry")))
        assert "Would be locked out" in page
        assert "Require it of 1 user</button>" in page
        administrator.post(ADDRESS, chosen(unable, "erin", "henry", go="1"))
        assert demanded() == {"frank", "henry"}

    def test_who_may_not_attach_leaves_them_out_and_is_told_which_permission_is_missing(
        self, client, make_user, unable, helping
    ):
        actions = ["iam:ListUsers", "iam:UpdateLoginProfile"]
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        sign_in(client, make_user("vera", json.dumps(document)))
        page = text(client.post(ADDRESS, chosen(unable, "erin", "henry")))
        assert "you may not attach IAMUserChangePassword (iam:AttachUserPolicy)" in page
        client.post(ADDRESS, chosen(unable, "erin", "henry", go="1"))
        assert (demanded(), self.attached()) == ({"frank", "henry"}, [])

    def test_who_may_not_require_it_learns_nothing_of_whether_they_could(self, client, make_user, unable, helping):
        sign_in(client, make_user("reader", LIST_ONLY))
        page = text(client.post(ADDRESS, chosen(unable, "erin", "ines")))
        assert "locked out" not in page
        assert "IAMUserChangePassword" not in page

    def test_what_changed_after_the_review_is_asked_anew(self, administrator, unable, helping, system):
        administrator.post(ADDRESS, chosen(unable, "erin"))
        put_user_policy(system, user_name="erin", policy_name="no", policy_document=DENY)
        done = text(administrator.post(ADDRESS, chosen(unable, "erin", go="1")))
        assert "Would be locked out" in done
        assert (demanded(), self.attached()) == ({"frank"}, [])
