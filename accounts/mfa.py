"""Second factors: checking the codes of virtual MFA devices, once each, with the device's clock taken into account.

Codes are TOTP (RFC 6238): six digits, a new one every 30 seconds. One step of difference is allowed for. A code counts once: the newest
step used is moved by one conditional update, so that of two processes with the same code only one succeeds.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

import segno
from django_otp.oath import TOTP

from accounts.models import MfaDevice, User
from operations.errors import AccessDenied, InvalidAuthenticationCode
from operations.ids import iam_arn
from operations.models import Event

STEP, DIGITS = 30, 6
TOLERANCE = 1
SEARCHED = 10  # steps to either side in which a code is looked for, to tell a wrong clock from a wrong code
SEED_BYTES = 20  # RFC 4226, section 4: 160 bits
UNKNOWN_SERIAL = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
NOT_VALID = "Authentication code for device is not valid."
MOST_TRIES, TRIES_WITHIN = 5, timedelta(minutes=5)


def new_seed() -> str:
    """A new seed, as the base32 text that authenticator apps take."""
    return base64.b32encode(secrets.token_bytes(SEED_BYTES)).decode()


def in_fours(seed: str) -> str:
    """A seed as people can type it: in groups of four."""
    return " ".join(seed[start : start + 4] for start in range(0, len(seed), 4))


def address(name: str, account: str, seed: str, *, issuer: str = "") -> str:
    """The otpauth:// address of a seed, which a QR code carries."""
    label = quote(f"{issuer}:{name}@{account}" if issuer else f"{name}@{account}", safe="@:")
    return f"otpauth://totp/{label}?{urlencode({'secret': seed} | ({'issuer': issuer} if issuer else {}), quote_via=quote)}"


def qr_svg(text: str) -> str:
    """A QR code as an SVG data address: drawn here, fetched from nowhere."""
    return str(segno.make(text, error="m", micro=False).svg_data_uri(scale=5, border=4, dark="#000", light="#fff"))


def serial_number(account_id: str, path: str, name: str) -> str:
    return iam_arn(account_id, f"mfa{path}{name}")


def code_at(seed: str, step: int) -> str:
    """The code of one time step."""
    totp = TOTP(base64.b32decode(seed), step=STEP)
    totp.time = step * STEP
    return f"{totp.token():06d}"


def is_code(text: str) -> bool:
    """Whether a text has the form of a code: six digits."""
    return len(text) == DIGITS and text.isascii() and text.isdecimal()


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // STEP


def step_of(seed: str, code: str, around: int, reach: int) -> int | None:
    """The time step, nearest to `around` and at most `reach` away, whose code this is. Compares in constant time."""
    found = None
    for distance in sorted(range(-reach, reach + 1), key=abs):
        if secrets.compare_digest(code_at(seed, around + distance), code) and found is None:
            found = around + distance
    return found


@dataclass(frozen=True)
class Pair:
    """Two consecutive codes that fit: the step of the second one, and by how many steps the device's clock is off."""

    last_step: int
    drift: int


def check_pair(device: MfaDevice, first: str, second: str, now: datetime, *, reach: int = TOLERANCE) -> Pair:
    """Check two consecutive codes. With a `reach` of SEARCHED (resynchronising) any clock that far off is taken.

    Raises InvalidAuthenticationCode; its details say which code is wrong (`wrong`: 1 or 2), whether the second is the first again (`same`)
    or by how many seconds the device's clock is ahead (`ahead`, negative when behind).
    """
    present = step_at(now)
    if first == second:
        raise InvalidAuthenticationCode(NOT_VALID, wrong=2, same=True)
    # The first code was shown before the second: at the time of asking its step is the one before the present one.
    one = step_of(device.seed, first, present - 1, SEARCHED + 1)
    if one is None:
        raise InvalidAuthenticationCode(NOT_VALID, wrong=1)
    if not secrets.compare_digest(code_at(device.seed, one + 1), second):
        raise InvalidAuthenticationCode(NOT_VALID, wrong=2, same=False)
    # Typing takes time, so a pair that was right up to two steps ago is on time.
    drift = one + 1 - present
    drift = 0 if -TOLERANCE - 1 <= drift <= TOLERANCE else drift
    if abs(drift) > reach:
        raise InvalidAuthenticationCode(NOT_VALID, ahead=drift * STEP)
    if one + 1 <= device.last_step:
        raise InvalidAuthenticationCode(NOT_VALID, wrong=1, used=True)
    return Pair(one + 1, drift)


def use_code(device: MfaDevice, code: str, now: datetime) -> bool:
    """Whether a code is right for a device now; if so it is used up."""
    if device.is_passkey or not is_code(code):
        return False
    present = step_at(now) + device.drift
    step = step_of(device.seed, code, present, TOLERANCE)
    if step is None:
        return False
    drift = step - step_at(now)
    return bool(
        MfaDevice.objects.filter(pk=device.pk, last_step__lt=step).update(last_step=step, drift=drift, last_used_at=now)
    )


@dataclass(frozen=True)
class Refusal:
    """Why a code was refused at sign-in, as far as it may be told: it was used before, or the device's clock is behind."""

    used: bool = False
    seconds_behind: int = 0


def why_refused(devices: Sequence[MfaDevice], code: str, now: datetime) -> Refusal:
    """Look a refused code up among the newest ones of a user's devices.

    A clock that is ahead is not told here: whoever guesses would learn a code that will be right in a few minutes.
    """
    for device in devices:
        if device.is_passkey or not is_code(code):
            continue
        present = step_at(now) + device.drift
        for distance in range(SEARCHED + 1):
            if secrets.compare_digest(code_at(device.seed, present - distance), code):
                return Refusal(seconds_behind=distance * STEP) if distance > TOLERANCE else Refusal(used=True)
    return Refusal()


def devices_of(user: User) -> list[MfaDevice]:
    """The devices that are enabled for a user, oldest first."""
    return list(MfaDevice.objects.filter(user=user).order_by("enabled_at", "id"))


def verify_code(user: User, serial: str, code: str, now: datetime) -> MfaDevice:
    """Check and use up a code that came with an API call (`SerialNumber` and `TokenCode` of AWS STS).

    Raises AccessDenied in AWS's words: unknown serial number, passkey (which STS does not take), wrong or used code, too many tries.
    The call that fails is recorded with this error, and the record is what the tries are counted by.
    """
    wrong = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
    _refuse_many_tries(user, now, wrong)
    device = MfaDevice.objects.filter(serial_number=serial, user=user, kind=MfaDevice.VIRTUAL).first()
    if device is None:
        raise AccessDenied(UNKNOWN_SERIAL)
    if not use_code(device, code, now):
        raise AccessDenied(wrong)
    return device


def _refuse_many_tries(user: User, now: datetime, wrong: str) -> None:
    failed = Event.objects.filter(
        account_id=user.account_id,
        principal_arn=user.arn,
        error_code=AccessDenied.code,
        name__in=("GetSessionToken", "AssumeRole"),
        time__gt=now - TRIES_WITHIN,
        record__contains=wrong.strip(),
    )
    if len(failed.order_by("-time", "-id").values_list("id")[:MOST_TRIES]) >= MOST_TRIES:
        raise AccessDenied(f"{wrong}Too many attempts; wait {int(TRIES_WITHIN.total_seconds() // 60)} minutes.")
