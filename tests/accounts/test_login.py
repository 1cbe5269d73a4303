"""Stories at the browser: the published self-management policies, first sign-in, enrolment, recovery codes, links, step-up."""

import html
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts import mfa
from accounts.models import (
    Account,
    LoginProfile,
    MfaDevice,
    PasswordLink,
    PasswordPolicy,
    RecoveryCode,
    User,
    UserInlinePolicy,
)
from accounts.operations.invitations import create_password_link, invite_user
from accounts.operations.login_profiles import create_login_profile, update_login_profile
from accounts.operations.recovery_codes import create_recovery_codes, reset_user_mfa
from accounts.operations.sessions import end_console_sessions, list_console_sessions
from accounts.setup_link import make_setup_link
from operations.errors import AccessDenied, EntityAlreadyExists, InvalidInput, NoSuchEntity
from operations.models import Event
from tests.accounts.browser import PASSWORD, Browser, code_of, codes_of, give_device, give_password
from tests.accounts.self_management import FULL, MFA_ONLY, NO_MFA, PASSWORD_ONLY

NOW = datetime(2026, 3, 2, 9, 0, 10, tzinfo=UTC)
ALL_IAM = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}'
HOME = "/security-credentials/"


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def person():
    return Browser()


@pytest.fixture
def user_with(clock, make_user):
    def make(document, name="erin"):
        return give_password(make_user(name, document))

    return make


def text_of(response):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def shown_seed(page):
    """The seed that the enrolment page shows as text."""
    return re.search(r'data-copy="([A-Z2-7 ]+)"', page.content.decode())[1].replace(" ", "")


def enrol(person, name="phone", offset=0):
    page = person.get(reverse("accounts:add-mfa-device"))
    first, second = codes_of(shown_seed(page), offset)
    return person.post(reverse("accounts:add-mfa-device"), {"name": name, "code1": first, "code2": second})


class TestPublishedPolicies:
    def refused(self, page):
        return text_of(page).count("is not authorized to perform")

    @pytest.mark.parametrize("document", [FULL, MFA_ONLY], ids=["full", "mfa only"])
    def test_nothing_but_enrolment_until_mfa_is_present(self, document, person, user_with):
        person.sign_in(user_with(document))
        page = person.get(HOME)
        said = text_of(page)
        for action in ("iam:ListAccessKeys", "iam:ListConsoleSessions"):
            assert f"is not authorized to perform: {action}" in said
        assert "Add authenticator app" in said
        for name in ("create-access-key", "sessions"):
            target = reverse(f"accounts:{name}")
            assert (person.post(target) if name == "create-access-key" else person.get(target)).status_code in {
                200,
                403,
            }
        assert not User.objects.get(name="erin").access_keys.exists()
        assert person.get(reverse("accounts:sessions")).status_code == 403
        changed = person.post(
            reverse("accounts:change-password"),
            {"old_password": PASSWORD, "new_password": "Other-horse-22", "repeated": "Other-horse-22"},
        )
        assert "iam:ChangePassword" in text_of(changed)
        assert Browser().sign_in(User.objects.get(name="erin")).status_code == 302

    def test_everything_of_ones_own_with_mfa(self, person, user_with):
        user = user_with(FULL)
        person.sign_in(user)
        assert enrol(person).url == reverse("accounts:recovery-codes")
        page = person.get(HOME)
        assert self.refused(page) == 0
        made = person.post(reverse("accounts:create-access-key"), {"description": "x"})
        assert made.status_code == 302
        key = user.access_keys.get()
        assert key.description == "x"
        assert (
            person.post(reverse("accounts:access-key-status", args=[key.key_id]), {"status": "Inactive"}).status_code
            == 302
        )
        assert (
            person.post(reverse("accounts:delete-access-key", args=[key.key_id]), {"confirmation": key.key_id}).url
            == HOME
        )
        given = {"old_password": PASSWORD, "new_password": "Other-horse-22", "repeated": "Other-horse-22"}
        assert person.post(reverse("accounts:change-password"), given).url == HOME
        assert person.get(reverse("accounts:sessions")).status_code == 200

    def test_nothing_of_others(self, person, user_with, make_user):
        give_password(make_user("fred"))
        person.sign_in(user_with(FULL))
        enrol(person)
        page = person.get(reverse("accounts:user-security-credentials", args=["fred"]))
        assert self.refused(page) >= 1
        assert person.post(reverse("accounts:user-create-access-key", args=["fred"]), {}).status_code in {200, 403}
        assert not User.objects.get(name="fred").access_keys.exists()

    def test_signing_in_with_the_device_gives_it_too(self, person, user_with, clock):
        person.sign_in(user_with(FULL))
        enrol(person)
        person.post(reverse("accounts:sign-out"))
        clock.shift(60)
        user = User.objects.get(name="erin")
        person.sign_in(user, code=code_of(MfaDevice.objects.get()))
        assert self.refused(person.get(HOME)) == 0

    def test_removing_the_last_device_takes_mfa_from_the_session_and_leaves_no_orphan(self, person, user_with):
        person.sign_in(user_with(FULL))
        enrol(person)
        device = MfaDevice.objects.get()
        assert person.post(reverse("accounts:remove-mfa-device", args=[device.pk])).url == HOME
        assert not MfaDevice.objects.exists()
        assert person.get(reverse("accounts:sessions")).status_code == 403
        assert enrol(person, device.name).status_code == 302

    def test_without_the_mfa_parts(self, person, user_with):
        person.sign_in(user_with(NO_MFA))
        said = text_of(person.get(HOME))
        assert "is not authorized to perform: iam:ListMFADevices" in said
        assert person.post(reverse("accounts:create-access-key"), {}).status_code == 302

    def test_password_alone(self, person, user_with):
        person.sign_in(user_with(PASSWORD_ONLY))
        given = {"old_password": PASSWORD, "new_password": "Other-horse-22", "repeated": "Other-horse-22"}
        assert person.post(reverse("accounts:change-password"), given).url == HOME
        assert person.get(reverse("accounts:password-policy")).status_code in {200, 302}
        assert person.get(reverse("accounts:create-access-key")).status_code == 200
        assert person.post(reverse("accounts:create-access-key"), {}).status_code in {200, 403}
        assert not User.objects.get(name="erin").access_keys.exists()

    def test_forced_change_and_forced_mfa_do_not_block_each_other(self, person, user_with, admin):
        """A user under the full policy who must change the password: the device first, then the password."""
        user = user_with(FULL)
        update_login_profile(admin, user_name="erin", password_reset_required=True)
        person.sign_in(user)
        assert person.get(HOME).url == reverse("accounts:add-mfa-device")
        assert enrol(person).url == reverse("accounts:change-password")
        assert person.get(HOME).url == reverse("accounts:change-password")
        given = {"old_password": PASSWORD, "new_password": "Other-horse-22", "repeated": "Other-horse-22"}
        assert person.post(reverse("accounts:change-password"), given).url == "/"
        assert person.get(HOME).status_code == 200


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


