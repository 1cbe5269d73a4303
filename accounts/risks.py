"""What makes a user a risk: the facts that the dashboard recommends to act on, about one user and as conditions over all.

Who has administrator access is none of them: it stands in documents, which no query over a hundred thousand users can ask.
Sources: IAM User Guide, «Security best practices in IAM»; CIS AWS Foundations Benchmark, 1.10 (MFA), 1.12 (unused), 1.13 (one key) and
1.14 (age).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import HAS_PASSWORD, User
from operations.clock import now

OLD = timedelta(days=90)
HIGH, MEDIUM, LOW = 0, 1, 2
WORDS = (_("High risk"), _("Medium risk"), _("Low risk"))
OUTCOMES = ("explicitDeny", "warning", "info")  # the outcomes whose colour and icon they bear
REPORT = "iam:GetCredentialReport"


@dataclass(frozen=True)
class Risk:
    """One fact: how dangerous it is, what it is called, what a reader needs to be told it (pages.listing.needs), whether a user has it,
    and the part of the user's security credentials where to act.
    """

    key: str
    severity: int
    label: Promise
    needs: tuple[str, ...]
    condition: Callable[[], Q]
    holds: Callable[[User], bool]
    part: str


RISKS: Sequence[Risk] = (
    Risk(
        "without-mfa",
        HIGH,
        _("Console password without MFA"),
        ("iam:GetLoginProfile iam:ListMFADevices", REPORT),
        lambda: HAS_PASSWORD & Q(mfa_device_count=0),
        lambda user: user.has_password and not user.mfa_device_count,
        "mfa",
    ),
    Risk(
        "old-keys",
        MEDIUM,
        _("Active access key older than 90 days"),
        ("iam:ListAccessKeys", REPORT),
        lambda: Q(oldest_active_key_at__lt=now() - OLD),
        lambda user: user.oldest_active_key_at is not None and user.oldest_active_key_at < now() - OLD,
        "access-keys",
    ),
    Risk(
        "inactive",
        MEDIUM,
        _("No activity for 90 days"),
        ("iam:ListAccessKeys iam:GetAccessKeyLastUsed", REPORT),
        lambda: Q(last_activity_at__lt=now() - OLD),
        lambda user: user.last_activity_at is not None and user.last_activity_at < now() - OLD,
        "",
    ),
    Risk(
        "never-active",
        LOW,
        _("Older than 90 days and never active"),
        ("iam:ListAccessKeys iam:GetAccessKeyLastUsed", REPORT),
        lambda: Q(last_activity_at__isnull=True, created_at__lt=now() - OLD),
        lambda user: user.last_activity_at is None and user.created_at < now() - OLD,
        "",
    ),
    Risk(
        "two-keys",
        LOW,
        _("Two active access keys"),
        ("iam:ListAccessKeys", REPORT),
        lambda: Q(active_key_count__gte=2),
        lambda user: user.active_key_count >= 2,
        "access-keys",
    ),
)
