"""What makes a user a risk: the facts that the dashboard recommends to act on, about one user and as conditions over all.

Facts that begin with time stand as dates (`unused_key_at`), never as ages, so that nothing has to be kept true as days go by. Who has
administrator access is asked of what each policy's document says of itself (policies.facts), joined by attachments and groups.
Sources: IAM User Guide, «Security best practices in IAM»; CIS AWS Foundations Benchmark, 1.10 (MFA), 1.12 (unused), 1.13 (one key),
1.14 (age), 1.16 (policies that allow everything).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import BooleanField, Case, Exists, Expression, OuterRef, Q, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    HAS_PASSWORD,
    GroupAttachment,
    GroupInlinePolicy,
    Membership,
    User,
    UserAttachment,
    UserInlinePolicy,
)
from operations.clock import now
from policies.models import ManagedPolicy

OLD = timedelta(days=90)
UNUSED = timedelta(days=45)
HIGH, MEDIUM, LOW = 0, 1, 2
WORDS = (_("High risk"), _("Medium risk"), _("Low risk"))
OUTCOMES = ("explicitDeny", "warning", "info")  # the outcomes whose colour and icon they bear
DETAILS, REPORT = "iam:GetAccountAuthorizationDetails", "iam:GetCredentialReport"
SEE_POLICIES = (
    "iam:GetUser iam:ListAttachedUserPolicies iam:ListUserPolicies iam:GetUserPolicy iam:ListGroupsForUser "
    "iam:ListAttachedGroupPolicies iam:ListGroupPolicies iam:GetGroupPolicy iam:GetPolicy iam:GetPolicyVersion"
)
CREDENTIALS, PERMISSIONS = "accounts:user-security-credentials", "accounts:user"
NOBODY = Q(pk__in=())
ADMINISTRATOR = "has_everything"  # the annotation of rows that tells who has administrator access


@dataclass(frozen=True)
class Risk:
    """One fact: how dangerous it is, what it is called, what a reader needs to be told it (pages.listing.needs), whether a user has it,
    the part of the page where to act, and that page.
    """

    key: str
    severity: int
    label: Promise
    needs: tuple[str, ...]
    condition: Callable[[], Q]
    holds: Callable[[User], bool]
    part: str = ""
    page: str = CREDENTIALS


def administrators() -> Q:
    """Users with a policy that allows everything: attached, inline or by a group, and no boundary that allows less.

    A list of ids for each way, which the database makes once however many users it asks about.
    """
    everything = ManagedPolicy.objects.filter(allows_everything=True).values("pk")
    by_group = Membership.objects.filter(
        Q(group__in=GroupAttachment.objects.filter(policy__in=everything).values("group"))
        | Q(group__in=GroupInlinePolicy.objects.filter(allows_everything=True).values("group"))
    )
    ways = (
        UserAttachment.objects.filter(policy__in=everything),
        UserInlinePolicy.objects.filter(allows_everything=True),
        by_group,
    )
    found = NOBODY
    for way in ways:
        found |= Q(pk__in=way.values("user"))
    return found & (Q(boundary=None) | Q(boundary__in=everything))


def is_administrator() -> Expression:
    """The same of single rows, as what they are annotated with (`ADMINISTRATOR`): each way is looked up from the user."""
    mine = {"user": OuterRef("pk")}
    attached = GroupAttachment.objects.filter(group=OuterRef("group"), policy__allows_everything=True)
    inline = GroupInlinePolicy.objects.filter(group=OuterRef("group"), allows_everything=True)
    ways = (
        Exists(UserAttachment.objects.filter(**mine, policy__allows_everything=True))
        | Exists(UserInlinePolicy.objects.filter(**mine, allows_everything=True))
        | Exists(Membership.objects.filter(Exists(attached) | Exists(inline), **mine))
    )
    unbounded = Q(boundary=None) | Q(boundary__allows_everything=True)
    return Case(
        When(Q(ways) & unbounded, then=Value(value=True)), default=Value(value=False), output_field=BooleanField()
    )


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
        "unused-keys",
        MEDIUM,
        _("Active access key that was not used once in 45 days"),
        ("iam:ListAccessKeys iam:GetAccessKeyLastUsed", REPORT),
        lambda: Q(unused_key_at__lt=now() - UNUSED),
        lambda user: user.unused_key_at is not None and user.unused_key_at < now() - UNUSED,
        "access-keys",
    ),
    Risk(
        "inactive",
        MEDIUM,
        _("No activity for 90 days"),
        ("iam:ListAccessKeys iam:GetAccessKeyLastUsed", REPORT),
        lambda: Q(last_activity_at__lt=now() - OLD),
        lambda user: user.last_activity_at is not None and user.last_activity_at < now() - OLD,
    ),
    Risk(
        "administrator",
        MEDIUM,
        _("Administrator access: a policy allows everything"),
        (DETAILS, SEE_POLICIES),
        administrators,
        lambda user: bool(getattr(user, ADMINISTRATOR)),
        page=PERMISSIONS,
    ),
    Risk(
        "never-active",
        LOW,
        _("Older than 90 days and never active"),
        ("iam:ListAccessKeys iam:GetAccessKeyLastUsed", REPORT),
        lambda: Q(last_activity_at__isnull=True, created_at__lt=now() - OLD),
        lambda user: user.last_activity_at is None and user.created_at < now() - OLD,
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


def of_severity(risks: Sequence[Risk], severity: int) -> Q:
    """Users who have one of these facts of a severity."""
    found = NOBODY
    for risk in risks:
        if risk.severity == severity:
            found |= risk.condition()
    return found


def ranks(risks: Sequence[Risk]) -> tuple[Q, ...]:
    """What lists are sorted by: users with none of these facts, and those whose gravest one is of each severity, the gravest last."""
    found: list[Q] = []
    graver = NOBODY
    for severity in range(len(WORDS)):
        of_it = of_severity(risks, severity)
        found.insert(0, of_it & ~graver)
        graver |= of_it
    return ~graver, *found
