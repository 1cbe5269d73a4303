"""What the pages about groups show: the list, one group, its members. Filters and orders run in the database.

Every function costs a fixed number of queries at any size; policies are `held_policies`' matter.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import Group, GroupAttachment, GroupInlinePolicy, Membership, User
from accounts.queries.entity_rows import counted, ordered
from policies.listing import under_path

# What a list of groups may be sorted by; the name breaks ties. A minus before the key turns the order round.
SORTS: Final[Mapping[str, str]] = {
    "name": "name_key",
    "path": "path",
    "members": "member_count",
    "policies": "policy_count",
    "created": "created_at",
}
# What the members of a group may be sorted by.
MEMBER_SORTS: Final[Mapping[str, str]] = {
    "name": "name_key",
    "joined": "joined_at",
    "groups": "group_count",
    "activity": "last_activity_at",
    "created": "created_at",
}


def groups_of_account(account_id: str) -> QuerySet[Group]:
    """The groups of an account; rows carry `policy_count` (attached and inline). One query."""
    return with_policy_count(Group.objects.filter(account_id=account_id))


def with_policy_count(rows: QuerySet[Group]) -> QuerySet[Group]:
    """Groups with `policy_count`: how many policies are attached to them and inline in them."""
    return rows.annotate(policy_count=counted(GroupAttachment, "group") + counted(GroupInlinePolicy, "group"))


def group_rows(
    account_id: str,
    *,
    search: str = "",
    path: str = "",
    policy_arn: str | None = None,
    empty: bool | None = None,
    without_policies: bool | None = None,
    sort: str = "name",
) -> QuerySet[Group]:
    """The rows of the groups page. `search` is looked for in name and unique id; an unknown `sort` sorts by name."""
    rows: QuerySet[Any] = groups_of_account(account_id)
    if search:
        rows = rows.filter(Q(name_key__inside=search.lower()) | Q(unique_id__iexact=search))
    if path:
        rows = under_path(rows, path)
    if policy_arn is not None:
        rows = rows.filter(with_policy(policy_arn))
    if empty is not None:
        rows = rows.filter(member_count=0) if empty else rows.filter(member_count__gt=0)
    if without_policies is not None:
        rows = rows.filter(policy_count=0) if without_policies else rows.filter(policy_count__gt=0)
    return ordered(rows, SORTS, sort)


def with_policy(arn: str) -> Q:
    """Groups to which a managed policy is attached."""
    return Q(Exists(GroupAttachment.objects.filter(group=OuterRef("pk"), policy__arn=arn)))


def group_row(account_id: str, name: str) -> Group | None:
    """One group for its page, as in `groups_of_account`; the name is found without regard to case."""
    return groups_of_account(account_id).filter(name_key=name.lower()).first()


def members_of(group: Group, *, search: str = "", sort: str = "name") -> QuerySet[User]:
    """The members of a group; rows carry `joined_at`. One query."""
    rows = User.objects.filter(memberships__group=group).annotate(joined_at=F("memberships__created_at"))
    if search:
        rows = rows.filter(name_key__inside=search.lower())
    return ordered(rows, MEMBER_SORTS, sort)


def users_to_add(group: Group, *, search: str = "") -> QuerySet[User]:
    """The users of the account who are not in the group, by name. One query."""
    members = Membership.objects.filter(group=group, user=OuterRef("pk"))
    rows = User.objects.filter(~Exists(members), account_id=group.account_id)
    return rows.filter(name_key__inside=search.lower()).order_by("name_key") if search else rows.order_by("name_key")
