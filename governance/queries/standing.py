"""How the account stands: one query for numbers, one for people, one for policies, one for what changed."""

from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, Manager, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from access.effective import prepared
from accounts.models import AccessKey, Account, Group, PasswordPolicy, Role, User
from accounts.risks import RISKS
from engine import Policy, PolicySyntaxError
from operations.gate import SOURCES
from operations.models import Event
from policies.models import ManagedPolicy, PolicyUsage, PolicyVersion

LOOKED_THROUGH = 2_000  # of the newest Events, most of which are reads


@dataclass(frozen=True)
class Numbers:
    """What GetAccountSummary tells, as far as the dashboard shows it."""

    users: int
    groups: int
    roles: int
    policies: int
    root_has_mfa: bool
    root_has_keys: bool
    has_password_policy: bool
    has_alias: bool


@dataclass(frozen=True)
class People:
    """How many users are a risk, by kind of risk."""

    without_mfa: int
    old_keys: int
    inactive: int
    never_active: int


@dataclass(frozen=True)
class Risky:
    """Customer managed policies that deserve a look: those that allow everything on everything, and how many nobody uses."""

    everything: list[ManagedPolicy]
    unused: int


def numbers(account_id: str) -> Numbers:
    """Counts of the account's entities and the state of its root user."""
    root = User.everyone.filter(account=OuterRef("pk"), is_root=True)
    row = (
        Account.objects.filter(pk=account_id)
        .annotate(
            users_number=_count(User.objects, account=OuterRef("pk")),
            groups_number=_count(Group.objects, account=OuterRef("pk")),
            roles_number=_count(Role.objects, account=OuterRef("pk")),
            policies_number=_count(ManagedPolicy.objects, account_id=OuterRef("pk")),
            root_mfa=Exists(root.filter(mfa_device_count__gt=0)),
            root_keys=Exists(AccessKey.objects.filter(user__account=OuterRef("pk"), user__is_root=True)),
            policy_set=Exists(PasswordPolicy.objects.filter(account=OuterRef("pk"))),
        )
        .get()
    )
    found: Any = row
    return Numbers(
        users=found.users_number,
        groups=found.groups_number,
        roles=found.roles_number,
        policies=found.policies_number,
        root_has_mfa=found.root_mfa,
        root_has_keys=found.root_keys,
        has_password_policy=found.policy_set,
        has_alias=bool(row.alias),
    )


def people(account_id: str) -> People:
    """Users without a second factor, with old access keys, and without use."""
    conditions = {risk.key.replace("-", "_"): risk.condition() for risk in RISKS}
    counts = {each.name: Count("pk", filter=conditions[each.name]) for each in fields(People)}
    return People(**User.objects.filter(account_id=account_id).aggregate(**counts))


def risky(account_id: str) -> Risky:
    """The account's own policies that allow everything, and those that nobody has."""
    mine = PolicyUsage.objects.filter(policy=OuterRef("policy"), account_id=account_id)
    versions = (
        PolicyVersion.objects.filter(policy__account_id=account_id, number=F("policy__default_version"))
        .annotate(is_used=Exists(mine.filter(Q(attachments__gt=0) | Q(boundaries__gt=0))))
        .select_related("policy")
        .order_by("policy__name_key")
    )
    everything, unused = [], 0
    for version in versions.iterator(500):
        unused += not version.is_used
        if '"*"' in version.document and _allows_everything(version.document):
            everything.append(version.policy)
    return Risky(everything, unused)


def changes(account_id: str, number: int = 8) -> list[Event]:
    """The newest changes to users, groups, roles and policies, looked for among the account's newest Events."""
    newest = Event.objects.filter(account_id=account_id).order_by("-time", "-id").values("pk")[:LOOKED_THROUGH]
    rows = Event.objects.filter(pk__in=Subquery(newest), source=SOURCES["iam"], read_only=False, error_code="").defer(
        "record"
    )
    return list(rows.order_by("-time", "-id")[:number])


def allows_everything(policy: Policy) -> bool:
    """Whether a policy allows every action on every resource without a condition."""
    return any(
        statement.effect == "Allow"
        and "*" in (statement.actions or ())
        and "*" in (statement.resources or ())
        and not statement.conditions
        for statement in policy.statements
    )


def _allows_everything(document: str) -> bool:
    try:
        return allows_everything(prepared(document))
    except PolicySyntaxError:  # a document that an older release accepted
        return False


def _count(manager: Manager[Any], **which: Any) -> Any:
    """How many rows of another table belong to the row at hand, as a part of its query."""
    rows = manager.filter(**which).order_by().annotate(one=Value(1)).values("one")
    counted = rows.annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
