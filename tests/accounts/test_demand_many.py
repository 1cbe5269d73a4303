"""Requiring new passwords of many users at once: reviewed first, for those who have one, with a fresh factor, recorded, undone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import LoginProfile, User
from accounts.operations.invitations import invite_user
from accounts.operations.login_profiles import create_login_profile
from accounts.operations.users import create_user
from operations.ids import unique_id
from operations.models import Event
from tests.accounts.browser import html_of as text
from tests.signing_in import sign_in

PASSWORD = "Correct-horse-battery-8"
LIST_ONLY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}]}'


@pytest.fixture
def people(administrator, system):
    """Two with a password, one of whom must change it already; one who is invited; and one without access."""
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
        sent = {"select": [user.pk for user in many]}
        address = reverse("accounts:users-require-password")
        administrator.post(address, sent)
        with CaptureQueriesContext(connection) as asked:
            administrator.post(address, sent)
        return len(asked)

    few, more = cost(10), cost(90)
    assert few == more <= 15
