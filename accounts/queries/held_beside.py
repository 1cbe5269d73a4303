"""The documents that many users hold, each by which way: what decides whether a change of one group changes anything for them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.models import (
    Group,
    GroupAttachment,
    GroupInlinePolicy,
    Membership,
    User,
    UserAttachment,
    UserInlinePolicy,
)
from policies.lookup import documents_in_force

Held = tuple[tuple[str, ...], str]  # the documents, and that of the boundary (an empty text is none)


def held_beside(users: Sequence[User], group: Group) -> Mapping[int, Held]:
    """What each of some users holds by other ways than a group, by primary key. Six queries at any number."""
    ids = [user.pk for user in users]
    groups: dict[int, list[int]] = defaultdict(list)
    memberships = Membership.objects.filter(user__in=ids).exclude(group=group)
    for pk, other in memberships.values_list("user_id", "group_id"):
        groups[pk].append(other)
    others = {each for found in groups.values() for each in found}
    own, by_group = _attached(UserAttachment, "user", ids), _attached(GroupAttachment, "group", others)
    inline, of_group = _inline(UserInlinePolicy, "user", ids), _inline(GroupInlinePolicy, "group", others)
    boundaries = {user.pk: user.boundary.arn for user in users if user.boundary is not None}
    arns = {arn for found in (*own.values(), *by_group.values()) for arn in found} | set(boundaries.values())
    texts = documents_in_force(arns)
    found = {}
    for user in users:
        mine = groups[user.pk]
        held = {*(arn for each in mine for arn in by_group[each]), *own[user.pk]}
        documents = {
            *(text for each in mine for text in of_group[each]),
            *inline[user.pk],
            *(texts[arn] for arn in held),
        }
        found[user.pk] = tuple(sorted(documents)), texts.get(boundaries.get(user.pk, ""), "")
    return found


def _attached(model: Any, holder: str, ids: Iterable[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for pk, arn in model.objects.filter(**{f"{holder}__in": ids}).values_list(f"{holder}_id", "policy__arn"):
        found[pk].append(arn)
    return found


def _inline(model: Any, holder: str, ids: Iterable[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for pk, document in model.objects.filter(**{f"{holder}__in": ids}).values_list(f"{holder}_id", "document"):
        found[pk].append(document)
    return found
