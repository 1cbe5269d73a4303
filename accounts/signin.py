"""Signing in: password, second factor, and what is recorded of it. Every refusal reads the same and takes the same time.

The views call these; nothing here knows of pages. What is wrong (account, user, password) is told to the record, never to the visitor.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from accounts import mfa, passwords, recovery, signin_events, throttling
from accounts.models import Account, LoginProfile, MfaDevice, User
from accounts.notices import tell
from accounts.signin_events import Place
from operations.clock import now
from operations.models import Event

NEUTRAL = "Your authentication information is incorrect. Please try again."
EXPIRED = "Your password has expired and can no longer be used. Ask an administrator to set a new one."


Knows = Callable[[User], bool]  # whether the browser at hand has signed a user in before


class SignInRefused(Exception):
    """The sign-in failed. `seconds` is the wait before the next attempt, 0 for none; the text may be shown as it is."""

    def __init__(self, text: str = NEUTRAL, *, seconds: int = 0, refusal: mfa.Refusal | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.seconds = seconds
        self.refusal = refusal or mfa.Refusal()


@dataclass(frozen=True)
class Admitted:
    """A user whose password is right."""

    user: User
    must_change_password: bool
    days_left: int | None
    needs_factor: bool


def account_named(text: str) -> Account | None:
    """The account of a twelve-digit id or an alias, as typed at sign-in."""
    typed = text.strip().replace("-", "") if text.strip().replace("-", "").isdecimal() else text.strip().lower()
    return Account.objects.filter(pk=typed).first() or Account.objects.filter(alias=typed).first()


def check_user_password(account_text: str, name: str, password: str, place: Place, knows: Knows) -> Admitted:
    """An IAM user's password. Raises SignInRefused, neutral."""
    account = account_named(account_text)
    user = (
        User.objects.select_related("account").filter(account=account, name_key=name.strip().lower()).first()
        if account
        else None
    )
    where = account.pk if account else account_text.strip().lower()
    limits = throttling.sign_in_limits(where, name.strip(), place.source_ip, known_browser=bool(user and knows(user)))
    return _check(user, account, password, place, limits)


def check_root_password(email: str, password: str, place: Place, knows: Knows) -> Admitted:
    """The root user's password. Raises SignInRefused, neutral."""
    typed = email.strip()
    user = User.everyone.select_related("account").filter(is_root=True, email__iexact=typed).first() if typed else None
    limits = throttling.sign_in_limits("root", typed, place.source_ip, known_browser=bool(user and knows(user)))
    return _check(user, user.account if user else None, password, place, limits, root=True)


def _check(
    user: User | None,
    account: Account | None,
    password: str,
    place: Place,
    limits: list[throttling.Limit],
    *,
    root: bool = False,
) -> Admitted:
    _admit(limits)
    profile = LoginProfile.objects.filter(user=user).first() if user else None
    fits = passwords.matches(
        password[: passwords.LONGEST + 1], profile.password_hash if profile else "", _upgrade(profile)
    )
    if user is None:
        signin_events.unknown(account, place, root=root)
        raise SignInRefused(seconds=throttling.wait_of(limits, now()))
    if profile is None or not fits:
        raise _failed(user, place, limits)
    rules = passwords.rules_of(user.account)
    max_age = None if user.is_root else rules.max_age
    if rules.hard_expiry and passwords.is_expired(profile, max_age, now()):
        throttling.forgive(limits)
        signin_events.failed(user, place, "Password expired")
        raise SignInRefused(EXPIRED)
    throttling.forgive(limits)
    return Admitted(
        user,
        must_change_password=passwords.must_change(profile, max_age, now()),
        days_left=passwords.days_left(profile, max_age, now()),
        needs_factor=MfaDevice.objects.filter(user=user).exists(),
    )


