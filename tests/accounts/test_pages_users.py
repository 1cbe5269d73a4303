"""The pages of users: the list, creation, and whoever may not."""

import base64
import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.models import ConsoleSession, LoginProfile, PasswordLink, User
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.users import create_user
from accounts.password_links import INVITATION_LIFETIME
from operations.clock import now
from operations.ids import unique_id
from operations.models import Event
from tests.accounts.browser import html_of as text
from tests.conftest import ADMINISTRATOR
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
LIST_ONLY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}]}'


def test_the_list_shows_users_and_who_has_no_second_factor(administrator, dora):
    User.objects.filter(pk=dora.pk).update(console_access=True, password_changed_at=now())
    page = text(administrator.get(reverse("accounts:users")))
    assert "dora" in page
    assert "No device" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=dor", True),
        ("q=zz", False),
        ("f=mfa:eq:none", True),
        ("f=path:eq:/x/", False),
        ("f=tag:eq:team=ops", True),
        ("f=group:eq:ops", False),
    ],
)
def test_the_list_is_filtered_in_the_database(administrator, system, query, found):
    create_user(system, user_name="dora", tags=[{"Key": "team", "Value": "ops"}])
    page = text(administrator.get(reverse("accounts:users") + "?" + query))
    assert ("/users/dora/" in page) is found


@pytest.mark.parametrize("number", [10, 1000])
def test_the_list_costs_the_same_number_of_queries_at_any_size(
    administrator, account, number, django_assert_max_num_queries
):
    User.objects.bulk_create(
        User(account=account, name=f"u{n:04}", name_key=f"u{n:04}", unique_id=unique_id("AIDA")) for n in range(number)
    )
    administrator.get(reverse("accounts:users"))
    with django_assert_max_num_queries(15):
        administrator.get(reverse("accounts:users"))


def test_a_reader_of_the_list_sees_it_and_nothing_else(client, make_user, account):
    sign_in(client, make_user("vera", LIST_ONLY))
    page = text(client.get(reverse("accounts:users")))
    assert "vera" in page
    assert "Create user" not in page
    refused = client.get(reverse("accounts:user", args=["vera"]))
    assert refused.status_code == 403
    assert "iam:GetUser" in text(refused)


def test_several_users_are_created_after_a_review(administrator, system):
    create_group(system, group_name="ops")
    asked = {
        "user_names": "dora\nemil,\n",
        "access": "invite",
        "groups": ["ops"],
        "path": "/people/",
        "tags": "team = ops",
    }
    review = text(administrator.post(reverse("accounts:user-create"), asked | {"review": "1"}))
    assert [name in review for name in ("dora", "emil", "Create 2 users")] == [True] * 3
    assert review.count("will be created") == 2
    assert not User.objects.filter(name="dora").exists()
    shown = text(administrator.post(reverse("accounts:user-create"), asked | {"create": "1"}, follow=True))
    assert shown.count("/set-password/") >= 2
    dora = User.objects.get(name="dora")
    assert (dora.path, dora.group_count, dora.console_access) == ("/people/", 1, True)
    assert [tag.value for tag in dora.tags.all()] == ["ops"]
    again = text(administrator.get(reverse("accounts:user-create")))
    assert "/set-password/" in again, "a refresh must not lose the links"
    until = PasswordLink.objects.earliest("expires_at").expires_at
    assert f"Each link works once, until {until.strftime('%-d %b %Y %H:%M UTC')}." in again
    assert "until you have passed them on" in again
    listed = text(administrator.get(reverse("accounts:users")))
    assert "The links or passwords of 2 new users wait to be passed on" in listed
    administrator.post(reverse("accounts:user-create"), {"done": "1"})
    assert "/set-password/" not in text(administrator.get(reverse("accounts:user-create")))
    assert "wait to be passed on" not in text(administrator.get(reverse("accounts:users")))


def created(browser, access):
    asked = {"user_names": "dora", "access": access, "path": "/", "create": "1"}
    browser.post(reverse("accounts:user-create"), asked)


def keep_session(browser):
    """The same session, begun and seen just now."""
    session = browser.session
    session["signed_in_at"] = session["factor_at"] = session["mfa_at"] = now().isoformat()
    session.set_expiry(now() + timedelta(hours=12))
    session.save()
    ConsoleSession.objects.update(last_seen_at=now())


