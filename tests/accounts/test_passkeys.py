"""Passkeys: enrolled, used as second factor, in place of the password and to confirm; forged, replayed and cloned ones are refused."""

import html
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import MfaDevice, PasswordPolicy, User
from operations.models import Event
from tests.accounts.authenticator import Authenticator
from tests.accounts.browser import ALL_IAM, HOME, PASSWORD, Browser, give_password, text_of

NOW = datetime(2026, 3, 2, 9, 0, 10, tzinfo=UTC)


class LocalBrowser(Browser):
    """A browser at http://localhost, where passkeys are possible without HTTPS."""

    def __init__(self, **defaults):
        super().__init__(HTTP_HOST="localhost", **defaults)


def options_of(page):
    return html.unescape(re.search(r'data-options="([^"]+)"', page.content.decode())[1])


def enrol(person, authenticator, name="laptop"):
    page = reverse("accounts:add-passkey")
    return person.post(page, {"name": name, "passkey": authenticator.create(options_of(person.get(page)))})


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def erin(clock, make_user):
    return give_password(make_user("erin", ALL_IAM))


@pytest.fixture
def person(erin):
    visitor = LocalBrowser()
    visitor.sign_in(erin)
    return visitor


@pytest.fixture
def passkey(person):
    authenticator = Authenticator()
    assert enrol(person, authenticator).status_code == 302
    return authenticator


