"""Stories at the browser: links to choose a password, notices by mail, what administrators do for others, sessions."""

import html
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.models import (
    LoginProfile,
    PasswordLink,
    PasswordPolicy,
    User,
)
from accounts.operations.invitations import create_password_link, invite_user
from accounts.operations.login_profiles import create_login_profile
from accounts.operations.sessions import end_console_sessions, list_console_sessions
from accounts.setup_link import make_setup_link
from operations.errors import AccessDenied, EntityAlreadyExists, NoSuchEntity
from operations.models import Event
from tests.accounts.browser import (
    ALL_IAM,
    NOW,
    PASSWORD,
    Browser,
    enrol,
    give_device,
    text_of,
)


class TestLinks:
    def test_setup_of_the_root_user(self, account, clock, person):
        root = User.everyone.get(is_root=True)
        path = make_setup_link(root)
        assert person.get(path).status_code == 200
        weak = person.post(path, {"email": "owner@example.com", "new_password": "short", "repeated": "short"})
        assert "minimum length of 12" in text_of(weak)
        differ = person.post(
            path, {"email": "owner@example.com", "new_password": "Long-enough-1", "repeated": "Long-enough-2"}
        )
        assert "The two passwords differ" in text_of(differ)
        done = person.post(
            path, {"email": "Owner@example.com", "new_password": "Long-enough-1", "repeated": "Long-enough-1"}
        )
        assert done.url == reverse("accounts:sign-in-root")
        root.refresh_from_db()
        assert root.email == "owner@example.com"
        assert person.sign_in(root, "Long-enough-1").url == "/"
        assert person.get(path).status_code == 404
        record = json.loads(Event.objects.get(name="PasswordUpdated").record)
        assert record["userIdentity"]["type"] == "Root"
        assert "Long-enough-1" not in json.dumps(record)

    def test_the_address_of_another_root_user(self, account, other_account, clock, person):
        path = make_setup_link(User.everyone.get(account=account, is_root=True))
        given = {"email": "ROOT@example.org", "new_password": "Long-enough-1", "repeated": "Long-enough-1"}
        assert "belongs to the root user of another account" in text_of(person.post(path, given))
        assert person.get(path).status_code == 200

    def test_single_use_expiring_and_hashed(self, account, clock, person):
        root = User.everyone.get(is_root=True)
        first = make_setup_link(root)
        second = make_setup_link(root)
        assert person.get(first).status_code == 404
        assert second.split("/")[2] not in PasswordLink.objects.get().token_digest
        clock.shift(timedelta(hours=24))
        assert person.get(second).status_code == 404
        assert (
            person.post(
                second, {"email": "a@b.cd", "new_password": "Long-enough-1", "repeated": "Long-enough-1"}
            ).status_code
            == 404
        )

    def test_invitation(self, admin, make_user, person, last_event, clock):
        make_user("gina")
        answer = invite_user(admin, user_name="gina")
        assert answer["ExpirationDate"] == NOW + timedelta(days=7)
        assert last_event()["responseElements"]["passwordLink"] == "***"
        path = answer["PasswordLink"].removeprefix("http://127.0.0.1:8000")
        assert "Nobody else will know this password" in text_of(person.get(path))
        page = person.post(path, {"new_password": PASSWORD, "repeated": PASSWORD})
        assert page.url == reverse("accounts:sign-in-account", args=["123456789012"])
        user = User.objects.get(name="gina")
        assert user.console_access
        assert person.sign_in(user).url == "/"
        with pytest.raises(EntityAlreadyExists):
            invite_user(admin, user_name="gina")

    def test_the_policy_applies_on_the_link_page(self, admin, make_user, person, clock):
        PasswordPolicy.objects.create(account_id="123456789012", minimum_length=20)
        make_user("gina")
        path = invite_user(admin, user_name="gina")["PasswordLink"].removeprefix("http://127.0.0.1:8000")
        page = person.post(path, {"new_password": PASSWORD, "repeated": PASSWORD})
        assert "minimum length of 20" in text_of(page)
        assert LoginProfile.objects.get().password_hash == ""

    def test_new_link_for_a_forgotten_password(self, admin, make_user, person, clock):
        user = make_user("gina")
        with pytest.raises(NoSuchEntity):
            create_password_link(admin, user_name="gina")
        create_login_profile(admin, user_name="gina", password=PASSWORD)
        path = create_password_link(admin, user_name="gina")["PasswordLink"].removeprefix("http://127.0.0.1:8000")
        person.post(path, {"new_password": "Other-horse-22", "repeated": "Other-horse-22"})
        assert person.sign_in(user, "Other-horse-22").url == "/"

    def test_needs_the_permission_to_give_passwords(self, nobody, make_user):
        make_user("gina")
        with pytest.raises(AccessDenied, match="iam:CreateLoginProfile"):
            invite_user(nobody, user_name="gina")
        with pytest.raises(AccessDenied, match="iam:UpdateLoginProfile"):
            create_password_link(nobody, user_name="gina")


