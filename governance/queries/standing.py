"""How the account stands: one query for numbers, one for people, one for policies, one for what changed."""

from dataclasses import dataclass, fields
from datetime import timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, IntegerField, Manager, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from accounts.models import AccessKey, Account, Group, PasswordPolicy, Role, ServerCertificate, User
from accounts.risks import RISKS
from operations.clock import now
from operations.gate import SOURCES
from operations.models import Event
from policies.models import ManagedPolicy, PolicyTest, PolicyUsage
from policies.testing import ask

SOON = timedelta(days=30)
MOST_TESTS = 1_000  # that are asked for one look
LOOKED_THROUGH = 2_000  # of the newest Events, most of which are reads


@dataclass(frozen=True)
class Numbers:
    """What GetAccountSummary tells, as far as the dashboard shows it, and what the lists of certificates and roles tell besides."""

    users: int
    groups: int
    roles: int
    policies: int
    root_has_mfa: bool
    root_has_keys: bool
    has_password_policy: bool
    has_alias: bool
    expired_certificates: int
    expiring_certificates: int
    open_roles: int  # that anybody can assume


@dataclass(frozen=True)
class People:
    """How many users are a risk, by kind of risk."""

    without_mfa: int
    old_keys: int
    inactive: int
    never_active: int
    unused_keys: int


class Wide(NamedTuple):
    """A policy that allows everything on everything."""

    name: str
    arn: str


@dataclass(frozen=True)
class Risky:
    """Customer managed policies that deserve a look: those that allow everything on everything, how many nobody uses, and for how many a
    change waits for review."""

    everything: list[Wide]
    unused: int
    proposed: int = 0


@dataclass(frozen=True)
class FailingTests:
    """A policy and how many of its tests its document in force fails."""

    name: str
    arn: str
    number: int


def numbers(account_id: str) -> Numbers:
    """Counts of the account's entities and the state of its root user."""
    root = User.everyone.filter(account=OuterRef("pk"), is_root=True)
    row = (
        Account.objects.filter(pk=account_id)
        .annotate(
            users_number=_count(User.objects, account=OuterRef("pk")),
            groups_number=_count(Group.objects, account=OuterRef("pk")),
            roles_number=_count(Role.objects, account=OuterRef("pk")),
            open_roles=_count(Role.objects, account=OuterRef("pk"), trusts_anybody=True),
            policies_number=_count(ManagedPolicy.objects, account_id=OuterRef("pk")),
            root_mfa=Exists(root.filter(mfa_device_count__gt=0)),
            root_keys=Exists(AccessKey.objects.filter(user__account=OuterRef("pk"), user__is_root=True)),
            expired=_count(ServerCertificate.objects, account=OuterRef("pk"), expires_at__lte=now()),
            expiring=_count(
                ServerCertificate.objects, account=OuterRef("pk"), expires_at__gt=now(), expires_at__lte=now() + SOON
            ),
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
        expired_certificates=found.expired,
        expiring_certificates=found.expiring,
        open_roles=found.open_roles,
    )


def people(account_id: str) -> People:
    """Users without a second factor, with old access keys, and without use."""
    conditions = {risk.key.replace("-", "_"): risk.condition() for risk in RISKS}
    counts = {each.name: Count("pk", filter=conditions[each.name]) for each in fields(People)}
    return People(**User.objects.filter(account_id=account_id).aggregate(**counts))


def risky(account_id: str) -> Risky:
    """The account's own policies that allow everything, and how many nobody has or wait with a change. One query."""
    mine = PolicyUsage.objects.filter(policy=OuterRef("pk"), account_id=account_id)
    unused = ManagedPolicy.objects.exclude(Exists(mine.filter(Q(attachments__gt=0) | Q(boundaries__gt=0))))
    nothing = Value("", TextField())
    everything = ManagedPolicy.objects.filter(account_id=account_id, allows_everything=True).order_by()
    none, account = Value(0, IntegerField()), Account.objects.filter(pk=account_id).order_by()
    numbers = [
        _count(rows, account_id=OuterRef("pk")) for rows in (unused, ManagedPolicy.objects.filter(proposal_count__gt=0))
    ]
    rows = everything.values_list("name", "arn", none, none).union(
        account.values_list(nothing, nothing, *numbers), all=True
    )
    found = list(rows)
    named = sorted((Wide(name, arn) for name, arn, *_numbers in found if name), key=lambda each: each.name.lower())
    number_unused, proposed = next(numbers for name, _arn, *numbers in found if not name)
    return Risky(named, number_unused, proposed)


def failing_tests(account_id: str) -> list[FailingTests]:
    """The account's policies whose document in force fails tests of theirs, by name. One query.

    A document that fails one is not put in force; a test that is written afterwards may ask for more.
    """
    rows = (
        PolicyTest.objects.filter(policy__account_id=account_id, policy__versions__number=F("policy__default_version"))
        .select_related("policy")
        .annotate(document=F("policy__versions__document"))
        .order_by("policy__name_key", "name_key")[:MOST_TESTS]
    )
    found = []
    for policy, tests in groupby(rows, lambda test: test.policy):
        asked = list(tests)
        if number := sum(not one.passes for one in ask(policy, asked[0].document, asked)):
            found.append(FailingTests(policy.name, policy.arn, number))
    return found


def changes(account_id: str, number: int = 8) -> list[Event]:
    """The newest changes to users, groups, roles and policies, looked for among the account's newest Events."""
    newest = Event.objects.filter(account_id=account_id).order_by("-time", "-id").values("pk")[:LOOKED_THROUGH]
    rows = Event.objects.filter(pk__in=Subquery(newest), source=SOURCES["iam"], read_only=False, error_code="").defer(
        "record"
    )
    return list(rows.order_by("-time", "-id")[:number])


def _count(manager: Manager[Any] | QuerySet[Any], **which: Any) -> Any:
    """How many rows of another table belong to the row at hand, as a part of its query."""
    rows = manager.filter(**which).order_by().annotate(one=Value(1)).values("one")
    counted = rows.annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