class TestFreshFactor:
    """A sensitive form asks again when the last factor is ten minutes old, and then goes on with what was typed."""

    def test_password_asked_in_place_and_the_form_goes_on(self, person, user_with, clock):
        user = user_with(ALL_IAM)
        person.sign_in(user)
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:create-access-key")
        asked = person.post(target, {"description": "backup of the archive"})
        assert "Confirm that it is you" in text_of(asked)
        assert "backup of the archive" not in asked.content.decode()
        assert not user.access_keys.exists()
        token = re.search(r'name="_confirm" value="([^"]+)"', asked.content.decode())[1]
        wrong = person.post(target, {"_confirm": token, "password": "Wrong"})
        assert "The password is not right" in text_of(wrong)
        assert not Event.objects.filter(name="ConsoleLogin", record__contains="Failure").exists()
        assert json.loads(Event.objects.get(name="CheckPassword").record)["responseElements"] == {
            "CheckPassword": "Failure"
        }
        done = person.post(target, {"_confirm": token, "password": PASSWORD})
        assert done.status_code == 302
        assert user.access_keys.get().description == "backup of the archive"

    def test_second_factor_for_who_has_one(self, person, user_with, clock):
        user = user_with(ALL_IAM)
        device = give_device(user)
        person.sign_in(user, code=code_of(device))
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:create-access-key")
        asked = person.post(target, {})
        token = re.search(r'name="_confirm" value="([^"]+)"', asked.content.decode())[1]
        assert person.post(target, {"_confirm": token, "password": PASSWORD}).status_code == 403
        assert person.post(target, {"_confirm": token, "code": code_of(device)}).status_code == 302

    def test_the_age_of_mfa_is_fresh_within_the_same_request(self, person, user_with, clock):
        document = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
                    {
                        "Effect": "Deny",
                        "Action": "iam:CreateAccessKey",
                        "Resource": "*",
                        "Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "300"}},
                    },
                ],
            }
        )
        user = user_with(document)
        device = give_device(user)
        person.sign_in(user, code=code_of(device))
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:create-access-key")
        token = re.search(r'name="_confirm" value="([^"]+)"', person.post(target, {}).content.decode())[1]
        assert person.post(target, {"_confirm": token, "code": code_of(device)}).status_code == 302
        assert user.access_keys.count() == 1

    def test_another_form_in_between(self, person, user_with, clock):
        user = user_with(ALL_IAM)
        person.sign_in(user)
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:create-access-key")
        person.post(target, {"description": "one"})
        answer = person.post(target, {"_confirm": "made-up", "password": PASSWORD})
        assert answer.status_code == 409
        assert not user.access_keys.exists()

    def test_opening_the_enrolment_page(self, person, user_with, clock):
        person.sign_in(user_with(ALL_IAM))
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:add-mfa-device")
        asked = person.get(target)
        token = re.search(r'name="_confirm" value="([^"]+)"', asked.content.decode())[1]
        assert person.post(target, {"_confirm": token, "password": PASSWORD}).url == target
        assert "Scan the code" in text_of(person.get(target))

    def test_what_was_typed_waits_encrypted(self, person, user_with, clock):
        from accounts.models import ConsoleSession

        person.sign_in(user_with(ALL_IAM))
        clock.shift(timedelta(minutes=11))
        person.post(reverse("accounts:create-access-key"), {"description": "a telling word"})
        assert all("a telling word" not in str(row.get_decoded()) for row in ConsoleSession.objects.all())

    def test_the_key_of_the_session_changes(self, person, user_with, clock):
        person.sign_in(user_with(ALL_IAM))
        clock.shift(timedelta(minutes=11))
        target = reverse("accounts:create-access-key")
        before = person.session.session_key
        token = re.search(r'name="_confirm" value="([^"]+)"', person.post(target, {}).content.decode())[1]
        person.post(target, {"_confirm": token, "password": PASSWORD})
        assert person.session.session_key != before
        assert person.get(HOME).status_code == 200


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


