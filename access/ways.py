"""By which ways users have their policies: as their own, or by which groups."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import CharField, Value

from accounts.models import GroupAttachment, GroupInlinePolicy, User, UserAttachment, UserInlinePolicy

Ways = Mapping[tuple[str, str], Sequence[str]]


def ways_of(users: Sequence[User]) -> Mapping[int, Ways]:
    """By user, and by ARN (of an inline policy none) and name of a policy: the groups it comes by, an empty text where it is their own.
    One query."""
    none: Any = Value("", CharField())
    in_group = "group__memberships__user"
    parts = (
        UserAttachment.objects.filter(user__in=users).values_list("user", "policy__arn", "policy__name", none),
        UserInlinePolicy.objects.filter(user__in=users).values_list("user", none, "name", none),
        GroupAttachment.objects.filter(**{f"{in_group}__in": users}).values_list(
            in_group, "policy__arn", "policy__name", "group__name"
        ),
        GroupInlinePolicy.objects.filter(**{f"{in_group}__in": users}).values_list(
            in_group, none, "name", "group__name"
        ),
    )
    found: dict[int, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    if users:
        first, *others = (part.order_by() for part in parts)
        for pk, arn, name, group in first.union(*others, all=True):
            found[pk][arn, name].append(group)
    return found
