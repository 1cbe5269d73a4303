"""Whom the caller may delete, asked for many at once before it is done: each step of the deletions in `cascades`, on what it is about.

Every function costs a fixed number of queries. The gate decides all the same when it happens.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import CharField, F, Model, QuerySet, Value, prefetch_related_objects
from django.db.models.functions import Concat

from accounts.models import (
    AccessKey,
    Group,
    GroupAttachment,
    GroupInlinePolicy,
    InstanceProfile,
    Membership,
    MfaDevice,
    MfaDeviceTag,
    Role,
    RoleAttachment,
    RoleInlinePolicy,
    User,
    UserAttachment,
    UserInlinePolicy,
    UserTag,
)
from accounts.other_credentials import OTHER_CREDENTIALS
from accounts.resolve import carries_boundary, keys_of, resource_tags
from operations.caller import Caller, ContextValue
from operations.ids import iam_arn
from pages.listing import Refused
from policies.deletable import not_permitted

Step = tuple[str, str, Mapping[str, ContextValue]]  # an action, its resource, the condition keys that come with it
M = TypeVar("M", bound=Model)
PART = 2_000  # users that one query names: databases take some ten thousand values
TAG = "tag"


def refused(caller: Caller, steps: Iterable[tuple[Any, Iterable[Step]]]) -> Refused:
    """Of rows with their steps, those of which a step is denied, with the first that is."""
    why = {}
    for row, wanted in steps:
        for action, resource, keys in wanted:
            if not caller.may(action, resource, keys):
                why[row.pk] = not_permitted(action)
                break
    return Refused(why)


def users_not_permitted(caller: Caller, users: Sequence[User], *actions: str) -> Refused:
    """Users on whom the caller may not do all of some actions, which ask for nothing but the user. Two queries."""
    prefetch_related_objects(users, "tags", "boundary")
    return refused(caller, ((user, [(each, user.arn, keys_of(user, each)) for each in actions]) for user in users))


def users_not_deletable(caller: Caller, users: Sequence[User]) -> Refused:
    """Users of whom the caller may not delete something that would go with them."""
    having, tags = _owned_by(users)

    def keys(user: User, action: str) -> Mapping[str, ContextValue]:
        bounding = user.boundary.arn if user.boundary_id and user.boundary and carries_boundary(action) else ""
        own = tags[user.pk]
        return {**own, "iam:PermissionsBoundary": bounding} if bounding else own

    def steps(user: User) -> Iterable[Step]:
        if user.console_access:
            yield "iam:DeleteLoginProfile", user.arn, keys(user, "iam:DeleteLoginProfile")
        for action, name in having[user.pk]:
            if action == "iam:RemoveUserFromGroup":
                yield action, iam_arn(user.account_id, f"group{name}"), {}
                continue
            own = keys(user, action)
            yield action, user.arn, {**own, "iam:PolicyARN": name} if action == "iam:DetachUserPolicy" else own
            if action == "iam:DeactivateMFADevice" and ":mfa/" in name:
                yield "iam:DeleteVirtualMFADevice", name, tags[name]
        yield "iam:DeleteUser", user.arn, keys(user, "iam:DeleteUser")

    return refused(caller, ((user, steps(user)) for user in users))


def _owned_by(
    users: Sequence[User],
) -> tuple[Mapping[int, list[tuple[str, str]]], Mapping[int | str, dict[str, ContextValue]]]:
    """What hangs on users, by their keys, as pairs of the action that takes it away and its name; and the condition keys of their tags, by
    their keys, and of those of their MFA devices, by serial number. One query for so many users as a query can name.
    """
    nothing = Value("", output_field=CharField())
    sources: list[tuple[QuerySet[Any], str, str, Any, Any, Any]] = [
        (AccessKey.objects.all(), "user_id", "iam:DeleteAccessKey", nothing, nothing, nothing),
        (UserInlinePolicy.objects.all(), "user_id", "iam:DeleteUserPolicy", nothing, nothing, nothing),
        (UserAttachment.objects.all(), "user_id", "iam:DetachUserPolicy", F("policy__arn"), nothing, nothing),
        (
            Membership.objects.all(),
            "user_id",
            "iam:RemoveUserFromGroup",
            Concat("group__path", "group__name"),
            nothing,
            nothing,
        ),
        (MfaDevice.objects.all(), "user_id", "iam:DeactivateMFADevice", F("serial_number"), nothing, nothing),
        (UserTag.objects.all(), "user_id", TAG, nothing, F("key"), F("value")),
        (MfaDeviceTag.objects.all(), "device__user_id", TAG, F("device__serial_number"), F("key"), F("value")),
        *(
            (_related(relation), "user_id", action, nothing, nothing, nothing)
            for relation, action, *_rest in OTHER_CREDENTIALS
        ),
    ]
    having: dict[int, list[tuple[str, str]]] = defaultdict(list)
    tags: dict[int | str, dict[str, ContextValue]] = defaultdict(dict)
    for start in range(0, len(users), PART):
        pks = [user.pk for user in users[start : start + PART]]
        parts = [
            rows.filter(**{f"{owner}__in": pks})
            .order_by()
            .values_list(F(owner), Value(action, output_field=CharField()), name, key, value)
            for rows, owner, action, name, key, value in sources
        ]
        for owner, action, name, key, value in parts[0].union(*parts[1:], all=True):
            if action == TAG:
                tags[name or owner] |= {f"aws:ResourceTag/{key}": value, f"iam:ResourceTag/{key}": value}
            else:
                having[owner].append((action, name))
    return having, tags


def groups_not_deletable(caller: Caller, groups: Sequence[Group]) -> Refused:
    """Groups of which the caller may not delete something, or which may not lose their members."""
    inline, attached = _owners(GroupInlinePolicy, "group", groups), _policies(GroupAttachment, "group", groups)

    def steps(group: Group) -> Iterable[Step]:
        if group.member_count:
            yield "iam:RemoveUserFromGroup", group.arn, {}
        if group.pk in inline:
            yield "iam:DeleteGroupPolicy", group.arn, {}
        yield from _detaching("iam:DetachGroupPolicy", group, attached[group.pk])
        yield "iam:DeleteGroup", group.arn, {}

    return refused(caller, ((group, steps(group)) for group in groups))


def roles_not_deletable(caller: Caller, roles: Sequence[Role]) -> Refused:
    """Roles of which the caller may not delete something that would go with them."""
    prefetch_related_objects(roles, "tags", "boundary")
    inline, attached = _owners(RoleInlinePolicy, "role", roles), _policies(RoleAttachment, "role", roles)
    profiles = _by_owner(InstanceProfile.objects.filter(role__in=roles).prefetch_related("tags"), "role_id")

    def steps(role: Role) -> Iterable[Step]:
        for profile in profiles[role.pk]:
            yield "iam:RemoveRoleFromInstanceProfile", profile.arn, resource_tags(profile)
            if profile.name == role.name:
                yield "iam:DeleteInstanceProfile", profile.arn, resource_tags(profile)
        if role.pk in inline:
            yield "iam:DeleteRolePolicy", role.arn, keys_of(role, "iam:DeleteRolePolicy")
        yield from _detaching("iam:DetachRolePolicy", role, attached[role.pk])
        yield "iam:DeleteRole", role.arn, keys_of(role, "iam:DeleteRole")

    return refused(caller, ((role, steps(role)) for role in roles))


def _detaching(action: str, row: Any, arns: Iterable[str]) -> Iterable[Step]:
    keys = keys_of(row, action) if isinstance(row, User | Role) else {}
    for arn in arns:
        yield action, row.arn, {**keys, "iam:PolicyARN": arn}


def _related(relation: str) -> "QuerySet[Any]":
    return QuerySet(User._meta.get_field(relation).related_model)  # noqa: SLF001 - Django documents it as public


def _owners(model: Any, column: str, rows: Sequence[Any]) -> set[int]:
    """The keys of those rows that a model has something of."""
    return set(model.objects.filter(**{f"{column}__in": rows}).values_list(f"{column}_id", flat=True))


def _policies(model: Any, column: str, rows: Sequence[Any]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    pairs = model.objects.filter(**{f"{column}__in": rows}).values_list(f"{column}_id", "policy__arn")
    for owner, arn in pairs:
        found[owner].append(arn)
    return found


def _by_owner(rows: Iterable[M], column: str) -> Mapping[int, list[M]]:
    found: dict[int, list[M]] = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row)
    return found
