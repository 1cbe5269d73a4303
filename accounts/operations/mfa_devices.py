"""MFA devices: create, enable, resynchronise, deactivate, delete, list (IAM API Reference; IAM User Guide, «AWS MFA in IAM»)."""

from io import BytesIO
from typing import Any

import segno

from accounts import describe, mfa, resolve
from accounts.models import MfaDevice, MfaDeviceTag, RecoveryCode, User
from accounts.notices import tell
from accounts.sessions import end_sessions
from operations.clock import now
from operations.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from operations.gate import Call, Result, Target, operation
from operations.ids import iam_arn
from operations.paging import page, page_of_list
from operations.quotas import enforce, quota
from policies.tag_rules import check_tags

LONGEST_SERIAL = 256
DEVICE_TYPE = "AWS::IAM::VirtualMFADevice"


def user_with_root(call: Call) -> Target:
    """The user that `user_name` names or the caller. The root user names itself by the account id, as it has no user name."""
    if call.caller.is_root and call.params.get("user_name") == call.account_id:
        root = User.everyone.filter(account_id=call.account_id, is_root=True).first()
        return resolve.user_target(call.account_id, "", root)
    return resolve.user_or_self(call)


def device_to_be(call: Call) -> Target:
    path, name = call.params.get("path", "/"), call.params["virtual_mfa_device_name"]
    return Target(mfa.serial_number(call.account_id, path, name), None, {}, DEVICE_TYPE)


def device(call: Call) -> Target:
    """The virtual device that `serial_number` names."""
    serial = call.params["serial_number"]
    row = MfaDevice.objects.filter(account_id=call.account_id, serial_number=serial, kind=MfaDevice.VIRTUAL).first()
    keys = (
        {f"{prefix}:ResourceTag/{tag.key}": tag.value for tag in row.tags.all() for prefix in ("aws", "iam")}
        if row
        else {}
    )
    return Target(serial, row, keys, DEVICE_TYPE)


def require_device(call: Call) -> MfaDevice:
    """The call's virtual device. Raises NoSuchEntity."""
    if call.entity is None:
        raise NoSuchEntity(f"VirtualMFADevice with serial number {call.params['serial_number']} doesn't exist.")
    found: MfaDevice = call.entity
    return found


def no_device(serial: str) -> NoSuchEntity:
    """What AWS says where a device that is not there is to be deactivated or deleted."""
    return NoSuchEntity(f"MFA Device with serial number {serial} does not exist.")


@operation("iam:CreateVirtualMFADevice", on=device_to_be)
def create_virtual_mfa_device(
    call: Call, *, virtual_mfa_device_name: str, path: str = "/", tags: list[dict[str, str]] | None = None
) -> Result:
    """Create an unassigned device. Its seed and QR code are in this answer and nowhere else. Raises EntityAlreadyExists, LimitExceeded."""
    row = _create(call, virtual_mfa_device_name, path, mfa.new_seed(), tags or [])
    account = row.account.alias or row.account_id
    picture = BytesIO()
    segno.make(mfa.address(row.name, account, row.seed), micro=False).save(picture, kind="png", scale=5)
    secrets = {"Base32StringSeed": row.seed.encode(), "QRCodePNG": picture.getvalue()}
    return {"VirtualMFADevice": {"SerialNumber": row.serial_number, **secrets} | _tags_of(row)}


@operation("iam:CreateVirtualMFADeviceFromSeed", on=device_to_be, permission="iam:CreateVirtualMFADevice")
def create_virtual_mfa_device_from_seed(
    call: Call,
    *,
    virtual_mfa_device_name: str,
    base32_string_seed: str,
    path: str = "/",
    tags: list[dict[str, str]] | None = None,
) -> Result:
    """Create an unassigned device for a seed that is in the user's app already.

    The console shows the seed first and stores the device only together with EnableMFADevice, as one change: so no device is left behind by
    an enrolment that was given up. Raises EntityAlreadyExists, LimitExceeded.
    """
    row = _create(call, virtual_mfa_device_name, path, base32_string_seed, tags or [])
    return {"VirtualMFADevice": {"SerialNumber": row.serial_number} | _tags_of(row)}