class TestEnrolment:
    def test_enrolled(self, person, erin):
        authenticator = Authenticator()
        assert enrol(person, authenticator).url == reverse("accounts:recovery-codes")
        device = MfaDevice.objects.get()
        assert device.serial_number.startswith("arn:aws:iam::123456789012:u2f/user/erin/laptop-")
        assert (device.user, device.kind, device.transports, device.sign_count) == (erin, "passkey", ["internal"], 1)
        assert person.get(HOME).wsgi_request.caller.context["aws:MultiFactorAuthPresent"] == "true"
        record = json.loads(Event.objects.get(name="RegisterPasskey").record)
        assert record["decision"]["action"] == "iam:EnableMFADevice"

    def test_twice(self, person, passkey):
        assert "already registered" in text_of(enrol(person, passkey))
        assert MfaDevice.objects.count() == 1

    @pytest.mark.parametrize(
        "change",
        [{"origin": "http://evil.example"}, {"challenge": "AAAA"}, {"type": "webauthn.get"}],
        ids=["origin", "challenge", "type"],
    )
    def test_forged(self, change, person):
        page = reverse("accounts:add-passkey")
        answer = Authenticator().create(options_of(person.get(page)), **change)
        assert "could not be verified" in text_of(person.post(page, {"name": "laptop", "passkey": answer}))
        assert not MfaDevice.objects.exists()

    @pytest.mark.parametrize("answer", ["{}", "[]", "null", "no json", '{"id":"x","response":{}}', '{"response":3}'])
    def test_no_answer_at_all(self, answer, person):
        page = reverse("accounts:add-passkey")
        person.get(page)
        assert "could not be verified" in text_of(person.post(page, {"name": "laptop", "passkey": answer}))

    def test_a_challenge_counts_once(self, person):
        page = reverse("accounts:add-passkey")
        answer = Authenticator().create(options_of(person.get(page)))
        person.post(page, {"name": "not a name!", "passkey": answer})
        assert "could not be verified" in text_of(person.post(page, {"name": "laptop", "passkey": answer}))

    def test_a_challenge_lasts_five_minutes(self, person, clock):
        page = reverse("accounts:add-passkey")
        options = options_of(person.get(page))
        clock.shift(301)
        assert "could not be verified" in text_of(
            person.post(page, {"name": "laptop", "passkey": Authenticator().create(options)})
        )

    def test_not_possible_on_an_address(self, erin):
        visitor = Browser(HTTP_HOST="127.0.0.1:8000")
        visitor.sign_in(erin)
        assert "opened by a host name over HTTPS" in text_of(visitor.get(reverse("accounts:add-passkey")))

    def test_denied(self, clock, make_user):
        visitor = LocalBrowser()
        visitor.sign_in(give_password(make_user("gina")))
        address = reverse("accounts:add-passkey")
        for answer in (visitor.get(address), visitor.post(address, {"name": "mine", "passkey": "{}"})):
            assert "Create the passkey" not in text_of(answer)
            assert "iam:EnableMFADevice" in text_of(answer)
        assert not MfaDevice.objects.exists()

    def test_the_condition_key_of_security_keys(self, clock, make_user):
        document = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:EnableMFADevice","Resource":"*",
        "Condition":{"StringNotEquals":{"iam:RegisterSecurityKey":"Create"}}}]}"""
        visitor = LocalBrowser()
        visitor.sign_in(give_password(make_user("gina", document)))
        assert "is not authorized" in text_of(enrol(visitor, Authenticator()))


class TestSecondFactor:
    def sign_in(self, erin, passkey, **changes):
        visitor = LocalBrowser()
        assert visitor.sign_in(erin).url == reverse("accounts:sign-in-factor")
        options = options_of(visitor.get(reverse("accounts:sign-in-factor")))
        return visitor, visitor.post(reverse("accounts:sign-in-factor"), {"passkey": passkey.get(options, **changes)})

    def test_signed_in(self, erin, passkey):
        visitor, answer = self.sign_in(erin, passkey)
        assert answer.url == "/"
        login = json.loads(Event.objects.filter(name="ConsoleLogin").latest("id").record)
        assert login["additionalEventData"]["MFAIdentifier"] == MfaDevice.objects.get().serial_number
        assert visitor.get(HOME).status_code == 200

    def test_of_somebody_else(self, erin, passkey):
        visitor, answer = self.sign_in(erin, Authenticator())
        assert answer.status_code == 403
        assert not visitor.is_signed_in
        assert (
            json.loads(Event.objects.filter(name="ConsoleLogin").latest("id").record)["errorMessage"]
            == "Failed authentication"
        )

    def test_for_another_site(self, erin, passkey):
        assert self.sign_in(erin, passkey, origin="http://evil.example")[1].status_code == 403

    def test_a_clone_is_refused(self, erin, passkey):
        self.sign_in(erin, passkey)
        passkey.counter = 0
        assert self.sign_in(erin, passkey)[1].status_code == 403

    def test_a_passkey_without_counter(self, person, erin):
        authenticator = Authenticator(counts=False)
        enrol(person, authenticator)
        for _ in range(2):
            assert self.sign_in(erin, authenticator)[1].url == "/"

    def test_an_answer_counts_once(self, erin, passkey):
        visitor = LocalBrowser()
        visitor.sign_in(erin)
        answer = passkey.get(options_of(visitor.get(reverse("accounts:sign-in-factor"))))
        assert visitor.post(reverse("accounts:sign-in-factor"), {"passkey": answer}).url == "/"
        other = LocalBrowser()
        other.sign_in(erin)
        other.get(reverse("accounts:sign-in-factor"))
        assert other.post(reverse("accounts:sign-in-factor"), {"passkey": answer}).status_code == 403


class TestInPlaceOfThePassword:
    PAGE = "/sign-in/passkey/"

    def sign_in(self, passkey, **changes):
        visitor = LocalBrowser()
        return visitor, visitor.post(
            self.PAGE, {"passkey": passkey.get(options_of(visitor.get(self.PAGE)), **changes), "next": HOME}
        )

    def test_signed_in_with_mfa(self, passkey, erin):
        visitor, answer = self.sign_in(passkey)
        assert answer.url == HOME
        context = visitor.get(HOME).wsgi_request.caller.context
        assert context["aws:MultiFactorAuthPresent"] == "true"
        assert json.loads(Event.objects.filter(name="CheckMfa").latest("id").record)["additionalEventData"] == {
            "MfaType": "Passkey"
        }

    def test_the_person_must_be_verified(self, person, erin):
        authenticator = Authenticator(verifies=False)
        enrol(person, authenticator)
        visitor, answer = self.sign_in(authenticator)
        assert answer.status_code == 403
        assert not visitor.is_signed_in

    def test_unknown_passkey(self, erin):
        visitor, answer = self.sign_in(Authenticator())
        assert answer.status_code == 403
        assert not visitor.is_signed_in

    def test_not_without_console_access(self, passkey, erin):
        erin.login_profile.delete()
        assert self.sign_in(passkey)[1].status_code == 403

    def test_an_expired_password_holds_all_the_same(self, passkey, erin, clock):
        PasswordPolicy.objects.create(account_id="123456789012", max_age=30, hard_expiry=True)
        clock.shift(timedelta(days=31))
        visitor, answer = self.sign_in(passkey)
        assert "has expired" in text_of(answer)
        PasswordPolicy.objects.update(hard_expiry=False)
        visitor, answer = self.sign_in(passkey)
        assert visitor.get(HOME).url == reverse("accounts:change-password")

    def test_no_session_row_for_opening_the_password_form(self, account):
        from accounts.models import ConsoleSession

        Browser().get(reverse("accounts:sign-in"))
        assert not ConsoleSession.objects.exists()


class TestConfirming:
    def test_in_place(self, person, passkey, erin, clock):
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:create-access-key")
        asked = person.post(target, {"description": "kept"})
        token = re.search(r'name="_confirm" value="([^"]+)"', asked.content.decode())[1]
        done = person.post(target, {"_confirm": token, "passkey": passkey.get(options_of(asked))})
        assert done.status_code == 302
        assert erin.access_keys.get().description == "kept"

    def test_recorded_either_way(self, person, passkey, erin, clock):
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:create-access-key")
        asked = person.post(target, {})
        token = re.search(r'name="_confirm" value="([^"]+)"', asked.content.decode())[1]
        before = Event.objects.filter(name="CheckMfa").count()
        refused = person.post(target, {"_confirm": token, "passkey": "{}"})
        assert refused.status_code == 403
        event = Event.objects.filter(name="CheckMfa").latest("sequence")
        assert (event.user_name, Event.objects.filter(name="CheckMfa").count()) == ("erin", before + 1)
        assert '"CheckMfa":"Failure"' in event.record
        assert '"MfaType":"Passkey"' in event.record
        token = re.search(r'name="_confirm" value="([^"]+)"', refused.content.decode())[1]
        person.post(target, {"_confirm": token, "passkey": passkey.get(options_of(refused))})
        assert '"CheckMfa":"Success"' in Event.objects.filter(name="CheckMfa").latest("sequence").record

    def test_the_password_does_not_do(self, person, passkey, erin, clock):
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:create-access-key")
        asked = person.post(target, {})
        token = re.search(r'name="_confirm" value="([^"]+)"', asked.content.decode())[1]
        assert person.post(target, {"_confirm": token, "password": PASSWORD}).status_code == 403
        assert not erin.access_keys.exists()


def test_removed(person, passkey, erin):
    device = MfaDevice.objects.get()
    assert person.post(reverse("accounts:remove-mfa-device", args=[device.pk])).url == HOME
    assert not MfaDevice.objects.exists()
    assert User.objects.get(pk=erin.pk).mfa_device_count == 0
    assert LocalBrowser().sign_in(erin).url == "/"
