"""What a page about credentials shows, each part with a fixed number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Q, QuerySet, Subquery, Value

from accounts import mfa, passwords, recovery
from accounts.models import (
    AccessKey,
    GroupAttachment,
    GroupInlinePolicy,
    LoginProfile,
    MfaDevice,
    RecoveryCode,
    User,
    UserAttachment,
    UserInlinePolicy,
)
from accounts.user_agents import device_name
from audit.endings import with_sign_ins
from operations import journal
from operations.models import Event

SEARCHED = 2000  # how many of a user's newest calls are looked through for what is more than reading


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


def active_keys(user: User) -> list[AccessKey]:
    return [key for key in keys(user) if key.is_active]


@dataclass(frozen=True)
class SessionRow:
    """A console session as a table shows it. `device` is readable, `user_agent` what the browser said of itself."""

    id: str
    device: str
    user_agent: str
    source_ip: str
    signed_in: datetime
    last_seen: datetime
    is_this: bool


def session_rows(found: Iterable[Mapping[str, Any]], this: str) -> list[SessionRow]:
    """The answer of ListConsoleSessions; the session in which it is read stands first."""
    rows = [
        SessionRow(
            row["SessionId"],
            device_name(row["UserAgent"]),
            row["UserAgent"],
            row["SourceIp"],
            row["CreateDate"],
            row["LastUsedDate"],
            row["SessionId"] == this,
        )
        for row in found
    ]
    return sorted(rows, key=lambda row: not row.is_this)


@dataclass(frozen=True)
class Way:
    """One way by which a policy reaches a user: attached or inline (without an ARN), the user's own or a group's."""

    arn: str
    name: str
    group: str


def ways_of_policies(user: User) -> list[Way]:
    """Each way by which a user has a policy, in one query."""
    none, member = Value("", CharField()), {"group__memberships__user": user}
    ways = (
        UserAttachment.objects.filter(user=user).values_list("policy__arn", "policy__name", none),
        GroupAttachment.objects.filter(**member).values_list("policy__arn", "policy__name", "group__name"),
        UserInlinePolicy.objects.filter(user=user).values_list(none, "name", none),
        GroupInlinePolicy.objects.filter(**member).values_list(none, "name", "group__name"),
    )
    first, *others = (rows.order_by() for rows in ways)
    return [Way(*row) for row in first.union(*others, all=True)]


def recent_calls(user: User, number: int = 15) -> list[Event]:
    """The newest calls and sign-ins of a user, denied and failed ones too."""
    return list(with_sign_ins(_calls(user))[:number])


def recent_activity(user: User, number: int = 15) -> list[Event]:
    """A user's newest sign-ins, changes and refusals: what is left of its calls without those that only read, as every page makes some.

    They are looked for among the user's newest calls, so that a long history of nothing but reading costs no more than a short one.
    """
    newest = Subquery(_calls(user).values("pk")[:SEARCHED])
    told = Q(read_only=False) | Q(error_code="AccessDenied")
    return list(with_sign_ins(Event.objects.filter(told, pk__in=newest)).order_by("-time", "-id")[:number])


def _calls(user: User) -> "QuerySet[Event]":
    journal.settle()
    return Event.objects.filter(account_id=user.account_id, principal_arn=user.arn).order_by("-time", "-id")