def _create(call: Call, name: str, path: str, seed: str, tags: list[dict[str, str]]) -> MfaDevice:
    serial = mfa.serial_number(call.account_id, path, name)
    if len(serial) > LONGEST_SERIAL:
        raise ValidationError(
            "1 validation error detected: Value at 'serialNumber' failed to satisfy constraint: "
            f"Member must have length less than or equal to {LONGEST_SERIAL}"
        )
    if MfaDevice.objects.filter(serial_number=serial).exists():
        raise EntityAlreadyExists("MFA device already exists.")
    # IAM User Guide, «IAM and AWS STS quotas»: as many virtual devices, assigned or not, as the account may have users.
    limit = quota("UsersQuota")
    if MfaDevice.objects.filter(account_id=call.account_id, kind=MfaDevice.VIRTUAL).count() >= limit:
        raise LimitExceeded(f"Cannot exceed quota for VirtualMFADevicesPerAccount: {limit}", limit=limit)
    check_tags(tags, fold=False)
    row = MfaDevice.objects.create(account_id=call.account_id, name=name, path=path, serial_number=serial, seed=seed)
    MfaDeviceTag.objects.bulk_create(
        MfaDeviceTag(device=row, key=tag["Key"], value=tag.get("Value", "")) for tag in tags
    )
    call.changed(after=state(row))
    return row


@operation("iam:EnableMFADevice", on=user_with_root)
def enable_mfa_device(
    call: Call, *, user_name: str, serial_number: str, authentication_code1: str, authentication_code2: str
) -> Result:
    """Assign a virtual device to a user, proved by two consecutive codes.

    Raises NoSuchEntity, EntityAlreadyExists (device in use), LimitExceeded, InvalidAuthenticationCode (details: see mfa.check_pair).
    """
    user = resolve.require_user(call)
    row = MfaDevice.objects.filter(
        account_id=call.account_id, serial_number=serial_number, kind=MfaDevice.VIRTUAL
    ).first()
    if row is None:
        raise NoSuchEntity(f"VirtualMFADevice with serial number {serial_number} doesn't exist.")
    if row.user_id is not None:
        raise EntityAlreadyExists("MFA Device is already in use.")
    enforce("MFADevicesPerUserQuota", MfaDevice.objects.filter(user=user).count() + 1)
    moment = now()
    pair = mfa.check_pair(row, authentication_code1, authentication_code2, moment)
    row.user, row.enabled_at, row.last_step, row.drift = user, moment, pair.last_step, pair.drift
    row.save()
    _enabled(call, user, row)
    return {}


def user_with_security_key(call: Call) -> Target:
    """As `user_with_root`, with the condition key by which policies tell security keys from other devices."""
    target = user_with_root(call)
    target.context = {**target.context, "iam:RegisterSecurityKey": "Create"}
    return target


@operation("iam:RegisterPasskey", on=user_with_security_key, permission="iam:EnableMFADevice")
def register_passkey(
    call: Call,
    *,
    user_name: str,
    passkey_name: str,
    credential_id: str,
    public_key: bytes,
    sign_count: int = 0,
    transports: list[str] | None = None,
    aaguid: str = "",
) -> Result:
    """Assign a passkey, whose response the console has verified, to a user.

    A passkey signs in by itself: giving one to another user is giving a sign-in, and needs iam:UpdateLoginProfile as well.
    Raises NoSuchEntity, LimitExceeded, EntityAlreadyExists, AccessDenied (also for programs: whoever has a key must not make of it a
    way into the console).
    """
    user = resolve.require_user(call)
    if call.caller.door == "api":
        raise AccessDenied("Passkeys can be registered in the console only.")
    if call.caller.user_id != user.pk:
        call.authorise("iam:UpdateLoginProfile", call.targets[0])
    enforce("MFADevicesPerUserQuota", MfaDevice.objects.filter(user=user).count() + 1)
    if MfaDevice.objects.filter(credential_id=credential_id).exists():
        raise EntityAlreadyExists("This passkey is already registered.")
    owner = "root-account" if user.is_root else f"user/{user.name}"
    serial = iam_arn(call.account_id, f"u2f/{owner}/{passkey_name}-{mfa.new_seed()[:26]}")
    row = MfaDevice.objects.create(
        account_id=call.account_id,
        user=user,
        kind=MfaDevice.PASSKEY,
        name=passkey_name,
        serial_number=serial,
        enabled_at=now(),
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
        transports=transports or [],
        aaguid=aaguid,
    )
    _enabled(call, user, row)
    return {"SerialNumber": serial}