class TestSessionOperations:
    def test_every_user_may_see_and_end_its_own(self, nobody, make_user):
        from accounts.models import ConsoleSession

        bob = User.objects.get(name="bob")
        ConsoleSession.objects.create(
            session_key="x",
            session_data="",
            expire_date=datetime.now(UTC) + timedelta(1),
            user=bob,
            public_id="one",
            created_at=datetime.now(UTC),
        )
        assert [row["SessionId"] for row in list_console_sessions(nobody)["Sessions"]] == ["one"]
        assert end_console_sessions(nobody, session_id="one") == {"EndedSessions": 1}
        with pytest.raises(NoSuchEntity):
            end_console_sessions(nobody, session_id="one")

    def test_those_of_others_need_a_permission(self, nobody, admin, make_user):
        make_user("gina")
        for call in (list_console_sessions, end_console_sessions):
            with pytest.raises(AccessDenied):
                call(nobody, user_name="gina")
            call(admin, user_name="gina")

    def test_a_deny_wins(self, make_user, caller_of):
        user = make_user(
            "gina", '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}'
        )
        with pytest.raises(AccessDenied):
            list_console_sessions(caller_of(user))


def test_notices_are_sent_to_the_owner(person, user_with, mailoutbox, django_capture_on_commit_callbacks):
    user = user_with(ALL_IAM)
    User.objects.filter(pk=user.pk).update(email="erin@example.com")
    person.sign_in(user)
    with django_capture_on_commit_callbacks(execute=True):
        enrol(person)
        person.post(
            reverse("accounts:change-password"),
            {"old_password": PASSWORD, "new_password": "Other-horse-22", "repeated": "Other-horse-22"},
        )
    assert [mail.subject for mail in mailoutbox] == [
        "An MFA device was added (account 123456789012)",
        "Your console password was changed (account 123456789012)",
    ]
    assert all(mail.to == ["erin@example.com"] for mail in mailoutbox)


def test_a_mail_server_that_fails_undoes_nothing(
    person, user_with, settings, django_capture_on_commit_callbacks, caplog
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    user = user_with(ALL_IAM)
    User.objects.filter(pk=user.pk).update(email="erin@example.com")
    person.sign_in(user)
    with django_capture_on_commit_callbacks(execute=True):
        assert enrol(person).status_code == 302
    assert "could not be sent" in caplog.text


def test_admin_pages_about_another_user(person, user_with, make_user):
    person.sign_in(user_with(ALL_IAM))
    fred = make_user("fred")
    page = reverse("accounts:user-manage-password", args=["fred"])
    assert person.post(page, {"action": "invite"}).url == page
    shown = person.get(page).content.decode()
    link = re.search(r'data-copy="http://127.0.0.1:8000(/set-password/[^"]+)"', shown)[1]
    assert Browser().get(link).status_code == 200
    assert person.post(page, {"action": "seen"}).url == reverse("accounts:user-security-credentials", args=["fred"])
    assert link not in person.get(page).content.decode()
    person.post(page, {"action": "replace"})
    password = html.unescape(
        re.search(r'data-copy="([^"]+)" aria-label="Copy password"', person.get(page).content.decode())[1]
    )
    assert Browser().sign_in(fred, password).status_code == 302
    assert LoginProfile.objects.get(user=fred).reset_required
    person.post(page, {"action": "remove"})
    assert not LoginProfile.objects.filter(user=fred).exists()
    give_device(fred)
    reset = reverse("accounts:user-reset-mfa", args=["fred"])
    assert "is this person" in text_of(person.get(reset)) or "really this person" in text_of(person.get(reset))
    assert person.post(reset, {"reason": "lost"}).status_code == 302
    assert (
        person.post(reverse("accounts:user-set-email", args=["fred"]), {"email": "fred@example.com"}).status_code == 302
    )
    assert User.objects.get(name="fred").email == "fred@example.com"
    contained = person.post(reverse("accounts:user-contain", args=["fred"]), {"reason": "leak"})
    assert contained.status_code in {200, 403}


def test_account_of_stranger_is_not_found(person, user_with, other_account, make_user):
    make_user("charlie", None, "210987654321")
    person.sign_in(user_with(ALL_IAM))
    assert person.get(reverse("accounts:user-security-credentials", args=["charlie"])).status_code == 404
