"""MFA at the browser: devices are enrolled, recovery codes made and used, a device required at the first sign-in."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import mfa
from accounts.models import (
    Account,
    MfaDevice,
    RecoveryCode,
    User,
)
from accounts.operations.recovery_codes import create_recovery_codes, reset_user_mfa
from operations.errors import AccessDenied, InvalidInput
from operations.models import Event
from tests.accounts.browser import (
    ALL_IAM,
    HOME,
    NOW,
    Browser,
    codes_of,
    enrol,
    give_device,
    give_password,
    shown_seed,
    text_of,
)


class TestEnrolment:
    @pytest.fixture
    def at_home(self, person, user_with):
        person.sign_in(user_with(ALL_IAM))
        return person

    def test_the_page(self, at_home):
        page = at_home.get(reverse("accounts:add-mfa-device"))
        seed = shown_seed(page)
        content = page.content.decode()
        assert f"otpauth://totp/IAM%20console:erin@123456789012?secret={seed}&amp;issuer=IAM%20console" in content
        assert 'src="data:image/svg+xml' in content
        assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
        assert shown_seed(at_home.get(reverse("accounts:add-mfa-device"))) == seed

    def test_nothing_is_stored_before_two_codes(self, at_home):
        at_home.get(reverse("accounts:add-mfa-device"))
        at_home.post(reverse("accounts:add-mfa-device"), {"name": "phone", "code1": "000000", "code2": "111111"})
        assert not MfaDevice.objects.exists()
        assert enrol(at_home).status_code == 302
        assert MfaDevice.objects.get().user.name == "erin"

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (
                lambda first, second: (second, "000000"),
                "The first code is right; the second one is not the code that comes after it.",
            ),
            (lambda first, second: ("000000", second), "The first code is wrong."),
            (lambda first, second: (first, first), "The second code is the first one again."),
        ],
    )
    def test_which_code_is_wrong(self, change, sentence, at_home):
        seed = shown_seed(at_home.get(reverse("accounts:add-mfa-device")))
        first, second = change(*codes_of(seed))
        page = at_home.post(reverse("accounts:add-mfa-device"), {"name": "phone", "code1": first, "code2": second})
        assert sentence in text_of(page)
        assert shown_seed(page) == seed

    def test_a_wrong_clock_is_told_in_seconds(self, at_home):
        assert "right for a clock that is 120 seconds behind" in text_of(enrol(at_home, offset=-4))
        assert "right for a clock that is 300 seconds ahead" in text_of(enrol(at_home, offset=10))

    def test_the_session_has_mfa_from_then_on(self, at_home):
        enrol(at_home)
        context = at_home.get(HOME).wsgi_request.caller.context
        assert (context["aws:MultiFactorAuthPresent"], context["aws:MultiFactorAuthAge"]) == ("true", "0")

    def test_the_name_is_taken(self, at_home, make_user):
        other = make_user("fred")
        give_device(other, "erin")
        assert 'value="erin-2"' in at_home.get(reverse("accounts:add-mfa-device")).content.decode()
        assert "already exists" in text_of(enrol(at_home, "erin"))

    def test_the_seed_is_in_no_session_row_in_clear(self, at_home):
        from django.contrib.sessions.serializers import JSONSerializer  # noqa: F401 - the rows below are decoded with it

        from accounts.models import ConsoleSession

        seed = shown_seed(at_home.get(reverse("accounts:add-mfa-device")))
        assert all(seed not in str(row.get_decoded()) for row in ConsoleSession.objects.all())

    def test_root(self, person, account, clock):
        person.sign_in(give_password(User.everyone.get(is_root=True)))
        assert enrol(person, "root-account-mfa-device").status_code == 302
        assert MfaDevice.objects.get().serial_number == "arn:aws:iam::123456789012:mfa/root-account-mfa-device"
        assert person.get(HOME).status_code == 200

    def test_resynchronise(self, at_home, clock):
        enrol(at_home)
        device = MfaDevice.objects.get()
        clock.shift(timedelta(minutes=8))
        first, second = codes_of(device.seed, 6)
        page = at_home.post(reverse("accounts:resync-mfa-device", args=[device.pk]), {"code1": first, "code2": second})
        assert page.url == HOME
        device.refresh_from_db()
        assert device.drift == 6

    def test_device_of_somebody_else(self, at_home, make_user):
        device = give_device(make_user("fred"))
        for page in ("resync-mfa-device", "remove-mfa-device"):
            assert at_home.get(reverse(f"accounts:{page}", args=[device.pk])).status_code == 404


class TestRecoveryCodes:
    @pytest.fixture
    def enrolled(self, person, user_with):
        person.sign_in(user_with(ALL_IAM))
        enrol(person)
        return person

    def make(self, person):
        assert person.post(reverse("accounts:recovery-codes")).url == reverse("accounts:recovery-codes")
        page = person.get(reverse("accounts:recovery-codes"))
        return re.findall(r"<li>([A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4})</li>", page.content.decode())

    def test_made_shown_and_proved(self, enrolled):
        codes = self.make(enrolled)
        assert len(set(codes)) == 10
        assert "waits for one of its codes" in text_of(enrolled.get(HOME))
        wrong = enrolled.post(reverse("accounts:recovery-codes"), {"recovery_code": "AAAA-BBBB-CCCC"})
        assert "none of the new recovery codes" in text_of(wrong)
        assert enrolled.post(reverse("accounts:recovery-codes"), {"recovery_code": codes[4]}).url == HOME
        assert RecoveryCode.objects.exclude(confirmed_at=None).count() == 10
        assert codes[0] not in enrolled.get(reverse("accounts:recovery-codes")).content.decode()
        assert "10 codes are left" in text_of(enrolled.get(HOME))

    def test_stored_hashed(self, enrolled):
        codes = self.make(enrolled)
        stored = list(RecoveryCode.objects.values_list("code_digest", flat=True))
        assert all(len(digest) == 64 and digest not in codes for digest in stored)

    def test_a_new_set_replaces_the_old_one_when_proved(self, enrolled, clock):
        first = self.make(enrolled)
        enrolled.post(reverse("accounts:recovery-codes"), {"recovery_code": first[0]})
        second = self.make(enrolled)
        user = User.objects.get(name="erin")
        assert Browser().sign_in(user, code=second[0]).status_code == 403
        assert Browser().sign_in(user, code=first[0]).url == "/"
        enrolled.post(reverse("accounts:recovery-codes"), {"recovery_code": second[0]})
        assert Browser().sign_in(user, code=first[1]).status_code == 403
        assert Browser().sign_in(user, code=second[0]).url == "/"

    def test_few_left_is_said(self, enrolled):
        codes = self.make(enrolled)
        enrolled.post(reverse("accounts:recovery-codes"), {"recovery_code": codes[0]})
        RecoveryCode.objects.filter(pk__in=list(RecoveryCode.objects.values_list("pk", flat=True)[:7])).update(
            used_at=NOW
        )
        assert "Only 3 recovery codes are left" in text_of(enrolled.get(HOME))

    def test_need_a_device_and_the_console(self, make_user, caller_of):
        from dataclasses import replace

        caller = caller_of(make_user("gina", ALL_IAM))
        with pytest.raises(InvalidInput, match="enable a device first"):
            create_recovery_codes(caller)
        with pytest.raises(AccessDenied, match="in the console only"):
            create_recovery_codes(replace(caller, door="api"))

    def test_not_recorded(self, enrolled):
        codes = self.make(enrolled)
        enrolled.post(reverse("accounts:recovery-codes"), {"recovery_code": codes[0]})
        records = "".join(Event.objects.values_list("record", flat=True))
        assert not any(code in records for code in codes)

    def test_reset_by_an_administrator(
        self, admin, enrolled, mailoutbox, django_capture_on_commit_callbacks, last_event
    ):
        User.objects.filter(name="erin").update(email="erin@example.com")
        with django_capture_on_commit_callbacks(execute=True):
            answer = reset_user_mfa(admin, user_name="erin", reason="phone lost, seen in person")
        assert answer["SerialNumbers"] == ["arn:aws:iam::123456789012:mfa/phone"]
        record = last_event()
        assert (record["eventName"], record["additionalEventData"]) == (
            "ResetUserMFA",
            {"reason": "phone lost, seen in person"},
        )
        assert "phone lost, seen in person" in mailoutbox[-1].body
        assert not MfaDevice.objects.exists()
        assert not RecoveryCode.objects.exists()
        assert enrolled.get(HOME).status_code == 302
        with pytest.raises(InvalidInput, match="has no MFA device"):
            reset_user_mfa(admin, user_name="erin", reason="again")


def test_require_mfa_at_the_first_sign_in(person, user_with):
    Account.objects.update(require_mfa=True)
    person.sign_in(user_with(ALL_IAM))
    assert person.get(HOME).url == reverse("accounts:add-mfa-device")
    assert "An MFA device is needed" in text_of(person.get(reverse("accounts:add-mfa-device")))
    enrol(person)
    assert person.get(HOME).status_code == 200
    assert mfa.devices_of(User.objects.get(name="erin"))
