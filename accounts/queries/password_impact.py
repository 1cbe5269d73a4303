"""Whom a change of the password rules would touch, counted in the database before it is saved."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from accounts.models import Account, User
from accounts.passwords import WARNING, Rules


@dataclass(frozen=True)
class Impact:
    """One consequence: how many users, in one sentence, and whether it is grave."""

    number: int
    what: str
    grave: bool = False


def impact(account: Account, old: Rules, new: Rules, moment: datetime) -> list[Impact]:
    """What replacing the old rules by the new ones does to today's users, in one query. Access keys and the root user are never touched."""
    counts = User.objects.filter(account=account, console_access=True).aggregate(
        everybody=Count("pk"),
        was_expired=Count("pk", filter=_expired(old, moment)),
        expired=Count("pk", filter=_expired(new, moment)),
        soon=Count("pk", filter=_expired(new, moment + WARNING)),
    )
    found = []
    newly = max(0, counts["expired"] - counts["was_expired"])
    if new.max_age != old.max_age or new.hard_expiry != old.hard_expiry:
        found += _ageing(new, counts["expired"], newly, counts["soon"] - counts["expired"])
    if _is_stricter(old, new):
        found.append(
            Impact(
                counts["everybody"],
                "must follow the new rules when they next change their password; the present passwords stay valid",
            )
        )
    if old.allow_users_to_change and not new.allow_users_to_change:
        text = "can change their own password only where a policy of theirs allows iam:ChangePassword"
        found.append(Impact(counts["everybody"], text, grave=bool(new.max_age)))
    if new.allow_users_to_change and not old.allow_users_to_change:
        found.append(Impact(counts["everybody"], "may change their own password, unless a policy of theirs denies it"))
    return found


def _ageing(new: Rules, expired: int, newly: int, soon: int) -> list[Impact]:
    if not new.max_age:
        return [Impact(0, "are forced to change their password: passwords do not expire any more")]
    found = []
    if new.hard_expiry:
        found.append(
            Impact(
                expired,
                "cannot sign in until an administrator sets a new password: theirs has expired for good",
                grave=bool(expired),
            )
        )
    else:
        text = "must change their password at the next sign-in"
        if not new.allow_users_to_change:
            text += ", and are locked out unless a policy of theirs allows iam:ChangePassword"
        found.append(Impact(expired, text, grave=bool(expired) and not new.allow_users_to_change))
    if newly != expired:
        found.append(Impact(newly, "of them only because of this change"))
    found.append(Impact(soon, f"are warned at sign-in: their password expires within {WARNING.days} days"))
    return found


def _expired(rules: Rules, moment: datetime) -> Q:
    if not rules.max_age:
        return Q(pk=None)
    return Q(password_changed_at__lte=moment - timedelta(days=rules.max_age))


def _is_stricter(old: Rules, new: Rules) -> bool:
    fields = ("require_symbols", "require_numbers", "require_uppercase", "require_lowercase", "refuse_breached")
    return (
        new.minimum_length > old.minimum_length
        or new.minimum_strength > old.minimum_strength
        or new.minimum_classes > old.minimum_classes
        or (new.reuse_prevention or 0) > (old.reuse_prevention or 0)
        or any(getattr(new, name) and not getattr(old, name) for name in fields)
    )
