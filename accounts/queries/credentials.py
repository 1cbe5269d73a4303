"""What a page about credentials shows, each part with a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime

from accounts import mfa, passwords, recovery
from accounts.models import AccessKey, LoginProfile, MfaDevice, RecoveryCode, User
from operations import journal
from operations.models import Event


@dataclass(frozen=True)
class PasswordFacts:
    """A console password: whether there is one, its age and its end."""

    exists: bool
    chosen: bool = False  # an invitation that was not followed yet has none
    changed_at: datetime | None = None
    expires_at: datetime | None = None
    days_left: int | None = None
    expired: bool = False
    reset_required: bool = False


def password_facts(user: User, moment: datetime) -> PasswordFacts:
    profile = LoginProfile.objects.filter(user=user).first()
    if profile is None:
        return PasswordFacts(exists=False)
    max_age = None if user.is_root else passwords.rules_of(user.account).max_age
    return PasswordFacts(
        exists=True,
        chosen=bool(profile.password_hash),
        changed_at=profile.changed_at if profile.password_hash else None,
        expires_at=passwords.expires_at(profile, max_age),
        days_left=passwords.days_left(profile, max_age, moment),
        expired=passwords.is_expired(profile, max_age, moment),
        reset_required=profile.reset_required,
    )


def devices(user: User) -> list[MfaDevice]:
    return mfa.devices_of(user)


@dataclass(frozen=True)
class RecoveryFacts:
    """A user's recovery codes: how many are left, which were used when, and whether a new set waits for its proof."""

    left: int | None
    used: list[datetime]
    unconfirmed: bool

    @property
    def few(self) -> bool:
        return self.left is not None and self.left <= recovery.FEW


def recovery_facts(user: User) -> RecoveryFacts:
    rows = list(RecoveryCode.objects.filter(user=user).values_list("confirmed_at", "used_at"))
    in_force = [used for confirmed, used in rows if confirmed]
    used = sorted((moment for moment in in_force if moment), reverse=True)
    return RecoveryFacts(
        left=len(in_force) - len(used) if in_force else None,
        used=used,
        unconfirmed=any(confirmed is None for confirmed, _ in rows),
    )


def keys(user: User) -> list[AccessKey]:
    found = list(AccessKey.objects.filter(user=user).order_by("created_at", "id"))
    for key in found:
        key.user = user
    return found


def recent_activity(user: User, number: int = 15) -> list[Event]:
    """The newest calls and sign-ins of a user, denied and failed ones too."""
    journal.settle()
    rows = Event.objects.filter(account_id=user.account_id, principal_arn=user.arn)
    return list(rows.defer("record").order_by("-time", "-id")[:number])