def _enabled(call: Call, user: User, row: MfaDevice) -> None:
    count_devices(user)
    call.changed(after=state(row))
    tell(user, "mfa_enabled", device=row.name)


@operation("iam:ResyncMFADevice", on=user_with_root)
def resync_mfa_device(
    call: Call, *, user_name: str, serial_number: str, authentication_code1: str, authentication_code2: str
) -> Result:
    """Take over the clock of a device that is off by up to five minutes. Raises NoSuchEntity, InvalidAuthenticationCode."""
    row = assigned_device(resolve.require_user(call), serial_number)
    if row.is_passkey:
        raise InvalidInput("A passkey shows no codes and needs no synchronisation.")
    before = state(row)
    pair = mfa.check_pair(row, authentication_code1, authentication_code2, now(), reach=mfa.SEARCHED)
    row.last_step, row.drift = pair.last_step, pair.drift
    row.save(update_fields=["last_step", "drift"])
    call.changed(before=before, after=state(row))
    return {}


@operation("iam:DeactivateMFADevice", on=user_with_root)
def deactivate_mfa_device(call: Call, *, serial_number: str, user_name: str | None = None) -> Result:
    """Take a device from its user: a virtual one stays as unassigned, a passkey is gone. Raises NoSuchEntity.

    The user's other sessions end.
    """
    user = resolve.require_user(call)
    if not MfaDevice.objects.filter(account_id=call.account_id, serial_number=serial_number).exists():
        raise no_device(serial_number)
    row = assigned_device(user, serial_number)
    call.changed(before=state(row))
    if row.is_passkey:
        row.delete()
    else:
        row.user, row.former_user, row.enabled_at = None, user, None
        row.save(update_fields=["user", "former_user", "enabled_at"])
        call.changed(after=state(row))
    if count_devices(user) == 0:
        RecoveryCode.objects.filter(user=user).delete()
    own = call.caller.user_id == user.pk
    end_sessions(user, except_id=str(call.caller.session_facts.get("session_id", "")) if own else "")
    tell(user, "mfa_removed", device=row.name)
    return {}


@operation("iam:DiscardMFADevice", on=user_with_root, permission="iam:DeactivateMFADevice")
def discard_mfa_device(call: Call, *, serial_number: str, user_name: str | None = None) -> Result:
    """Delete the device that was just deactivated for this user, so that removing one in the console leaves nothing behind.

    It goes by the permission to deactivate: the published self-management policies grant no iam:DeleteVirtualMFADevice, and the name of a
    device left behind could not be used again. Raises NoSuchEntity for a device that is in use or was somebody else's.
    """
    user = resolve.require_user(call)
    row = MfaDevice.objects.filter(serial_number=serial_number, user=None, former_user=user).first()
    if row is None:
        raise NoSuchEntity(f"VirtualMFADevice with serial number {serial_number} doesn't exist.")
    call.changed(before=state(row))
    row.delete()
    return {}


@operation("iam:DeleteVirtualMFADevice", on=device)
def delete_virtual_mfa_device(call: Call, *, serial_number: str) -> Result:
    """Delete an unassigned device. Raises NoSuchEntity, DeleteConflict."""
    row: MfaDevice | None = call.entity
    if row is None:
        raise no_device(serial_number)
    if row.user_id is not None:
        raise DeleteConflict("MFA VirtualDevice in use. Must deactivate first.")
    call.changed(before=state(row))
    row.delete()
    return {}


