"""The second factor at sign-in: codes, recovery codes, required devices."""

import json

import pytest
from django.urls import reverse

from accounts import mfa
from accounts.models import Account, RecoveryCode, Throttle, User
from accounts.operations.recovery_codes import confirm_recovery_codes, create_recovery_codes
from operations.models import Event
from tests.accounts.browser import Browser, code_of, give_device, sign_ins


class TestSecondFactor:
    @pytest.fixture
    def device(self, erin):
        return give_device(erin)

    def test_asked_for_after_the_password(self, person, erin, device):
        response = person.sign_in(erin)
        assert response.url == reverse("accounts:sign-in-factor")
        assert not person.is_signed_in
        assert person.get("/security-credentials/").status_code == 302
        assert person.post(reverse("accounts:sign-in-factor"), {"code": code_of(device)}).url == "/"
        assert person.is_signed_in
        login = json.loads(Event.objects.get(name="ConsoleLogin").record)
        assert login["additionalEventData"]["MFAUsed"] == "Yes"
        assert login["additionalEventData"]["MFAIdentifier"] == device.serial_number
        check = json.loads(Event.objects.get(name="CheckMfa").record)
        assert check["responseElements"] == {"CheckMfa": "Success"}

    def test_wrong_code(self, person, erin, device):
        response = person.sign_in(erin, code="000000")
        assert response.status_code == 403
        assert sign_ins() == [("Failure", "Failed authentication")]
        assert not person.is_signed_in

    def test_a_used_code(self, person, erin, device):
        code = code_of(device)
        person.sign_in(erin, code=code)
        assert "was used already" in Browser().sign_in(erin, code=code).content.decode()

    def test_a_late_clock_is_told_in_seconds(self, person, erin, device):
        assert "90 seconds behind" in person.sign_in(erin, code=code_of(device, -3)).content.decode()

    def test_blanks_in_a_code(self, person, erin, device):
        code = code_of(device)
        assert person.sign_in(erin, code=f" {code[:3]} {code[3:]} ").url == "/"

    def test_five_minutes(self, person, erin, device, clock):
        person.sign_in(erin)
        clock.shift(301)
        response = person.post(reverse("accounts:sign-in-factor"), {"code": code_of(device)})
        assert response.url == reverse("accounts:sign-in")
        assert not person.is_signed_in

    def test_any_of_the_devices(self, person, erin, device):
        other = give_device(erin, "tablet")
        assert person.sign_in(erin, code=code_of(other)).url == "/"

    def test_recovery_code_once(
        self, person, erin, device, caller_of, admin, mailoutbox, django_capture_on_commit_callbacks
    ):
        User.objects.filter(pk=erin.pk).update(email="erin@example.com")
        codes = make_recovery_codes(erin, caller_of)
        with django_capture_on_commit_callbacks(execute=True):
            assert person.sign_in(erin, code=codes[0].lower().replace("-", " ")).url == "/"
        assert "9 unused codes left" in mailoutbox[-1].body
        assert (
            json.loads(Event.objects.filter(name="CheckMfa").latest("id").record)["additionalEventData"]["MfaType"]
            == "Recovery code"
        )
        assert Browser().sign_in(erin, code=codes[0]).status_code == 403
        assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 1

    def test_unconfirmed_recovery_codes_do_not_count(self, person, erin, device, caller_of):
        codes = make_recovery_codes(erin, caller_of, confirm=False)
        assert person.sign_in(erin, code=codes[0]).status_code == 403

    def test_session_facts(self, person, erin, device, clock):
        person.sign_in(erin, code=code_of(device))
        clock.shift(90)
        context = person.get(reverse("accounts:sessions")).wsgi_request.caller.context
        assert context["aws:MultiFactorAuthPresent"] == "true"
        assert context["aws:MultiFactorAuthAge"] == "90"
        assert context["aws:TokenIssueTime"] == "2026-03-02T09:00:10Z"

    def test_session_facts_without_mfa(self, person, erin):
        User.objects.filter(pk=erin.pk).update(mfa_device_count=0)
        person.sign_in(erin)
        context = person.get(reverse("accounts:sessions")).wsgi_request.caller.context
        assert context["aws:MultiFactorAuthPresent"] == "false"
        assert "aws:MultiFactorAuthAge" not in context


def make_recovery_codes(user, caller_of, *, confirm=True):
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}'
    user.inline_policies.create(name="all", name_key="all", document=policy)
    caller = caller_of(user)
    codes = create_recovery_codes(caller)["RecoveryCodes"]
    if confirm:
        confirm_recovery_codes(caller, recovery_code=codes[3])
    return codes


class TestRequiredMfa:
    def test_led_to_enrolment_and_nothing_else(self, person, erin):
        Account.objects.update(require_mfa=True)
        person.sign_in(erin)
        enrol = reverse("accounts:add-mfa-device")
        for page in ("security-credentials", "sessions", "change-password", "password-policy"):
            assert person.get(reverse(f"accounts:{page}")).url == enrol
        assert person.get(enrol).status_code == 200

    def test_over_with_a_device(self, person, erin):
        Account.objects.update(require_mfa=True)
        device = give_device(erin)
        person.sign_in(erin, code=code_of(device))
        assert person.get(reverse("accounts:sessions")).status_code == 200


def test_which_second_factor_was_used_survives_no_guess(person, erin, clock):
    """A code of six digits is admitted in three of a million steps: five free tries, then doubling delays."""
    device = give_device(erin)
    person.sign_in(erin)
    right = code_of(device)
    wrong = [f"{number:06d}" for number in range(5) if f"{number:06d}" != right]
    for code in wrong:
        person.post(reverse("accounts:sign-in-factor"), {"code": code})
    assert Throttle.objects.filter(attempts__gte=4).exists()
    assert mfa.is_code(right)
