"""The documents that many users or roles hold, each as `held_documents` tells them of one, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.models import (
    Group,
    GroupAttachment,
    GroupInlinePolicy,
    Membership,
    Role,
    RoleAttachment,
    RoleInlinePolicy,
    User,
    UserAttachment,
    UserInlinePolicy,
)
from accounts.queries.held_documents import HeldDocuments
from policies.lookup import documents_in_force

Held = Mapping[int, list[str]]  # ARNs or documents, by the key of who holds them


def held_by_many(
    rows: Sequence[User | Role], *, besides: Iterable[str] = (), without: Group | None = None
) -> Mapping[int, HeldDocuments]:
    """What each holds, by its key; rows of one kind. Six queries for users, three for roles.

    `besides` are ARNs of more policies whose documents are read along; `without` is a group that users are not looked at by.
    """
    if rows and isinstance(rows[0], Role):
        managed, inline = _attached(RoleAttachment, "role", rows), _inline(RoleInlinePolicy, "role", rows)
        return _held(rows, managed, inline, {}, {}, besides)
    managed, inline = _attached(UserAttachment, "user", rows), _inline(UserInlinePolicy, "user", rows)
    joining = _of(Membership, "user", rows).exclude(group=without)
    memberships = list(joining.select_related("group").order_by("group__name_key"))
    groups = {each.group_id: each.group for each in memberships}
    of_group = _attached(GroupAttachment, "group", groups.values())
    in_group = _inline(GroupInlinePolicy, "group", groups.values())
    by_groups: dict[int, list[str]] = defaultdict(list)
    joined: dict[int, list[tuple[str, list[str]]]] = defaultdict(list)
    for each in memberships:
        by_groups[each.user_id] += of_group.get(each.group_id, [])
        if texts := in_group.get(each.group_id):
            joined[each.user_id].append((groups[each.group_id].arn, texts))
    return _held(rows, managed, inline, by_groups, joined, besides)


def _held(
    rows: Sequence[User | Role],
    managed: Held,
    inline: Held,
    by_groups: Held,
    joined: Mapping[int, list[tuple[str, list[str]]]],
    besides: Iterable[str],
) -> Mapping[int, HeldDocuments]:
    """Put together by row what was read: its own managed and inline policies, those of its groups, and the groups with inline ones."""
    own = {arn for found in (managed, by_groups) for arns in found.values() for arn in arns}
    in_force = documents_in_force(own | set(besides))
    held = {}
    for row in rows:
        arns = list(dict.fromkeys([*managed.get(row.pk, ()), *by_groups.get(row.pk, ())]))
        written = joined.get(row.pk, ())
        documents = [*(in_force[arn] for arn in arns), *inline.get(row.pk, ())]
        documents += [document for _group, texts in written for document in texts]
        groups = [group for group, _texts in written]
        held[row.pk] = HeldDocuments(tuple(documents), arns, groups, row.pk in inline, in_force)
    return held


def _attached(model: Any, owner: str, rows: Iterable[Any]) -> Held:
    return _by_owner(_of(model, owner, rows).order_by("policy__name_key", "pk"), owner, "policy__arn")


def _inline(model: Any, owner: str, rows: Iterable[Any]) -> Held:
    return _by_owner(_of(model, owner, rows).order_by("name_key", "pk"), owner, "document")


def _of(model: Any, owner: str, rows: Iterable[Any]) -> Any:
    return model.objects.filter(**{f"{owner}__in": list(rows)})


def _by_owner(rows: Any, owner: str, column: str) -> Held:
    found: dict[int, list[str]] = defaultdict(list)
    for key, value in rows.values_list(f"{owner}_id", column):
        found[key].append(value)
    return found