@operation("iam:ListMFADevices", on=resolve.user_or_self)
def list_mfa_devices(
    call: Call, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The devices of a user or of the caller, passkeys included. Raises NoSuchEntity."""
    user = resolve.require_user(call)
    found, paging = page_of_list(mfa.devices_of(user), marker, max_items)
    return {"MFADevices": [described(row, user) for row in found], **paging}


@operation("iam:GetMFADevice", on=user_with_root)
def get_mfa_device(call: Call, *, serial_number: str, user_name: str | None = None) -> Result:
    """One device of a user or of the caller. Raises NoSuchEntity."""
    user = resolve.require_user(call)
    return described(assigned_device(user, serial_number), user)


@operation("iam:ListVirtualMFADevices", on=resolve.collection("mfa"))
def list_virtual_mfa_devices(
    call: Call, *, assignment_status: str = "Any", marker: str | None = None, max_items: int | None = None
) -> Result:
    """The account's virtual devices by serial number, the root user's among them."""
    rows = MfaDevice.objects.filter(account_id=call.account_id, kind=MfaDevice.VIRTUAL).select_related("user")
    if assignment_status != "Any":
        rows = rows.filter(user__isnull=assignment_status == "Unassigned")
    found, paging = page(rows, "serial_number", marker, max_items)
    return {"VirtualMFADevices": [_listed(row) for row in found], **paging}


@operation("iam:TagMFADevice", on=device)
def tag_mfa_device(call: Call, *, serial_number: str, tags: list[dict[str, str]]) -> Result:
    """Add tags or change their values. Raises NoSuchEntity, InvalidInput, LimitExceeded."""
    row = require_device(call)
    before = state(row)
    check_tags(tags, fold=False)
    for tag in tags:
        MfaDeviceTag.objects.update_or_create(device=row, key=tag["Key"], defaults={"value": tag.get("Value", "")})
    enforce("TagsPerResourceQuota", row.tags.count())
    call.changed(before=before, after=state(row))
    return {}


@operation("iam:UntagMFADevice", on=device)
def untag_mfa_device(call: Call, *, serial_number: str, tag_keys: list[str]) -> Result:
    """Remove tags; keys that are not there are passed over. Raises NoSuchEntity."""
    row = require_device(call)
    before = state(row)
    MfaDeviceTag.objects.filter(device=row, key__in=tag_keys).delete()
    call.changed(before=before, after=state(row))
    return {}


@operation("iam:ListMFADeviceTags", on=device)
def list_mfa_device_tags(
    call: Call, *, serial_number: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The tags of a virtual device, by key. Raises NoSuchEntity."""
    found, paging = page_of_list(describe.tags(require_device(call).tags.order_by("key")), marker, max_items)
    return {"Tags": found, **paging}


def assigned_device(user: User, serial: str) -> MfaDevice:
    """The device of a user. Raises NoSuchEntity."""
    row = MfaDevice.objects.filter(user=user, serial_number=serial).first()
    if row is None:
        raise NoSuchEntity("MFA Device invalid for user.")
    return row


def count_devices(user: User) -> int:
    """Keep the user's summary of its devices; how many there are."""
    number = MfaDevice.objects.filter(user=user).count()
    User.everyone.filter(pk=user.pk).update(mfa_device_count=number)
    return number


def described(row: MfaDevice, user: User) -> dict[str, Any]:
    shown = {"SerialNumber": row.serial_number, "EnableDate": row.enabled_at}
    return shown if user.is_root else {"UserName": user.name, **shown}


def _listed(row: MfaDevice) -> dict[str, Any]:
    shown: dict[str, Any] = {"SerialNumber": row.serial_number}
    return shown | ({"EnableDate": row.enabled_at, "User": describe.user(row.user)} if row.user else {})


def _tags_of(row: MfaDevice) -> dict[str, Any]:
    tags = describe.tags(row.tags.order_by("id"))
    return {"Tags": tags} if tags else {}


def state(row: MfaDevice) -> dict[str, Any]:
    """A device as the record keeps it: everything but the seed and the key."""
    return {
        "serialNumber": row.serial_number,
        "kind": row.kind,
        "user": row.user.arn if row.user else None,
        "clockOffSeconds": row.drift * mfa.STEP,
        "tags": {tag.key: tag.value for tag in row.tags.all()},
    }
