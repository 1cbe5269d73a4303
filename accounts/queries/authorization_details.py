"""Everything about an account's users, groups, roles and policies, page by page, as GetAccountAuthorizationDetails shows it.

The entities form one long list (users, groups, roles, policies), so that a page may hold the end of one kind and the beginning of the
next. A page costs a fixed number of queries. What hangs on an entity is shown in the order in which it came: AWS promises none.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Prefetch, Q, QuerySet

from accounts import describe, trust
from accounts.models import (
    Group,
    GroupAttachment,
    GroupInlinePolicy,
    InstanceProfile,
    Membership,
    Role,
    RoleAttachment,
    RoleInlinePolicy,
    RoleTag,
    User,
    UserAttachment,
    UserInlinePolicy,
    UserTag,
)
from operations.errors import ValidationError
from operations.paging import DEFAULT_MAX_ITEMS, decode, encode
from policies import describe as describe_policies
from policies.models import AWS, ManagedPolicy, PolicyUsage, PolicyVersion

FILTERS: Final = ("User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy")

Details = dict[str, Any]


@dataclass(frozen=True)
class Section:
    """One kind of entity: the member of the answer, the rows, the unique column that orders them, and how they are shown."""

    member: str
    key: str
    rows: Callable[[str, frozenset[str]], QuerySet[Any]]
    shown: Callable[[Sequence[Any]], list[Details]]


def details_page(account_id: str, filters: Iterable[str], marker: str | None, max_items: int | None) -> Details:
    """One page of the kinds that `filters` names (all when empty). Raises ValidationError for a marker of somebody else's making."""
    wanted = frozenset(filters) or frozenset(FILTERS)
    size = max_items or DEFAULT_MAX_ITEMS
    first, after = _start(marker)
    answer: Details = {section.member: [] for section in SECTIONS} | {"IsTruncated": False}
    taken, last = 0, marker or ""
    for number, section in enumerate(SECTIONS[first:], first):
        rows = section.rows(account_id, wanted).order_by(section.key)
        if number == first and after is not None:
            rows = rows.filter(**{f"{section.key}__gt": after})
        found = list(rows[: size - taken + 1])
        if len(found) > size - taken:
            found.pop()
            answer["IsTruncated"] = True
        if found:
            answer[section.member] = section.shown(found)
            taken, last = taken + len(found), encode([number, getattr(found[-1], section.key)])
        if answer["IsTruncated"]:
            return answer | {"Marker": last}
    return answer


def _start(marker: str | None) -> tuple[int, str | None]:
    if not marker:
        return 0, None
    match decode(marker):
        case [int() as number, str() as key] if 0 <= number < len(SECTIONS):
            return number, key
    raise ValidationError("Invalid Marker.")