def shown(browser):
    return text(browser.get(reverse("accounts:user-create")))


def test_links_are_shown_until_they_end(clock, administrator):
    created(administrator, "invite")
    clock.shift(timedelta(hours=11))
    keep_session(administrator)
    assert "/set-password/" in shown(administrator)
    kept = str(dict(administrator.session))
    assert "/set-password/" not in kept, "a link is never stored as it is"
    clock.shift(INVITATION_LIFETIME)
    keep_session(administrator)
    assert "/set-password/" not in shown(administrator)
    assert "once:created-users" not in administrator.session


def test_first_passwords_are_shown_for_an_hour(clock, administrator):
    created(administrator, "password")
    clock.shift(timedelta(minutes=59))
    keep_session(administrator)
    assert "First passwords" in shown(administrator)
    assert "until 10:00 UTC at the latest" in shown(administrator)
    clock.shift(timedelta(minutes=1))
    assert "First passwords" not in shown(administrator)


@pytest.mark.parametrize(
    ("page", "rest"),
    [
        ("accounts:user-create", {"user_names": "dora", "access": "invite", "review": "1"}),
        ("accounts:group-create", {"group_name": "two words", "create": "1"}),
    ],
)
@pytest.mark.parametrize("path", ["ops", "/ops", "/with space/"])
def test_a_wrong_path_is_told_at_its_field_before_the_review(administrator, page, rest, path):
    shown = text(administrator.post(reverse(page), rest | {"path": path}))
    assert "Begin and end with a slash" in shown.split('id="id_path_error"')[1].split("</div>")[0]
    assert "Member must satisfy" not in shown
    assert "Change details" not in shown


def test_the_links_are_a_file_too_in_which_no_name_is_a_formula(administrator):
    asked = {"user_names": "dora\n=emil", "access": "invite", "path": "/", "create": "1"}
    page = administrator.post(reverse("accounts:user-create"), asked, follow=True)
    head, *lines = csv.reader(StringIO(base64.b64decode(page.context["file"].partition(",")[2]).decode()))
    made = page.context["made"]
    until = {row.user.name: row.expires_at for row in PasswordLink.objects.all()}
    assert head == ["User name", "Link", "Valid until"]
    assert lines == [
        ["dora", made[0]["link"], until["dora"].strftime("%Y-%m-%dT%H:%M:%SZ")],
        ["'=emil", made[1]["link"], until["=emil"].strftime("%Y-%m-%dT%H:%M:%SZ")],
    ]
    assert page.context["file_name"] == "invitations.csv"
    assert 'download="invitations.csv"' in page.content.decode()


def test_no_name_beside_a_password_is_a_formula(administrator):
    asked = {"user_names": "=emil", "access": "password", "path": "/", "create": "1"}
    page = administrator.post(reverse("accounts:user-create"), asked, follow=True)
    assert "\n'=emil," in base64.b64decode(page.context["file"].partition(",")[2]).decode().replace("\r", "")


def test_users_with_generated_passwords(administrator, client, account):
    asked = {"user_names": "dora\nemil", "access": "password", "path": "/"}
    review = text(administrator.post(reverse("accounts:user-create"), asked | {"review": "1"}))
    assert "With a generated password" in review
    assert "These users will be able to do nothing yet" in review
    one = text(administrator.post(reverse("accounts:user-create"), asked | {"user_names": "dora", "review": "1"}))
    assert "This user will be able to do nothing yet" in one
    made = administrator.post(reverse("accounts:user-create"), asked | {"create": "1"}, follow=True)
    shown = {each["name"]: each["password"] for each in made.context["made"]}
    assert [password in made.content.decode() for password in map(escape, shown.values())] == [True, True]
    assert len(set(shown.values())) == 2
    head, *lines = base64.b64decode(made.context["file"].partition(",")[2]).decode().splitlines()
    assert head == "User name,Password,Console sign-in URL"
    assert [line.endswith(f"/sign-in/{account.pk}/") for line in lines] == [True, True]
    assert "/sign-in/" in text(administrator.get(reverse("accounts:user-create"))), (
        "a refresh must not lose the passwords"
    )
    administrator.post(reverse("accounts:user-create"), {"done": "1"})
    assert not administrator.get(reverse("accounts:user-create")).context.get("made")
    profile = LoginProfile.objects.get(user__name="dora")
    assert profile.reset_required
    entered = client.post(
        reverse("accounts:sign-in"), {"account": account.pk, "user_name": "dora", "password": shown["dora"]}
    )
    assert entered.status_code == 302
    records = " ".join(Event.objects.values_list("record", flat=True))
    assert not any(password in records for password in shown.values())


