"""What the pages about groups show: the list, the members of a group, and who could be one.

Every function costs a fixed number of queries at any size; policies are `held_policies`' matter.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery

from accounts.models import Group, GroupAttachment, GroupInlinePolicy, Membership, MembershipRule, User
from accounts.queries.entity_rows import counted

SHOWN = 5


def groups_of_account(account_id: str) -> QuerySet[Group]:
    """The groups of an account; rows carry `policy_count` (attached and inline). One query."""
    policies = counted(GroupAttachment, "group") + counted(GroupInlinePolicy, "group")
    return Group.objects.filter(account_id=account_id).annotate(policy_count=policies)


def groups_of(user: User) -> list[Group]:
    """The groups that a user is in, by name, each with the policies `attached` to it, and `by_rule` where its rule says so. Two queries."""
    attached = GroupAttachment.objects.select_related("policy").order_by("policy__name_key")
    ruled = Exists(Membership.objects.filter(user=user, group=OuterRef("pk"), by_rule=True))
    groups = Group.objects.filter(members=user).annotate(by_rule=ruled).order_by("name_key")
    return list(groups.prefetch_related(Prefetch("attachments", attached, "attached")))


MANY_MEMBERS = 5_000


def members_of(group: Group) -> QuerySet[User]:
    """The members of a group; rows carry `joined_at`, and `by_rule` where the group's rule has added them. One query.

    Where they are very many, the account's users are read in the order that is wished for and asked one by one, so that a page
    of them costs no sorting of all.
    """
    if group.member_count <= MANY_MEMBERS:
        return User.objects.filter(memberships__group=group).annotate(
            joined_at=F("memberships__created_at"), by_rule=F("memberships__by_rule")
        )
    memberships = Membership.objects.filter(group=group, user=OuterRef("pk"))
    users = User.objects.filter(Exists(memberships), account_id=group.account_id)
    return users.annotate(
        joined_at=Subquery(memberships.values("created_at")[:1]), by_rule=Subquery(memberships.values("by_rule")[:1])
    )


def users_to_add(group: Group) -> QuerySet[User]:
    """The users of the account who are not in the group. One query."""
    members = Membership.objects.filter(group=group, user=OuterRef("pk"))
    return User.objects.filter(~Exists(members), account_id=group.account_id)


def _same(*columns: str) -> "QuerySet[Group]":
    """The other groups of a group's account that are as it is in some columns."""
    alike = {name: OuterRef(name) for name in ("account", *columns)}
    return Group.objects.filter(**alike).exclude(pk=OuterRef("pk"))


MEMBERS, POLICIES = ("member_count", "members_digest"), ("policies_digest",)
# Groups beside which there is another with the same users, or with the same policies: one of the two may be too many.
SAME_MEMBERS = Q(Exists(_same(*MEMBERS)), member_count__gt=0)
SAME_POLICIES = Q(~Q(policies_digest=0), Exists(_same(*POLICIES)))


HAS_RULE = Q(Exists(MembershipRule.objects.filter(group=OuterRef("pk"))))


def same_members() -> dict[str, Any]:
    """What a list reads along with groups: the first other one with the same users, and how many there are."""
    return _first_and_number("members_twin", _same(*MEMBERS).filter(member_count__gt=0))


def same_policies() -> dict[str, Any]:
    """The same for policies."""
    return _first_and_number("policies_twin", _same(*POLICIES).exclude(policies_digest=0))


def _first_and_number(name: str, others: "QuerySet[Group]") -> dict[str, Any]:
    counted = others.order_by().values("account").annotate(number=Count("pk")).values("number")
    first = Subquery(others.order_by("name_key").values("name")[:1])
    return {name: first, f"{name}s": Subquery(counted, output_field=IntegerField())}


@dataclass(frozen=True)
class Twins:
    """Other groups with the same users, and with the same policies, by name; at most `SHOWN` of each."""

    members: list[str]
    policies: list[str]


def twins_of(group: Group) -> Twins:
    """The groups beside one that might be too many. Two queries."""
    others = Group.objects.filter(account=group.account_id).exclude(pk=group.pk).order_by("name_key")
    members = others.filter(member_count=group.member_count, members_digest=group.members_digest)
    policies = others.filter(policies_digest=group.policies_digest)
    return Twins(
        list(members.values_list("name", flat=True)[:SHOWN]) if group.member_count else [],
        list(policies.values_list("name", flat=True)[:SHOWN]) if group.policies_digest else [],
    )
