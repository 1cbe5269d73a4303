"""The documents that many users, roles or groups hold, each as `held_documents` tells them of one, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, QuerySet, Value

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

Owner = tuple[str, int]  # what holds something, and its key
Held = Mapping[Owner, list[str]]  # ARNs or documents, by who holds them
MODELS: Mapping[str, tuple[Any, Any]] = {
    "user": (UserAttachment, UserInlinePolicy),
    "group": (GroupAttachment, GroupInlinePolicy),
    "role": (RoleAttachment, RoleInlinePolicy),
}


@dataclass(frozen=True)
class HeldAlong:
    """What users hold by other ways than some groups, what these groups hold, and who is in which of them; all by their keys."""

    users: Mapping[int, HeldDocuments]
    groups: Mapping[int, HeldDocuments]
    memberships: Mapping[int, list[int]]


def held_by_many(rows: Sequence[User | Role], *, besides: Iterable[str] = ()) -> Mapping[int, HeldDocuments]:
    """What each holds, by its key; rows of one kind. Four queries for users, three for roles.

    `besides` are ARNs of more policies whose documents are read along.
    """
    if rows and isinstance(rows[0], Role):
        managed, inline = _read({"role": rows})
        in_force = documents_in_force({*besides, *_all(managed)})
        return {row.pk: _held(("role", row.pk), managed, inline, in_force) for row in rows}
    return held_along(rows, (), besides=besides).users


def held_along(users: Sequence[Any], groups: Sequence[Group], *, besides: Iterable[str] = ()) -> HeldAlong:
    """What each of some users holds by other ways than some groups, and what each of these groups holds. Four queries."""
    apart = {group.pk for group in groups}
    rows = list(Membership.objects.filter(user__in=users).select_related("group").order_by("group__name_key"))
    joined: dict[int, list[Group]] = defaultdict(list)
    memberships: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if row.group_id in apart:
            memberships[row.user_id].append(row.group_id)
        else:
            joined[row.user_id].append(row.group)
    managed, inline = _read({"user": users, "group": [*apart, *{row.group_id for row in rows} - apart]})
    in_force = documents_in_force({*besides, *_all(managed)})
    return HeldAlong(
        {user.pk: _held(("user", user.pk), managed, inline, in_force, joined[user.pk]) for user in users},
        {group.pk: _held(("group", group.pk), managed, inline, in_force) for group in groups},
        memberships,
    )


def _held(
    owner: Owner, managed: Held, inline: Held, in_force: Mapping[str, str], joined: Sequence[Group] = ()
) -> HeldDocuments:
    """Put together what was read: its own managed and inline policies, those of its groups, and the groups with inline ones."""
    own = inline.get(owner, ())
    ways: list[Owner] = [owner, *(("group", group.pk) for group in joined)]
    arns = list(dict.fromkeys(arn for way in ways for arn in managed.get(way, ())))
    written = [(group.arn, inline[way]) for group, way in zip(joined, ways[1:], strict=True) if way in inline]
    documents = [*(in_force[arn] for arn in arns), *own, *(text for _arn, texts in written for text in texts)]
    return HeldDocuments(tuple(documents), arns, [arn for arn, _texts in written], bool(own), in_force)


def _read(owners: Mapping[str, Sequence[Any]]) -> tuple[Held, Held]:
    """The ARNs of what is attached to some owners, and the documents that are written into them, each by name. Two queries."""
    kinds = [(kind, rows, *MODELS[kind]) for kind, rows in owners.items()]
    attached = [_part(model, kind, rows, "policy__name_key", "policy__arn") for kind, rows, model, _inline in kinds]
    inline = [_part(model, kind, rows, "name_key", "document") for kind, rows, _attached, model in kinds]
    return _by_owner(attached), _by_owner(inline)


def _part(model: Any, kind: str, rows: Sequence[Any], name: str, column: str) -> "QuerySet[Any]":
    found = model.objects.filter(**{f"{kind}__in": list(rows)}).order_by()
    part: QuerySet[Any] = found.values_list(Value(kind, output_field=CharField()), F(f"{kind}_id"), F(name), F(column))
    return part


def _by_owner(parts: "Sequence[QuerySet[Any]]") -> Held:
    found: dict[Owner, list[str]] = defaultdict(list)
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    for kind, owner, _name, value in sorted(rows, key=lambda row: row[:3]):
        found[kind, owner].append(value)
    return dict(found)


def _all(held: Held) -> set[str]:
    return {value for values in held.values() for value in values}
