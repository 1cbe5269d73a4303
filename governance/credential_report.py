"""The credential report: every user of an account with passwords, MFA, keys and certificates, as AWS writes it.

Source: IAM User Guide, «Generate credential reports for your AWS account»; the order of rows and the spelling of values are those of
reports that AWS has given out.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from accounts.models import AccessKey, PasswordPolicy, SigningCertificate, User

COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    *(
        f"access_key_{number}_{what}"
        for number in (1, 2)
        for what in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
    ),
    *(f"cert_{number}_{what}" for number in (1, 2) for what in ("active", "last_rotated")),
)
AT_ONCE = 2000
NONE = "N/A"


def text(account_id: str) -> str:
    """The whole report: the root user first, then users by name; lines end with LF, the last one with nothing."""
    policy = PasswordPolicy.objects.filter(account_id=account_id).first()
    max_age = policy.max_age if policy else None
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for user in _users(account_id):
        writer.writerow(_row(user, max_age))
    return out.getvalue().rstrip("\n")


def _users(account_id: str) -> Iterator[User]:
    rows = User.everyone.filter(account_id=account_id).prefetch_related("access_keys", "signing_certificates")
    yield from rows.filter(is_root=True)
    yield from rows.filter(is_root=False).order_by("name_key").iterator(chunk_size=AT_ONCE)


def _row(user: User, max_age: int | None) -> list[str]:
    return [
        "<root_account>" if user.is_root else user.name,
        user.arn,
        _date(user.created_at),
        *_password(user, max_age),
        _flag(user.mfa_device_count > 0),
        *_keys(sorted(user.access_keys.all(), key=lambda key: (key.created_at, key.pk))),
        *_certificates(sorted(user.signing_certificates.all(), key=lambda one: (one.uploaded_at, one.pk))),
    ]


def _password(user: User, max_age: int | None) -> list[str]:
    if user.is_root:
        return ["not_supported", _date(user.password_last_used, "no_information"), "not_supported", "not_supported"]
    if not user.has_password:
        return ["false", NONE, NONE, NONE]
    changed = user.password_changed_at
    rotation = changed + timedelta(days=max_age) if changed and max_age else None
    return ["true", _date(user.password_last_used, "no_information"), _date(changed), _date(rotation)]


def _keys(keys: Sequence[AccessKey]) -> Iterator[str]:
    for number in range(2):
        if number >= len(keys):
            yield from ("false", NONE, NONE, NONE, NONE)
            continue
        key = keys[number]
        yield _flag(key.is_active)
        yield _date(key.status_changed_at)
        yield _date(key.last_used_at)
        yield key.last_used_region or NONE
        yield key.last_used_service or NONE


def _certificates(certificates: Sequence[SigningCertificate]) -> Iterator[str]:
    for number in range(2):
        if number >= len(certificates):
            yield from ("false", NONE)
        else:
            yield from (_flag(certificates[number].is_active), _date(certificates[number].status_changed_at))


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _date(moment: datetime | None, absent: str = NONE) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00") if moment else absent