@pytest.mark.parametrize("arn", ["gone", "arn:aws:iam::aws:policy/", "../x", "arn:aws:iam::123456789012:policy/a/b"])
def test_a_review_of_a_policy_that_is_none_is_a_page(administrator, arn):
    asked = {"user_names": "dora", "access": "none", "path": "/", "policies": arn, "review": "1"}
    assert administrator.post(reverse("accounts:user-create"), asked).status_code == 200


def test_only_so_many_passwords_at_once(administrator):
    asked = {"user_names": "\n".join(f"u{n}" for n in range(51)), "access": "password", "path": "/", "create": "1"}
    page = text(administrator.post(reverse("accounts:user-create"), asked))
    assert "Give at most 50 users a generated password at once." in page
    assert not User.objects.filter(name="u1").exists()


def test_every_wrong_line_is_named_and_nothing_typed_is_lost(administrator, dora):
    asked = {"user_names": "DORA\nno spaces\nemil\nEmil", "access": "none", "path": "/", "create": "1"}
    page = text(administrator.post(reverse("accounts:user-create"), asked))
    for sentence in (
        "Line 1: DORA exists already.",
        "Line 2: no spaces is no user name. Use up to 64 letters, digits and + = , . @ _ -.",
        "Line 4: Emil is typed twice.",
    ):
        assert sentence in page
    assert "no spaces emil Emil</textarea>" in page
    assert User.objects.filter(name="emil").count() == 0


def test_a_refused_creation_creates_none_of_them(administrator, system):
    asked = {
        "user_names": "dora\nemil",
        "access": "none",
        "path": "/",
        "policies": "arn:aws:iam::123456789012:policy/gone",
        "create": "1",
    }
    page = text(administrator.post(reverse("accounts:user-create"), asked))
    assert "Policy arn:aws:iam::123456789012:policy/gone does not exist or is not attachable." in page
    assert not User.objects.filter(name__in=["dora", "emil"]).exists()


def test_more_groups_than_a_user_may_be_in_are_refused_at_the_field(administrator, system):
    for number in range(11):
        create_group(system, group_name=f"g{number}")
    asked = {"user_names": "dora", "access": "none", "path": "/", "groups": [f"g{n}" for n in range(11)], "create": "1"}
    answer = administrator.post(reverse("accounts:user-create"), asked)
    assert answer.context["form"]["groups"].errors == ["Choose at most 10."]
    assert not User.objects.filter(name="dora").exists()


def test_permissions_are_copied_from_a_user(administrator, system, dora):
    create_group(system, group_name="ops")
    add_user_to_group(system, group_name="ops", user_name="dora")
    put_user_policy(system, user_name="dora", policy_name="reading", policy_document=READ)
    asked = {"user_names": "emil", "access": "none", "path": "/", "copy_from": "dora", "create": "1"}
    administrator.post(reverse("accounts:user-create"), asked)
    emil = User.objects.get(name="emil")
    assert emil.groups.get().name == "ops"
    assert emil.inline_policies.get().document == READ


def test_a_missing_user_is_not_found_for_who_may_ask(administrator, account):
    assert administrator.get(reverse("accounts:user", args=["nobody"])).status_code == 404


def test_a_stranger_does_not_see_the_user(client, other_account, make_user, dora):
    sign_in(client, make_user("charlie", ADMINISTRATOR, "210987654321"))
    assert client.get(reverse("accounts:user", args=["dora"])).status_code == 404
    assert "dora" not in text(client.get(reverse("accounts:users")))


def test_nobody_is_sent_to_sign_in_and_back(client, account):
    response = client.get(reverse("accounts:users"))
    assert response.status_code == 302
    assert "/sign-in/" in response["Location"]