def check_factor(user: User, code: str, place: Place, knows: Knows, *, signing_in: bool = True) -> MfaDevice | None:
    """A TOTP code of any of the user's devices, or a recovery code: the device, or None for a recovery code. Raises SignInRefused.

    With `signing_in` a wrong code is a sign-in that failed; without it, somebody signed in was asked again.
    """
    limits = throttling.factor_limits(user.pk, known_browser=knows(user))
    _admit(limits)
    moment, typed = now(), "".join(code.split())
    devices = mfa.devices_of(user)
    for device in devices:
        if mfa.use_code(device, typed, moment):
            throttling.forgive(limits)
            signin_events.checked_mfa(user, place, "Virtual MFA", success=True)
            return device
    if recovery.use(user, typed, moment):
        throttling.forgive(limits)
        signin_events.checked_mfa(user, place, "Recovery code", success=True)
        with transaction.atomic():
            tell(user, "recovery_code_used", left=recovery.left(user), source_ip=place.source_ip)
        return None
    signin_events.checked_mfa(user, place, "Virtual MFA", success=False)
    if signing_in:
        refused = _failed(user, place, limits, factor="Virtual MFA")
    else:
        refused = SignInRefused("The code is not right.", seconds=throttling.wait_of(limits, now()))
    refused.refusal = mfa.why_refused(devices, typed, moment)
    raise refused


def check_passkey(device: MfaDevice, place: Place) -> Admitted:
    """A passkey that proved possession and person stands for both factors; the rules of the password's age hold all the same.

    Raises SignInRefused for a user without console access, and for a password that has expired for good.
    """
    user = device.user
    profile = LoginProfile.objects.filter(user=user).first() if user else None
    if user is None or profile is None or not profile.password_hash:
        raise SignInRefused
    rules = passwords.rules_of(user.account)
    max_age = None if user.is_root else rules.max_age
    if rules.hard_expiry and passwords.is_expired(profile, max_age, now()):
        signin_events.failed(user, place, "Password expired", factor="Passkey")
        raise SignInRefused(EXPIRED)
    signin_events.checked_mfa(user, place, "Passkey", success=True)
    left = passwords.days_left(profile, max_age, now())
    return Admitted(user, passwords.must_change(profile, max_age, now()), left, needs_factor=True)


def passkey_failed(user: User, place: Place) -> None:
    """A passkey that did not prove itself after a right password."""
    signin_events.checked_mfa(user, place, "Passkey", success=False)
    signin_events.failed(user, place, factor="Passkey")


def check_own_password(user: User, password: str, place: Place, knows: Knows) -> None:
    """The password of somebody signed in, asked for again. Raises SignInRefused."""
    limits = throttling.factor_limits(user.pk, known_browser=knows(user))
    _admit(limits)
    profile = LoginProfile.objects.filter(user=user).first()
    if not passwords.matches(password[: passwords.LONGEST + 1], profile.password_hash if profile else ""):
        signin_events.confirmed(user, place, success=False)
        raise SignInRefused("The password is not right.", seconds=throttling.wait_of(limits, now()))
    throttling.forgive(limits)
    signin_events.confirmed(user, place, success=True)


def signed_in(user: User, place: Place, factor: MfaDevice | None, *, by: str, target: str) -> None:
    """Record a sign-in that is complete, and note when the password and the user were last used."""
    moment = now()
    User.everyone.filter(pk=user.pk).update(password_last_used=moment, last_activity_at=moment)
    signin_events.signed_in(user, place, factor, factor=by, login_to=target)


def failures_since(user: User) -> int:
    """How many sign-ins of this user failed since the last one that succeeded, among the newest fifty of its events."""
    newest = (
        Event.objects.filter(account_id=user.account_id, principal_arn=user.arn)
        .order_by("-time", "-id")
        .values_list("name", "record")[:50]
    )
    number = 0
    for name, text in newest:
        if name == "ConsoleLogin" and '"ConsoleLogin":"Success"' in text:
            break
        number += name == "ConsoleLogin"
    return number


def _admit(limits: list[throttling.Limit]) -> None:
    try:
        throttling.admit(limits, now())
    except throttling.TooManyAttempts as error:
        raise SignInRefused("Too many attempts.", seconds=error.seconds) from None


def _failed(user: User, place: Place, limits: list[throttling.Limit], *, factor: str = "") -> SignInRefused:
    seconds = throttling.wait_of(limits, now())
    signin_events.failed(user, place, factor=factor, wait=seconds)
    return SignInRefused(seconds=seconds)


def _upgrade(profile: LoginProfile | None) -> Callable[[str], None]:
    """What the hasher calls when the stored hash is outdated: store it again with today's parameters."""

    def store(password: str) -> None:
        if profile is not None:
            LoginProfile.objects.filter(pk=profile.pk).update(password_hash=passwords.hashed(password))

    return store
