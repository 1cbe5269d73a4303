"""What the pages about users show: the list, one user, its groups. Filters and orders run in the database.

Every function costs a fixed number of queries at any size; policies are `held_policies`' matter.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db.models import Exists, F, Max, OuterRef, Prefetch, Q, QuerySet, Subquery

from accounts.models import AccessKey, Group, Membership, User, UserAttachment, UserInlinePolicy, UserTag
from accounts.queries.entity_rows import counted, ordered, tag_containing, tagged
from accounts.queries.groups import with_policy_count
from policies.listing import under_path
from policies.models import PolicyVersion

# What a list of users may be sorted by; the name breaks ties. A minus before the key turns the order round.
SORTS: Final[Mapping[str, str]] = {
    "name": "name_key",
    "path": "path",
    "groups": "group_count",
    "created": "created_at",
    "activity": "last_activity_at",
    "password-age": "password_changed_at",
    "password-used": "password_last_used",
    "key-age": "oldest_active_key_at",
    "key-used": "key_last_used_at",
    "keys": "active_key_count",
    "mfa": "mfa_device_count",
    "policies": "policy_count",
}


def users_of(account_id: str) -> QuerySet[User]:
    """The users of an account with all that a list shows: boundary, groups (`groups.all()`, by name) and tags.

    Rows carry `policy_count` (attached and inline, the groups' not counted) and `key_last_used_at`. Three queries for a page.
    """
    keys = AccessKey.objects.filter(user=OuterRef("pk")).order_by().values("user")
    return (
        User.objects.filter(account_id=account_id)
        .annotate(
            policy_count=counted(UserAttachment, "user") + counted(UserInlinePolicy, "user"),
            key_last_used_at=Subquery(keys.annotate(newest=Max("last_used_at")).values("newest")),
        )
        .select_related("boundary")
        .prefetch_related(Prefetch("groups", queryset=Group.objects.order_by("name_key")), "tags")
    )


def user_rows(
    account_id: str,
    *,
    search: str = "",
    path: str = "",
    group: str | None = None,
    policy_arn: str | None = None,
    boundary_arn: str | None = None,
    tag: tuple[str, str | None] | None = None,
    console: bool | None = None,
    mfa: bool | None = None,
    inactive_since: datetime | None = None,
    sort: str = "name",
) -> QuerySet[User]:
    """The rows of the users page. `search` is looked for in name, unique id, e-mail and tags; an unknown `sort` sorts by name."""
    rows = users_of(account_id)
    if search:
        rows = rows.filter(matching(search))
    if path:
        rows = under_path(rows, path)
    if group is not None:
        rows = rows.filter(in_group(group))
    if policy_arn is not None:
        rows = rows.filter(with_policy(policy_arn))
    if boundary_arn is not None:
        rows = rows.filter(boundary__arn=boundary_arn)
    if tag is not None:
        rows = rows.filter(tagged(UserTag, "user", *tag))
    if console is not None:
        rows = rows.filter(console_access=console)
    if mfa is not None:
        rows = rows.filter(mfa_device_count__gt=0) if mfa else rows.filter(mfa_device_count=0)
    if inactive_since is not None:
        rows = rows.filter(Q(last_activity_at__lt=inactive_since) | Q(last_activity_at=None))
    return ordered(rows, SORTS, sort)


def user_by_name(account_id: str, name: str) -> User | None:
    """One user for its page, as in `users_of`, with its account; the name is found without regard to case."""
    return users_of(account_id).select_related("account").filter(name_key=name.lower()).first()


def groups_of(user: User) -> QuerySet[Group]:
    """The groups of a user by name; rows carry `joined_at` and `policy_count`."""
    rows = with_policy_count(Group.objects.filter(memberships__user=user))
    return rows.annotate(joined_at=F("memberships__created_at")).order_by("name_key")


def groups_to_join(user: User) -> QuerySet[Group]:
    """The groups of the account that the user is not in, by name."""
    mine = Membership.objects.filter(user=user, group=OuterRef("pk"))
    return with_policy_count(Group.objects.filter(~Exists(mine), account_id=user.account_id)).order_by("name_key")


# --- conditions that a list's filters are made of -------------------------------------------------------------------------


def matching(text: str) -> Q:
    """Users whose name, unique id, e-mail address or a tag contains a text."""
    named = Q(name_key__inside=text.lower()) | Q(unique_id__iexact=text) | Q(email__icontains=text)
    return named | tag_containing(UserTag, "user", text)


def in_group(name: str) -> Q:
    """Members of the group of that name."""
    return Q(Exists(Membership.objects.filter(user=OuterRef("pk"), group__name_key=name.lower())))


def with_policy(arn: str) -> Q:
    """Users to whom a managed policy is attached, directly or through a group."""
    direct = UserAttachment.objects.filter(user=OuterRef("pk"), policy__arn=arn)
    through = Membership.objects.filter(user=OuterRef("pk"), group__attachments__policy__arn=arn)
    return Q(Exists(direct)) | Q(Exists(through))


def policies_naming(account_id: str, arn: str) -> list[str]:
    """Customer managed policies whose text holds an ARN: a rename does not follow there, as in AWS."""
    rows = PolicyVersion.objects.filter(policy__account_id=account_id, document__contains=arn)
    return sorted(set(rows.values_list("policy__name", flat=True)))


def listed_users(account_id: str) -> QuerySet[User]:
    """The rows of the users list: its columns are the user's own, so that a page of a hundred thousand is read along an index."""
    return User.objects.filter(account_id=account_id).select_related("boundary")