def _none_unless(condition: bool, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows if condition else rows.none()


def _children(model: Any, name: str, order: str, *related: str) -> "Prefetch[Any]":
    return Prefetch(name, queryset=model.objects.select_related(*related).order_by(order))


def _users(account_id: str, wanted: frozenset[str]) -> QuerySet[Any]:
    rows = User.objects.filter(account_id=account_id).select_related("boundary")
    return _none_unless("User" in wanted, rows).prefetch_related(
        _children(UserInlinePolicy, "inline_policies", "id"),
        _children(UserAttachment, "attachments", "id", "policy"),
        _children(Membership, "memberships", "id", "group"),
        _children(UserTag, "tags", "id"),
    )


def _groups(account_id: str, wanted: frozenset[str]) -> QuerySet[Any]:
    rows = Group.objects.filter(account_id=account_id)
    return _none_unless("Group" in wanted, rows).prefetch_related(
        _children(GroupInlinePolicy, "inline_policies", "id"),
        _children(GroupAttachment, "attachments", "id", "policy"),
    )


def _roles(account_id: str, wanted: frozenset[str]) -> QuerySet[Any]:
    rows = Role.objects.filter(account_id=account_id).select_related("boundary")
    return _none_unless("Role" in wanted, rows).prefetch_related(
        _children(RoleInlinePolicy, "inline_policies", "id"),
        _children(RoleAttachment, "attachments", "id", "policy"),
        _children(InstanceProfile, "instance_profiles", "id"),
        _children(RoleTag, "tags", "id"),
    )


def _policies(account_id: str, wanted: frozenset[str]) -> QuerySet[Any]:
    """Customer managed policies, and of AWS's those that somebody in the account uses."""
    used = PolicyUsage.objects.filter(Q(attachments__gt=0) | Q(boundaries__gt=0), account_id=account_id)
    which = Q(pk__in=[])
    if "LocalManagedPolicy" in wanted:
        which |= Q(account_id=account_id)
    if "AWSManagedPolicy" in wanted:
        which |= Q(account_id=AWS, pk__in=used.values("policy_id"))
    return ManagedPolicy.objects.filter(which).prefetch_related(
        _children(PolicyVersion, "versions", "-number"),
        Prefetch("usage", queryset=PolicyUsage.objects.filter(account_id=account_id)),
    )


def _inline(row: Any) -> list[Details]:
    return [{"PolicyName": policy.name, "PolicyDocument": policy.document} for policy in row.inline_policies.all()]


def _attached(row: Any) -> list[Details]:
    policies = [attachment.policy for attachment in row.attachments.all()]
    return [{"PolicyName": policy.name, "PolicyArn": policy.arn} for policy in policies]


def _boundary(row: User | Role) -> Details:
    return {"PermissionsBoundary": describe.boundary(row.boundary)} if row.boundary else {}


def _shown_users(rows: Sequence[User]) -> list[Details]:
    return [_shown_user(row) for row in rows]


def _shown_user(row: User) -> Details:
    """AWS leaves the list of inline policies out when there are none; every other list is there and empty."""
    shown = describe.user(row)
    shown.pop("PasswordLastUsed", None)
    inline = _inline(row)
    return (
        shown
        | ({"UserPolicyList": inline} if inline else {})
        | {
            "GroupList": [membership.group.name for membership in row.memberships.all()],
            "AttachedManagedPolicies": _attached(row),
        }
        | _boundary(row)
        | {"Tags": describe.tags(row.tags.all())}
    )


def _shown_groups(rows: Sequence[Group]) -> list[Details]:
    return [
        describe.group(row) | {"GroupPolicyList": _inline(row), "AttachedManagedPolicies": _attached(row)}
        for row in rows
    ]


def _shown_roles(rows: Sequence[Role]) -> list[Details]:
    documents = trust.readable_forms([row.trust_policy for row in rows])
    return [_shown_role(row, document) for row, document in zip(rows, documents, strict=True)]


def _shown_role(row: Role, trust_policy: str) -> Details:
    shown = describe.role(row, trust_policy)
    profiles = [describe.instance_profile(profile, [shown]) for profile in row.instance_profiles.all()]
    return (
        shown
        | {
            "InstanceProfileList": profiles,
            "RolePolicyList": _inline(row),
            "AttachedManagedPolicies": _attached(row),
        }
        | _boundary(row)
        | {"Tags": describe.tags(row.tags.all()), "RoleLastUsed": describe.role_last_used(row)}
    )


def _shown_policies(rows: Sequence[ManagedPolicy]) -> list[Details]:
    return [_shown_policy(row) for row in rows]


def _shown_policy(row: ManagedPolicy) -> Details:
    used = next(iter(row.usage.all()), None)
    counted = {"attachments": used.attachments, "boundaries": used.boundaries} if used else {}
    versions = [
        {"Document": version.document, **describe_policies.version(version, row.default_version)}
        for version in row.versions.all()
    ]
    said = {"Description": row.description} if row.description else {}
    return describe_policies.policy(row, **counted) | said | {"PolicyVersionList": versions}


SECTIONS: Final = (
    Section("UserDetailList", "name_key", _users, _shown_users),
    Section("GroupDetailList", "name_key", _groups, _shown_groups),
    Section("RoleDetailList", "name_key", _roles, _shown_roles),
    Section("Policies", "arn", _policies, _shown_policies),
)
