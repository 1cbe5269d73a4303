"""MFA devices: AWS's operations, codes in time, once each, and the published self-management policies."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts import mfa
from accounts.models import ConsoleSession, MfaDevice, RecoveryCode
from accounts.operations.mfa_devices import (
    create_virtual_mfa_device,
    create_virtual_mfa_device_from_seed,
    deactivate_mfa_device,
    delete_virtual_mfa_device,
    enable_mfa_device,
    get_mfa_device,
    list_mfa_device_tags,
    list_mfa_devices,
    list_virtual_mfa_devices,
    register_passkey,
    resync_mfa_device,
    tag_mfa_device,
    untag_mfa_device,
)
from operations.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    InvalidAuthenticationCode,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)

NOW = datetime(2026, 3, 1, 12, 0, 7, tzinfo=UTC)
PREFIX = "arn:aws:iam::123456789012:mfa/"


@pytest.fixture(autouse=True)
def _frozen():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def erin(make_user):
    return make_user("erin")


def codes(seed, offset=0):
    """The code before the present one, and the present one, as a device shows them whose clock is off by so many steps."""
    present = mfa.step_at(datetime.now(UTC)) + offset
    return {"authentication_code1": mfa.code_at(seed, present - 1), "authentication_code2": mfa.code_at(seed, present)}


def code(seed, offset=0):
    return mfa.code_at(seed, mfa.step_at(datetime.now(UTC)) + offset)


def enabled(admin, user_name, name="phone"):
    created = create_virtual_mfa_device(admin, virtual_mfa_device_name=name)["VirtualMFADevice"]
    seed = created["Base32StringSeed"].decode()
    enable_mfa_device(admin, user_name=user_name, serial_number=created["SerialNumber"], **codes(seed))
    return MfaDevice.objects.get(serial_number=created["SerialNumber"])


class TestCreate:
    def test_seed_and_picture(self, admin, last_event):
        made = create_virtual_mfa_device(
            admin, virtual_mfa_device_name="phone", path="/team/", tags=[{"Key": "Owner", "Value": "erin"}]
        )
        device = made["VirtualMFADevice"]
        assert device["SerialNumber"] == f"{PREFIX}team/phone"
        assert len(base64.b32decode(device["Base32StringSeed"])) == 20
        assert device["QRCodePNG"].startswith(b"\x89PNG")
        assert device["Tags"] == [{"Key": "Owner", "Value": "erin"}]
        record = last_event()
        assert record["responseElements"]["virtualMFADevice"]["base32StringSeed"] == "***"
        assert record["responseElements"]["virtualMFADevice"]["qRCodePNG"] == "***"

    def test_address_in_the_picture(self):
        assert mfa.address("phone", "123456789012", "ABCD") == "otpauth://totp/phone@123456789012?secret=ABCD"

    def test_seed_is_encrypted(self, admin):
        from django.db import connection

        seed = create_virtual_mfa_device(admin, virtual_mfa_device_name="phone")["VirtualMFADevice"][
            "Base32StringSeed"
        ].decode()
        with connection.cursor() as cursor:
            cursor.execute("SELECT seed FROM accounts_mfadevice")
            assert seed not in cursor.fetchone()[0]
        assert MfaDevice.objects.get().seed == seed

    def test_name_is_taken(self, admin):
        create_virtual_mfa_device(admin, virtual_mfa_device_name="phone")
        with pytest.raises(EntityAlreadyExists, match="^EntityAlreadyExists: MFA device already exists.$"):
            create_virtual_mfa_device(admin, virtual_mfa_device_name="phone")
        create_virtual_mfa_device(admin, virtual_mfa_device_name="phone", path="/other/")

    @pytest.mark.parametrize("path", ["invalid-path/", "/invalid-path", "/a b/"])
    def test_path(self, admin, path):
        with pytest.raises(ValidationError) as refused:
            create_virtual_mfa_device(admin, virtual_mfa_device_name="phone", path=path)
        assert refused.value.message == (
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / "
            "characters."
        )
        with pytest.raises(
            ValidationError, match="^ValidationError: 1 validation error detected: Value at 'virtualMFA"
        ):
            create_virtual_mfa_device(admin, virtual_mfa_device_name="a phone", path=path)

    def test_limits(self, admin, settings):
        with pytest.raises(ValidationError):
            create_virtual_mfa_device(admin, virtual_mfa_device_name="a phone")
        with pytest.raises(ValidationError, match=r"'serialNumber'.*less than or equal to 256"):
            create_virtual_mfa_device(admin, virtual_mfa_device_name="p" * 227)
        settings.QUOTAS = {"UsersQuota": "2"}
        create_virtual_mfa_device(admin, virtual_mfa_device_name="one")
        create_virtual_mfa_device(admin, virtual_mfa_device_name="two")
        with pytest.raises(LimitExceeded, match="Cannot exceed quota for VirtualMFADevicesPerAccount: 2"):
            create_virtual_mfa_device(admin, virtual_mfa_device_name="three")

    def test_denied(self, nobody):
        with pytest.raises(
            AccessDenied, match="iam:CreateVirtualMFADevice on resource: arn:aws:iam::123456789012:mfa/phone"
        ):
            create_virtual_mfa_device(nobody, virtual_mfa_device_name="phone")


class TestEnable:
    def test_two_consecutive_codes(self, admin, erin, last_event):
        device = enabled(admin, "erin")
        record = last_event()
        assert record["requestParameters"]["authenticationCode1"] == "***"
        assert (device.user, device.enabled_at) == (erin, NOW)
        erin.refresh_from_db()
        assert erin.mfa_device_count == 1

    @pytest.mark.parametrize("offset", [-1, 0, 1])
    def test_clock_off_by_one_step(self, offset, admin, erin):
        made = create_virtual_mfa_device(admin, virtual_mfa_device_name="phone")["VirtualMFADevice"]
        seed = made["Base32StringSeed"].decode()
        enable_mfa_device(admin, user_name="erin", serial_number=made["SerialNumber"], **codes(seed, offset))

    @pytest.mark.parametrize(("offset", "ahead"), [(-10, -300), (-3, -90), (3, 90), (10, 300)])
    def test_clock_far_off_is_told_in_seconds(self, offset, ahead, admin, erin):
        made = create_virtual_mfa_device(admin, virtual_mfa_device_name="phone")["VirtualMFADevice"]
        seed = made["Base32StringSeed"].decode()
        with pytest.raises(InvalidAuthenticationCode) as refused:
            enable_mfa_device(admin, user_name="erin", serial_number=made["SerialNumber"], **codes(seed, offset))
        assert (refused.value.message, refused.value.status) == ("Authentication code for device is not valid.", 403)
        assert refused.value.details["ahead"] == ahead

    def test_which_code_is_wrong(self, admin, erin):
        made = create_virtual_mfa_device(admin, virtual_mfa_device_name="phone")["VirtualMFADevice"]
        seed = made["Base32StringSeed"].decode()
        right = codes(seed)
        foreign = code(mfa.new_seed(), 500)
        cases = [
            (right | {"authentication_code1": foreign}, {"wrong": 1}),
            (right | {"authentication_code2": foreign}, {"wrong": 2, "same": False}),
            (right | {"authentication_code2": right["authentication_code1"]}, {"wrong": 2, "same": True}),
            (codes(seed, 60), {"wrong": 1}),
        ]
        for given, details in cases:
            with pytest.raises(InvalidAuthenticationCode) as refused:
                enable_mfa_device(admin, user_name="erin", serial_number=made["SerialNumber"], **given)
            assert details.items() <= refused.value.details.items()
        assert MfaDevice.objects.get().user is None

    def test_in_use(self, admin, erin, make_user):
        device = enabled(admin, "erin")
        make_user("fred")
        with pytest.raises(EntityAlreadyExists, match="MFA Device is already in use"):
            enable_mfa_device(admin, user_name="fred", serial_number=device.serial_number, **codes(device.seed))

    def test_unknown(self, admin, erin):
        with pytest.raises(NoSuchEntity, match="doesn't exist"):
            enable_mfa_device(admin, user_name="erin", serial_number=f"{PREFIX}none", **codes(mfa.new_seed()))
        with pytest.raises(NoSuchEntity, match="The user with name zoe cannot be found"):
            enable_mfa_device(admin, user_name="zoe", serial_number=f"{PREFIX}none", **codes(mfa.new_seed()))

    def test_device_of_another_account(self, stranger, admin, erin):
        device = create_virtual_mfa_device(admin, virtual_mfa_device_name="phone")["VirtualMFADevice"]
        with pytest.raises(NoSuchEntity):
            enable_mfa_device(
                stranger,
                user_name="charlie",
                serial_number=device["SerialNumber"],
                **codes(device["Base32StringSeed"].decode()),
            )

    def test_eight_devices(self, admin, erin):
        for number in range(7):
            enabled(admin, "erin", f"phone{number}")
        register_passkey(admin, user_name="erin", passkey_name="key", credential_id="abc", public_key=b"key")
        with pytest.raises(LimitExceeded, match="Cannot exceed quota for MFADevicesPerUser: 8"):
            enabled(admin, "erin", "ninth")
        with pytest.raises(LimitExceeded, match="Cannot exceed quota for MFADevicesPerUser: 8"):
            register_passkey(admin, user_name="erin", passkey_name="key", credential_id="abd", public_key=b"key")

    def test_root_enables_its_own_and_nobody_else_does(self, root, admin):
        device = enabled(root, "123456789012", "root-account-mfa-device")
        assert device.user.is_root
        assert list_mfa_devices(root)["MFADevices"][0]["SerialNumber"] == f"{PREFIX}root-account-mfa-device"
        assert "UserName" not in list_mfa_devices(root)["MFADevices"][0]
        for attempt in (
            lambda: deactivate_mfa_device(admin, user_name="123456789012", serial_number=device.serial_number),
            lambda: resync_mfa_device(
                admin, user_name="123456789012", serial_number=device.serial_number, **codes(device.seed)
            ),
        ):
            with pytest.raises(NoSuchEntity):
                attempt()


class TestResync:
    @pytest.mark.parametrize("offset", [-10, -4, 0, 4, 10])
    def test_clock_is_taken_over(self, offset, admin, erin):
        device = enabled(admin, "erin")
        with time_machine.travel(NOW + timedelta(hours=2), tick=False):
            resync_mfa_device(admin, user_name="erin", serial_number=device.serial_number, **codes(device.seed, offset))
            device.refresh_from_db()
            assert device.drift == offset
        with time_machine.travel(NOW + timedelta(hours=3), tick=False):
            assert mfa.use_code(device, code(device.seed, offset), datetime.now(UTC))

    def test_farther_than_ten_steps(self, admin, erin):
        device = enabled(admin, "erin")
        with time_machine.travel(NOW + timedelta(hours=2), tick=False), pytest.raises(InvalidAuthenticationCode):
            resync_mfa_device(admin, user_name="erin", serial_number=device.serial_number, **codes(device.seed, 13))

    def test_not_of_this_user(self, admin, erin, make_user):
        device = enabled(admin, "erin")
        make_user("fred")
        with pytest.raises(NoSuchEntity, match="MFA Device invalid for user"):
            resync_mfa_device(admin, user_name="fred", serial_number=device.serial_number, **codes(device.seed))


class TestUse:
    @pytest.mark.parametrize(
        ("offset", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False), (-10, False), (10, False)]
    )
    def test_one_step_of_difference(self, offset, accepted, admin, erin):
        device = enabled(admin, "erin")
        with time_machine.travel(NOW + timedelta(hours=1), tick=False):
            assert mfa.use_code(device, code(device.seed, offset), datetime.now(UTC)) is accepted

    def test_a_slow_drift_is_followed(self, admin, erin):
        device = enabled(admin, "erin")
        for day in range(1, 6):
            with time_machine.travel(NOW + timedelta(days=day), tick=False):
                device.refresh_from_db()
                assert mfa.use_code(device, code(device.seed, -day), datetime.now(UTC))

    def test_replay_is_refused(self, admin, erin):
        device = enabled(admin, "erin")
        with time_machine.travel(NOW + timedelta(hours=1), tick=False):
            now = datetime.now(UTC)
            present, before = code(device.seed), code(device.seed, -1)
            assert mfa.use_code(device, present, now)
            device.refresh_from_db()
            assert not mfa.use_code(device, present, now)
            assert not mfa.use_code(device, before, now)
            assert mfa.why_refused([device], present, now) == mfa.Refusal(used=True)

    def test_the_codes_of_enrolment_are_used_up(self, admin, erin):
        device = enabled(admin, "erin")
        assert not mfa.use_code(device, code(device.seed), datetime.now(UTC))

    def test_a_late_clock_is_told_at_sign_in_and_an_early_one_is_not(self, admin, erin):
        device = enabled(admin, "erin")
        with time_machine.travel(NOW + timedelta(hours=1), tick=False):
            now = datetime.now(UTC)
            assert mfa.why_refused([device], code(device.seed, -10), now) == mfa.Refusal(seconds_behind=300)
            assert mfa.why_refused([device], code(device.seed, -2), now) == mfa.Refusal(seconds_behind=60)
            assert mfa.why_refused([device], code(device.seed, -11), now) == mfa.Refusal()
            assert mfa.why_refused([device], code(device.seed, 3), now) == mfa.Refusal()

    @pytest.mark.parametrize("text", ["", "abcdef", "12345", "1234567", "１２３４５６"])
    def test_what_is_no_code(self, text, admin, erin):
        device = enabled(admin, "erin")
        assert not mfa.use_code(device, text, NOW)


class TestVerifyForSts:
    @pytest.fixture
    def device(self, admin, erin):
        made = enabled(admin, "erin")
        with time_machine.travel(NOW + timedelta(hours=1), tick=False):
            yield made

    def test_right(self, device, erin):
        found = mfa.verify_code(erin, device.serial_number, code(device.seed), datetime.now(UTC))
        assert found == device

    def test_used(self, device, erin):
        mfa.verify_code(erin, device.serial_number, code(device.seed), datetime.now(UTC))
        with pytest.raises(AccessDenied, match="invalid MFA one time pass code"):
            mfa.verify_code(erin, device.serial_number, code(device.seed), datetime.now(UTC))

    def test_device_of_somebody_else(self, device, make_user):
        with pytest.raises(AccessDenied, match="verify your MFA serial number"):
            mfa.verify_code(make_user("fred"), device.serial_number, code(device.seed), datetime.now(UTC))

    def test_passkeys_are_not_taken(self, admin, device, erin):
        serial = register_passkey(admin, user_name="erin", passkey_name="key", credential_id="abc", public_key=b"key")[
            "SerialNumber"
        ]
        with pytest.raises(AccessDenied, match="verify your MFA serial number"):
            mfa.verify_code(erin, serial, "123456", datetime.now(UTC))

    def test_tries_are_counted_by_the_record(self, device, erin, caller_of):
        from operations import record

        for _ in range(5):
            with pytest.raises(AccessDenied) as refused:
                mfa.verify_code(erin, device.serial_number, "000000", datetime.now(UTC))
            record.append(
                record.Draft(
                    "AssumeRole", caller_of(erin), error_code="AccessDenied", error_message=refused.value.message
                )
            )
        with pytest.raises(AccessDenied, match="Too many attempts"):
            mfa.verify_code(erin, device.serial_number, code(device.seed), datetime.now(UTC))
        with time_machine.travel(NOW + timedelta(hours=1, minutes=6), tick=False):
            mfa.verify_code(erin, device.serial_number, code(device.seed), datetime.now(UTC))


class TestDeactivateAndDelete:
    def test_a_virtual_device_stays_unassigned(self, admin, erin):
        device = enabled(admin, "erin")
        with pytest.raises(DeleteConflict, match="MFA VirtualDevice in use"):
            delete_virtual_mfa_device(admin, serial_number=device.serial_number)
        deactivate_mfa_device(admin, user_name="erin", serial_number=device.serial_number)
        device.refresh_from_db()
        erin.refresh_from_db()
        assert (device.user, device.enabled_at, erin.mfa_device_count) == (None, None, 0)
        delete_virtual_mfa_device(admin, serial_number=device.serial_number)
        with pytest.raises(NoSuchEntity):
            delete_virtual_mfa_device(admin, serial_number=device.serial_number)

    def test_a_passkey_is_gone(self, admin, erin):
        serial = register_passkey(admin, user_name="erin", passkey_name="key", credential_id="abc", public_key=b"key")[
            "SerialNumber"
        ]
        assert serial.startswith("arn:aws:iam::123456789012:u2f/user/erin/key-")
        deactivate_mfa_device(admin, user_name="erin", serial_number=serial)
        assert not MfaDevice.objects.exists()

    def test_sessions_end_and_recovery_codes_go_with_the_last_device(self, admin, erin):
        device = enabled(admin, "erin")
        RecoveryCode.objects.create(user=erin, code_digest="x", confirmed_at=NOW)
        ConsoleSession.objects.create(session_key="x", session_data="", expire_date=NOW + timedelta(1), user=erin)
        deactivate_mfa_device(admin, user_name="erin", serial_number=device.serial_number)
        assert not ConsoleSession.objects.exists()
        assert not RecoveryCode.objects.exists()

    def test_without_a_name_it_is_the_callers(self, admin, caller_of, make_user):
        user = make_user(
            "gina", '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}'
        )
        device = enabled(admin, "gina")
        caller = caller_of(user)
        assert get_mfa_device(caller, serial_number=device.serial_number)["UserName"] == "gina"
        deactivate_mfa_device(caller, serial_number=device.serial_number)

    def test_unknown(self, admin, erin):
        with pytest.raises(NoSuchEntity, match="MFA Device invalid for user"):
            get_mfa_device(admin, user_name="erin", serial_number=f"{PREFIX}none")
        for call, whose in ((deactivate_mfa_device, {"user_name": "erin"}), (delete_virtual_mfa_device, {})):
            with pytest.raises(NoSuchEntity, match=f"MFA Device with serial number {PREFIX}none does not exist."):
                call(admin, serial_number=f"{PREFIX}none", **whose)

    def test_of_somebody_else(self, admin, erin, make_user):
        device = enabled(admin, "erin")
        make_user("fred")
        with pytest.raises(NoSuchEntity, match="MFA Device invalid for user"):
            deactivate_mfa_device(admin, user_name="fred", serial_number=device.serial_number)


class TestListings:
    def test_virtual_devices(self, admin, root, erin):
        enabled(admin, "erin", "b")
        enabled(root, "123456789012", "a")
        create_virtual_mfa_device(admin, virtual_mfa_device_name="c")
        register_passkey(admin, user_name="erin", passkey_name="key", credential_id="abc", public_key=b"key")

        def names(**filters):
            found = list_virtual_mfa_devices(admin, **filters)["VirtualMFADevices"]
            return [device["SerialNumber"].rpartition("/")[2] for device in found]

        assert names() == names(assignment_status="Any") == ["a", "b", "c"]
        assert names(assignment_status="Assigned") == ["a", "b"]
        assert names(assignment_status="Unassigned") == ["c"]
        first, second, third = list_virtual_mfa_devices(admin)["VirtualMFADevices"]
        assert first["User"]["Arn"] == "arn:aws:iam::123456789012:root"
        assert second["User"]["UserName"] == "erin"
        assert set(third) == {"SerialNumber"}

    def test_paging(self, admin):
        for letter in "abc":
            create_virtual_mfa_device(admin, virtual_mfa_device_name=letter)
        page = list_virtual_mfa_devices(admin, max_items=2)
        assert page["IsTruncated"]
        rest = list_virtual_mfa_devices(admin, max_items=2, marker=page["Marker"])
        assert [len(page["VirtualMFADevices"]), len(rest["VirtualMFADevices"])] == [2, 1]

    def test_of_a_user(self, admin, erin):
        enabled(admin, "erin")
        register_passkey(admin, user_name="erin", passkey_name="key", credential_id="abc", public_key=b"key")
        found = list_mfa_devices(admin, user_name="erin")["MFADevices"]
        assert [set(device) for device in found] == [{"UserName", "SerialNumber", "EnableDate"}] * 2


class TestTags:
    def test_keys_are_case_sensitive(self, admin):
        serial = create_virtual_mfa_device(admin, virtual_mfa_device_name="phone")["VirtualMFADevice"]["SerialNumber"]
        tag_mfa_device(admin, serial_number=serial, tags=[{"Key": "team", "Value": "a"}, {"Key": "Team", "Value": "b"}])
        tag_mfa_device(admin, serial_number=serial, tags=[{"Key": "team", "Value": "c"}])
        assert list_mfa_device_tags(admin, serial_number=serial)["Tags"] == [
            {"Key": "Team", "Value": "b"},
            {"Key": "team", "Value": "c"},
        ]
        untag_mfa_device(admin, serial_number=serial, tag_keys=["Team", "none"])
        assert list_mfa_device_tags(admin, serial_number=serial)["Tags"] == [{"Key": "team", "Value": "c"}]

    def test_reserved_and_too_many(self, admin):
        serial = create_virtual_mfa_device(admin, virtual_mfa_device_name="phone")["VirtualMFADevice"]["SerialNumber"]
        with pytest.raises(InvalidInput):
            tag_mfa_device(admin, serial_number=serial, tags=[{"Key": "aws:x", "Value": "a"}])
        tag_mfa_device(admin, serial_number=serial, tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
        with pytest.raises(LimitExceeded):
            tag_mfa_device(admin, serial_number=serial, tags=[{"Key": "one more", "Value": ""}])

    def test_as_a_condition(self, admin, make_user, caller_of):
        create_virtual_mfa_device(admin, virtual_mfa_device_name="phone", tags=[{"Key": "team", "Value": "a"}])
        create_virtual_mfa_device(admin, virtual_mfa_device_name="other", tags=[{"Key": "team", "Value": "b"}])
        user = make_user(
            "gina",
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:DeleteVirtualMFADevice","Resource":"*",'
            '"Condition":{"StringEquals":{"iam:ResourceTag/team":"a"}}}]}',
        )
        with pytest.raises(AccessDenied):
            delete_virtual_mfa_device(caller_of(user), serial_number=f"{PREFIX}other")
        delete_virtual_mfa_device(caller_of(user), serial_number=f"{PREFIX}phone")


def test_a_device_and_its_proof_are_one_change(admin, erin):
    """The console's enrolment: a seed shown first, stored only with two right codes."""
    from operations.gate import one_change

    seed = mfa.new_seed()

    def enrol(**given):
        with one_change():
            made = create_virtual_mfa_device_from_seed(admin, virtual_mfa_device_name="phone", base32_string_seed=seed)
            enable_mfa_device(admin, user_name="erin", serial_number=made["VirtualMFADevice"]["SerialNumber"], **given)

    with pytest.raises(InvalidAuthenticationCode):
        enrol(**(codes(seed) | {"authentication_code2": code(seed, 7)}))
    assert not MfaDevice.objects.exists()
    enrol(**codes(seed))
    assert MfaDevice.objects.get().user == erin
