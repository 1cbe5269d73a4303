"""What the pages about groups show: the list, the members of a group, and who could be one.

Every function costs a fixed number of queries at any size; policies are `held_policies`' matter.
"""

from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.models import Group, GroupAttachment, GroupInlinePolicy, Membership, User
from accounts.queries.entity_rows import counted


def groups_of_account(account_id: str) -> QuerySet[Group]:
    """The groups of an account; rows carry `policy_count` (attached and inline). One query."""
    policies = counted(GroupAttachment, "group") + counted(GroupInlinePolicy, "group")
    return Group.objects.filter(account_id=account_id).annotate(policy_count=policies)


def members_of(group: Group) -> QuerySet[User]:
    """The members of a group; rows carry `joined_at`. One query."""
    return User.objects.filter(memberships__group=group).annotate(joined_at=F("memberships__created_at"))


def users_to_add(group: Group) -> QuerySet[User]:
    """The users of the account who are not in the group. One query."""
    members = Membership.objects.filter(group=group, user=OuterRef("pk"))
    return User.objects.filter(~Exists(members), account_id=group.account_id)
