"""Signing in: neutral, recorded, slowed down under attack; passwords that have become too old."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts import signin
from accounts.models import Account, LoginProfile, PasswordPolicy, Throttle, User
from accounts.operations.login_profiles import update_login_profile
from operations.models import Event
from tests.accounts.browser import NOW, PASSWORD, Browser, code_of, give_device, give_password, sign_ins


class TestPassword:
    @pytest.mark.parametrize("typed", ["123456789012", "1234-5678-9012", "example", " EXAMPLE "])
    @pytest.mark.parametrize("name", ["erin", "ERIN"])
    def test_by_account_id_or_alias(self, typed, name, person, erin):
        Account.objects.filter(pk="123456789012").update(alias="example")
        response = person.post(reverse("accounts:sign-in"), {"account": typed, "user_name": name, "password": PASSWORD})
        assert (response.status_code, response.url) == (302, "/")
        assert person.is_signed_in

    def test_back_to_the_page_asked_for(self, person, erin):
        wanted = reverse("accounts:sessions")
        assert person.get(wanted).url == f"/sign-in/?next={wanted.replace('/', '%2F')}"
        assert person.sign_in(erin, next=wanted).url == wanted

    @pytest.mark.parametrize("foreign", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
    def test_never_to_a_foreign_page(self, foreign, person, erin):
        assert person.sign_in(erin, next=foreign).url == "/"

    def test_root_by_email(self, person, account, clock):
        user = give_password(User.everyone.get(is_root=True))
        assert (
            person.post(reverse("accounts:sign-in-root"), {"email": "ROOT@example.com", "password": PASSWORD}).url
            == "/"
        )
        assert person.session["user_id"] == user.pk

    def test_recorded_as_console_login(self, person, erin):
        person.sign_in(erin, next="/x")
        record = json.loads(Event.objects.get(name="ConsoleLogin").record)
        assert record["eventSource"] == "signin.amazonaws.com"
        assert record["eventType"] == "AwsConsoleSignIn"
        assert record["responseElements"] == {"ConsoleLogin": "Success"}
        assert record["additionalEventData"] == {
            "LoginTo": "http://testserver/x",
            "MobileVersion": "No",
            "MFAUsed": "No",
        }
        assert record["userIdentity"]["userName"] == "erin"
        erin.refresh_from_db()
        assert erin.password_last_used == erin.last_activity_at == NOW

    def test_wrong_password(self, person, erin):
        response = person.sign_in(erin, "Wrong")
        assert response.status_code == 403
        assert signin.NEUTRAL in response.content.decode()
        assert sign_ins() == [("Failure", "Failed authentication")]
        assert not person.is_signed_in

    def test_unknown_user_is_hidden_in_the_record(self, person, erin):
        given = {"account": "123456789012", "user_name": "My-Secret-Passw0rd", "password": "x"}
        response = person.post(reverse("accounts:sign-in"), given)
        assert signin.NEUTRAL in response.content.decode()
        record = Event.objects.get(name="ConsoleLogin").record
        assert "My-Secret-Passw0rd" not in record
        assert json.loads(record)["userIdentity"]["userName"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
        assert "accessKeyId" not in json.loads(record)["userIdentity"]
        assert json.loads(record)["errorMessage"] == "No username found in supplied account"

    def test_unknown_account_reads_the_same(self, person, erin):
        pages = []
        for account, name in (
            ("123456789012", "erin"),
            ("123456789012", "zoe"),
            ("999999999999", "erin"),
            ("nowhere", "erin"),
        ):
            page = Browser().post(reverse("accounts:sign-in"), {"account": account, "user_name": name, "password": "x"})
            text = page.content.decode()
            pages.append((page.status_code, signin.NEUTRAL in text, text.count("error-summary")))
        assert set(pages) == {(403, True, 1)}
        assert Event.objects.filter(account_id="000000000000").count() == 2

    def test_every_refusal_hashes_once(self, person, erin, make_user, monkeypatch):
        """Equal time: whether account, user or password is wrong, one password is hashed."""
        from accounts import passwords

        hashes = []
        make, check = passwords.make_password, passwords.check_password
        monkeypatch.setattr(passwords, "make_password", lambda text: hashes.append("make") or make(text))
        monkeypatch.setattr(passwords, "check_password", lambda *given: hashes.append("check") or check(*given))
        make_user("keyless")
        for account, name in (
            ("123456789012", "erin"),
            ("123456789012", "zoe"),
            ("123456789012", "keyless"),
            ("999999999999", "erin"),
        ):
            hashes.clear()
            Browser().post(reverse("accounts:sign-in"), {"account": account, "user_name": name, "password": "x"})
            assert len(hashes) == 1

    def test_no_console_access(self, person, make_user, clock):
        assert person.sign_in(make_user("gina")).status_code == 403

    def test_open_invitation_lets_nobody_in(self, person, make_user, clock):
        user = make_user("gina")
        LoginProfile.objects.create(user=user)
        for password in ("", " ", "x"):
            person.sign_in(user, password)
            assert not person.is_signed_in

    def test_an_outdated_hash_is_replaced(self, person, erin, settings):
        settings.PASSWORD_HASHERS = [
            "django.contrib.auth.hashers.Argon2PasswordHasher",
            "django.contrib.auth.hashers.MD5PasswordHasher",
        ]
        person.sign_in(erin)
        assert LoginProfile.objects.get(user=erin).password_hash.startswith("argon2$argon2id")
        assert Browser().sign_in(erin).status_code == 302

    def test_failed_sign_ins_are_told_afterwards(self, person, erin):
        for _ in range(2):
            Browser().sign_in(erin, "Wrong")
        person.sign_in(erin)
        page = person.get(reverse("accounts:security-credentials")).content.decode()
        assert "2 sign-ins with your name failed" in page


class TestUnderAttack:
    def fail(self, person, user, times):
        return [person.sign_in(user, "Wrong").content.decode() for _ in range(times)][-1]

    def test_delays_grow(self, person, erin, clock):
        assert "Wait" not in self.fail(person, erin, 2)
        waits = []
        for _ in range(12):
            self.fail(person, erin, 1)
            until = max(row.blocked_until for row in Throttle.objects.exclude(blocked_until=None))
            waits.append(int((until - datetime.now(UTC)).total_seconds()))
            clock.move_to(until)
        assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]

    def test_the_wait_is_said_and_nothing_is_tested_meanwhile(self, person, erin, clock):
        self.fail(person, erin, 3)
        page = person.sign_in(erin).content.decode()
        assert "Too many attempts" in page
        assert "Wait 1 second" in page
        assert not person.is_signed_in
        clock.shift(2)
        assert person.sign_in(erin).status_code == 302

    def test_unknown_users_are_delayed_alike(self, person, erin):
        given = {"account": "123456789012", "user_name": "zoe", "password": "x"}
        for _ in range(3):
            person.post(reverse("accounts:sign-in"), given)
        assert "Too many attempts" in person.post(reverse("accounts:sign-in"), given).content.decode()

    def test_success_forgives(self, person, erin, clock):
        self.fail(person, erin, 2)
        person.sign_in(erin)
        assert "Wait" not in self.fail(Browser(), erin, 2)

    def test_one_address_trying_many_users(self, person, clock, account):
        for number in range(20):
            person.post(
                reverse("accounts:sign-in"), {"account": "123456789012", "user_name": f"user{number}", "password": "x"}
            )
        page = person.post(
            reverse("accounts:sign-in"), {"account": "123456789012", "user_name": "another", "password": "x"}
        )
        assert "Too many attempts" in page.content.decode()

    def test_many_addresses_slow_down_new_browsers_by_a_minute_at_most(self, erin, clock):
        for number in range(60):
            attacker = Browser(REMOTE_ADDR=f"198.51.100.{number}")
            clock.shift(61)
            self.fail(attacker, erin, 1)
        page = Browser(REMOTE_ADDR="192.0.2.9").sign_in(erin).content.decode()
        assert "Wait 1 minute" in page
        clock.shift(61)
        assert Browser(REMOTE_ADDR="192.0.2.9").sign_in(erin).status_code == 302

    def test_a_known_browser_is_never_delayed_by_others(self, person, erin, clock):
        person.sign_in(erin)
        person.post(reverse("accounts:sign-out"))
        for number in range(60):
            self.fail(Browser(REMOTE_ADDR=f"198.51.100.{number}"), erin, 1)
        assert person.sign_in(erin).status_code == 302

    def test_a_forged_cookie_is_no_known_browser(self, person, erin):
        person.cookies["iamconsole_known"] = "abc:def"
        self.fail(person, erin, 3)
        assert Throttle.objects.exclude(blocked_until=None).exists()

    def test_codes_are_slowed_down_too(self, person, erin, clock):
        device = give_device(erin)
        person.sign_in(erin)
        for _ in range(5):
            person.post(reverse("accounts:sign-in-factor"), {"code": "000000"})
        page = person.post(reverse("accounts:sign-in-factor"), {"code": code_of(device)}).content.decode()
        assert "Too many attempts" in page

    def test_no_typed_name_is_kept(self, person, erin):
        self.fail(person, erin, 1)
        assert all("erin" not in row.key for row in Throttle.objects.all())

    def test_old_counts_are_swept(self, person, erin, clock):
        self.fail(person, erin, 1)
        clock.shift(timedelta(hours=13))
        self.fail(Browser(REMOTE_ADDR="192.0.2.77"), User.everyone.get(is_root=True), 1)
        assert not Throttle.objects.filter(last_at=NOW).exists()


class TestAgeAtSignIn:
    def policy(self, **rules):
        PasswordPolicy.objects.create(account_id="123456789012", **rules)

    def test_warned_ahead(self, person, erin, clock):
        self.policy(max_age=90)
        clock.shift(timedelta(days=80))
        person.sign_in(erin)
        assert "expires in 10 days" in person.get(reverse("accounts:sessions")).content.decode()

    def test_expired_forces_a_change_and_nothing_else(self, person, erin, clock, make_user):
        self.policy(max_age=90, allow_users_to_change=True, minimum_length=8)
        clock.shift(timedelta(days=90))
        person.sign_in(erin)
        change = reverse("accounts:change-password")
        for page in ("security-credentials", "sessions", "add-mfa-device", "password-policy"):
            assert person.get(reverse(f"accounts:{page}")).url == change
        assert "must choose a new password" in person.get(change).content.decode()
        given = {"old_password": PASSWORD, "new_password": "Another-horse-2", "repeated": "Another-horse-2"}
        assert person.post(change, given).url == "/"
        assert person.get(reverse("accounts:sessions")).status_code == 200
        assert Browser().sign_in(erin, "Another-horse-2").url == "/"

    def test_first_sign_in(self, person, erin, admin):
        self.policy(allow_users_to_change=True)
        update_login_profile(admin, user_name="erin", password_reset_required=True)
        person.sign_in(erin)
        assert person.get(reverse("accounts:sessions")).url == reverse("accounts:change-password")
        assert person.post(reverse("accounts:sign-out")).status_code == 302

    def test_without_the_permission(self, person, erin, admin):
        self.policy(max_age=1)
        update_login_profile(admin, user_name="erin", password_reset_required=True)
        person.sign_in(erin)
        page = person.get(reverse("accounts:change-password")).content.decode()
        assert "You have no permission to change your password" in page

    def test_hard_expiry_refuses(self, person, erin, clock):
        self.policy(max_age=90, hard_expiry=True, allow_users_to_change=True)
        clock.shift(timedelta(days=90))
        page = person.sign_in(erin).content.decode()
        assert "Ask an administrator" in page
        assert not person.is_signed_in
        assert sign_ins() == [("Failure", "Password expired")]

    def test_hard_expiry_is_told_to_the_owner_alone(self, person, erin, clock):
        self.policy(max_age=90, hard_expiry=True)
        clock.shift(timedelta(days=90))
        assert "expired" not in person.sign_in(erin, "Wrong").content.decode()

    def test_root_does_not_age(self, person, account, clock):
        self.policy(max_age=1, hard_expiry=True)
        root = give_password(User.everyone.get(is_root=True))
        clock.shift(timedelta(days=400))
        assert person.sign_in(root).url == "/"
