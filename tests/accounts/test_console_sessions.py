"""Sessions of the console: they rotate, expire and can be ended."""

from datetime import timedelta

from django.urls import reverse

from accounts.models import Account, ConsoleSession, LoginProfile, User
from tests.accounts.browser import Browser, give_password


class TestSessions:
    def test_key_changes_at_sign_in(self, person, erin):
        person.get(reverse("accounts:sign-in-factor"))
        before = person.session.session_key
        person.sign_in(erin)
        assert person.session.session_key != before

    def test_the_database_holds_a_hash_only(self, person, erin):
        person.sign_in(erin)
        key = person.cookies["iamconsole_session"].value
        assert not ConsoleSession.objects.filter(session_key=key).exists()
        assert all(key not in row.session_data for row in ConsoleSession.objects.all())

    def test_cookie(self, person, erin):
        person.sign_in(erin)
        cookie = person.cookies["iamconsole_session"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"

    def test_idle(self, person, erin, clock):
        person.sign_in(erin)
        for _ in range(5):
            clock.shift(timedelta(minutes=50))
            assert person.get(reverse("accounts:sessions")).status_code == 200
        clock.shift(timedelta(minutes=60))
        assert person.get(reverse("accounts:sessions")).status_code == 302
        assert not ConsoleSession.objects.filter(user=erin).exists()

    def test_idle_time_is_the_accounts(self, person, erin, clock):
        Account.objects.update(session_idle_minutes=5)
        person.sign_in(erin)
        clock.shift(301)
        assert person.get(reverse("accounts:sessions")).status_code == 302

    def test_twelve_hours_whatever_happens(self, person, erin, clock):
        person.sign_in(erin)
        for _ in range(23):
            clock.shift(timedelta(minutes=30))
            assert person.get(reverse("accounts:sessions")).status_code == 200
        clock.shift(timedelta(minutes=30))
        assert person.get(reverse("accounts:sessions")).status_code == 302

    def test_listed_with_device_and_address(self, person, erin):
        person.sign_in(erin)
        other = Browser(REMOTE_ADDR="192.0.2.44", HTTP_USER_AGENT="Netscape 4")
        other.sign_in(erin)
        page = person.get(reverse("accounts:sessions")).content.decode()
        assert "Netscape 4" in page
        assert "192.0.2.44" in page
        assert page.count("this session") == 1

    def test_sessions_that_have_ended_are_swept(self, person, erin, clock):
        Browser().sign_in(erin)
        clock.shift(timedelta(hours=13))
        person.sign_in(erin)
        assert ConsoleSession.objects.count() == 1

    def test_end_one(self, person, erin):
        person.sign_in(erin)
        other = Browser()
        other.sign_in(erin)
        person.post(reverse("accounts:sessions"), {"session": other.session["session_id"]})
        assert other.get(reverse("accounts:sessions")).status_code == 302
        assert person.get(reverse("accounts:sessions")).status_code == 200

    def test_end_the_others_and_all(self, person, erin):
        person.sign_in(erin)
        other = Browser()
        other.sign_in(erin)
        person.post(reverse("accounts:sessions"), {"session": "others"})
        assert other.get(reverse("accounts:sessions")).status_code == 302
        assert person.post(reverse("accounts:sessions"), {"session": "all"}).url == reverse("accounts:sign-in")
        assert not ConsoleSession.objects.filter(user=erin).exists()

    def test_of_another_user_needs_the_permission(self, person, erin, make_user):
        give_password(make_user("fred"))
        person.sign_in(erin)
        assert person.get(reverse("accounts:user-sessions", args=["fred"])).status_code == 403

    def test_a_deleted_user_is_signed_out(self, person, erin):
        person.sign_in(erin)
        LoginProfile.objects.all().delete()
        User.objects.filter(pk=erin.pk).delete()
        assert person.get(reverse("accounts:sessions")).status_code == 302

    def test_sign_out(self, person, erin):
        person.sign_in(erin)
        assert person.get(reverse("accounts:sign-out")).status_code == 405
        person.post(reverse("accounts:sign-out"))
        assert not person.is_signed_in
        assert not ConsoleSession.objects.filter(user=erin).exists()
