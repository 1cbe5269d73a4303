"""Recovery codes, which AWS does not have: make a set, prove that it was kept, and an administrator's reset of all MFA."""

from accounts import mfa, recovery, resolve
from accounts.models import MfaDevice, RecoveryCode
from accounts.notices import tell
from accounts.operations.mfa_devices import count_devices, state
from accounts.sessions import end_sessions
from operations.clock import now
from operations.errors import AccessDenied, InvalidAuthenticationCode, InvalidInput
from operations.gate import Call, Result, Target, operation


def caller_itself(call: Call) -> Target:
    """The user who calls: nobody can make recovery codes for somebody else."""
    return resolve.user_or_self(call)


@operation("iam:CreateRecoveryCodes", on=caller_itself, permission="iam:EnableMFADevice")
def create_recovery_codes(call: Call) -> Result:
    """Make ten codes for the caller. They count once one of them was typed back; until then an earlier set stays in force.

    Raises AccessDenied outside the console (a program with a key must not make itself a second factor), InvalidInput without a device.
    """
    user = resolve.require_user(call)
    if call.caller.door != "console":
        raise AccessDenied("Recovery codes can be created in the console only.")
    if not mfa.devices_of(user):
        raise InvalidInput("Recovery codes stand in for an MFA device: enable a device first.")
    codes, moment = recovery.new_codes(), now()
    RecoveryCode.objects.filter(user=user, confirmed_at=None).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_digest=recovery.code_digest(user, code), created_at=moment) for code in codes
    )
    call.changed(after={"arn": user.arn, "unconfirmedCodes": len(codes)})
    return {"RecoveryCodes": codes}


@operation("iam:ConfirmRecoveryCodes", on=caller_itself, permission="iam:EnableMFADevice")
def confirm_recovery_codes(call: Call, *, recovery_code: str) -> Result:
    """Put the new set in force by typing back one of its codes, which stays usable. Raises InvalidAuthenticationCode, InvalidInput."""
    user = resolve.require_user(call)
    waiting = RecoveryCode.objects.filter(user=user, confirmed_at=None)
    if not waiting.exists():
        raise InvalidInput("There are no new recovery codes to confirm.")
    if not waiting.filter(code_digest=recovery.code_digest(user, recovery_code)).exists():
        raise InvalidAuthenticationCode("This is none of the new recovery codes.")
    replaced = RecoveryCode.objects.filter(user=user, confirmed_at__isnull=False).delete()[0]
    waiting.update(confirmed_at=now())
    call.changed(before={"arn": user.arn, "codes": replaced}, after={"arn": user.arn, "codes": recovery.SET_SIZE})
    tell(user, "recovery_codes_made")
    return {}


@operation("iam:ResetUserMFA", on=resolve.user)
def reset_user_mfa(call: Call, *, user_name: str, reason: str) -> Result:
    """Remove all devices and recovery codes of a user who has lost them; the user's sessions end. The reason is recorded.

    Raises NoSuchEntity, InvalidInput when there is nothing to reset.
    """
    user = resolve.require_user(call)
    devices = mfa.devices_of(user)
    if not devices:
        raise InvalidInput(f"The user {user.name} has no MFA device.")
    call.changed(before={"devices": [state(row) for row in devices]}, after={"devices": []})
    call.note(reason=reason)
    MfaDevice.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    count_devices(user)
    end_sessions(user)
    tell(user, "mfa_reset", reason=reason)
    return {"SerialNumbers": [row.serial_number for row in devices]}