def test_policies_of_a_user_in_plain_words(person, user_with):
    person.sign_in(user_with(FULL))
    enrol(person)
    said = text_of(person.get(HOME))
    assert "AWS Identity and Access Management (IAM): ChangePassword, GetUser on your own user" in said
    assert "everything except" in said
    assert "without MFA" in said


def test_the_implicit_grant_shows_in_plain_words(person, user_with):
    PasswordPolicy.objects.create(account_id="123456789012", allow_users_to_change=True)
    user = user_with(ALL_IAM)
    UserInlinePolicy.objects.filter(user=user).delete()
    person.sign_in(user)
    assert "Account password policy: allow users to change their own password" in text_of(person.get(HOME))


def test_require_mfa_at_the_first_sign_in(person, user_with):
    Account.objects.update(require_mfa=True)
    person.sign_in(user_with(ALL_IAM))
    assert person.get(HOME).url == reverse("accounts:add-mfa-device")
    assert "An MFA device is needed" in text_of(person.get(reverse("accounts:add-mfa-device")))
    enrol(person)
    assert person.get(HOME).status_code == 200
    assert mfa.devices_of(User.objects.get(name="erin"))


class TestAdministratorAccess:
    """Forms by which somebody is given everything ask for a fresh factor; ordinary ones do not."""

    SOME = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
    ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'

    @pytest.fixture
    def late(self, person, user_with, make_user, clock):
        person.sign_in(user_with(self.ALL))
        make_user("fred")
        clock.shift(timedelta(minutes=11))
        return person

    def asked(self, response):
        return "Confirm that it is you" in text_of(response)

    def test_an_inline_policy(self, late):
        page = reverse("accounts:user-inline-create", args=["fred"])
        seen = re.search(r'name="seen" value="([^"]*)"', late.get(page).content.decode())[1]
        some = {"policy_name": "some", "policy_document": self.SOME, "seen": seen}
        assert not self.asked(late.post(page, some))
        asked = late.post(page, some | {"policy_name": "all", "policy_document": self.ALL})
        assert self.asked(asked)
        assert UserInlinePolicy.objects.filter(user__name="fred").count() == 1
        token = re.search(r'name="_confirm" value="([^"]+)"', asked.content.decode())[1]
        assert self.asked(late.post(page, {"_confirm": token, "password": "Wrong"}))
        assert late.post(page, {"_confirm": token, "password": PASSWORD}).status_code == 302
        assert UserInlinePolicy.objects.filter(user__name="fred", name="all").exists()

    def test_attaching_a_managed_policy(self, late, system):
        from policies.operations.managed_policies import create_policy

        arns = {}
        for name, document in (("some", self.SOME), ("all", self.ALL)):
            arns[name] = create_policy(system, policy_name=name, policy_document=document)["Policy"]["Arn"]
        page = reverse("accounts:user-attach", args=["fred"])
        assert not self.asked(late.post(page, {"policy_arn": arns["some"]}))
        assert self.asked(late.post(page, {"policy_arn": [arns["some"], arns["all"]]}))
        assert self.asked(late.post(reverse("policies:attach", args=[arns["all"]]), {"kind": "user", "name": "fred"}))

    @pytest.mark.parametrize(
        ("statement", "gives"),
        [
            ('{"Effect":"Allow","Action":["s3:*","IAM:*"],"Resource":"*"}', True),
            ('{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}', True),
            ('{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::x"}', True),
            ('{"Effect":"Deny","Action":"*","Resource":"*"}', False),
            ('{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::x"}', False),
            ('{"Effect":"Allow","Action":"s3:*","Resource":"*"}', False),
            ("no policy", False),
        ],
    )
    def test_what_counts(self, statement, gives):
        from access.administrator import document_gives_all

        assert document_gives_all(f'{{"Version":"2012-10-17","Statement":[{statement}]}}') is gives
