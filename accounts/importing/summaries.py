"""The summaries that lists sort by and that deletions ask, counted anew after an import."""

from collections import Counter
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.group_digests import keep_all
from accounts.models import Account, Group, GroupAttachment, Membership, Role, RoleAttachment, User, UserAttachment
from policies.models import PolicyUsage

BATCH = 500


def count_anew(account_id: str) -> None:
    """Members of groups, groups of users, users, and uses of policies, of one account."""
    groups, users = Group.objects.filter(account_id=account_id), User.objects.filter(account_id=account_id)
    groups.update(member_count=_memberships("group"))
    users.update(group_count=_memberships("user"))
    Account.objects.filter(pk=account_id).update(user_count=users.count())
    count_usage(account_id)
    keep_all(account_id)


def _memberships(column: str) -> Coalesce:
    rows = Membership.objects.filter(**{column: OuterRef("pk")}).order_by().values(column)
    return Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number")), 0)


def count_usage(account_id: str) -> None:
    """How many entities of the account have each policy attached, and as their boundary."""
    attached: Counter[int] = Counter()
    for model, column in ((UserAttachment, "user"), (GroupAttachment, "group"), (RoleAttachment, "role")):
        rows: QuerySet[Any] = model.objects.filter(**{f"{column}__account_id": account_id})
        attached.update(_numbers(rows, "policy_id"))
    bounded: Counter[int] = Counter()
    for owner in (User, Role):
        rows = owner.objects.filter(account_id=account_id, boundary__isnull=False)
        bounded.update(_numbers(rows, "boundary_id"))
    stored = {row.policy_id: row for row in PolicyUsage.objects.filter(account_id=account_id)}
    moved: list[PolicyUsage] = []
    made: list[PolicyUsage] = []
    for policy in attached.keys() | bounded.keys() | stored.keys():
        row = stored.get(policy) or PolicyUsage(policy_id=policy, account_id=account_id)
        if row.pk is not None and (row.attachments, row.boundaries) == (attached[policy], bounded[policy]):
            continue
        row.attachments, row.boundaries = attached[policy], bounded[policy]
        (made if row.pk is None else moved).append(row)
    PolicyUsage.objects.bulk_create(made, batch_size=BATCH)
    PolicyUsage.objects.bulk_update(moved, ["attachments", "boundaries"], batch_size=BATCH)


def _numbers(rows: QuerySet[Any], column: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(column).annotate(number=Count("pk")))
