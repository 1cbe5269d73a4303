"""The policies that a user, group or role holds, and by which way: attached to it, inline in it, or through a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, ForeignKey, QuerySet, TextField, Value

from accounts.models import (
    Group,
    GroupAttachment,
    GroupInlinePolicy,
    Role,
    RoleAttachment,
    RoleInlinePolicy,
    User,
    UserAttachment,
    UserInlinePolicy,
)
from policies.models import ManagedPolicy

AWS_MANAGED: Final = "aws-managed"
CUSTOMER_MANAGED: Final = "customer-managed"
INLINE: Final = "inline"


@dataclass(frozen=True)
class Source:
    """One way by which a policy reaches an entity: directly (`group` is None) or through a group, and since when."""

    group: Group | None
    since: datetime


@dataclass(frozen=True)
class HeldPolicy:
    """A policy as the permissions tab shows it. An inline policy has no ARN; it is named within its owner."""

    kind: str
    name: str
    arn: str | None
    policy: ManagedPolicy | None
    document: str | None
    sources: Sequence[Source]

    @property
    def is_direct(self) -> bool:
        """Whether it can be detached from or deleted in the entity itself."""
        return any(source.group is None for source in self.sources)


def policies_of_user(user: User) -> list[HeldPolicy]:
    """A user's own and its groups' policies, each once with all its sources, by name. One query."""
    groups = {"group__memberships__user": user}
    return _held_by(
        _attached(GroupAttachment.objects.filter(**groups), in_group=True),
        _attached(UserAttachment.objects.filter(user=user)),
        _inline(GroupInlinePolicy.objects.filter(**groups), in_group=True),
        _inline(UserInlinePolicy.objects.filter(user=user)),
    )


def policies_of_group(group: Group) -> list[HeldPolicy]:
    """A group's policies by name. One query."""
    return _held_by(
        _attached(GroupAttachment.objects.filter(group=group)), _inline(GroupInlinePolicy.objects.filter(group=group))
    )


def policies_of_role(role: Role) -> list[HeldPolicy]:
    """A role's policies by name. One query."""
    return _held_by(
        _attached(RoleAttachment.objects.filter(role=role)), _inline(RoleInlinePolicy.objects.filter(role=role))
    )


_GROUP, _POLICY = Group._meta.concrete_fields, ManagedPolicy._meta.concrete_fields  # noqa: SLF001 - there is no other way


def _attached(rows: "QuerySet[Any]", *, in_group: bool = False) -> "QuerySet[Any]":
    """The columns of the group through which a policy is held, since when it is, no document, and the columns of the policy."""
    policy = [F(f"policy__{each.attname}") for each in _POLICY]
    part: QuerySet[Any] = rows.order_by().values_list(
        *_of_group(in_group=in_group), F("attached_at"), _nothing(TextField()), *policy
    )
    return part


def _inline(rows: "QuerySet[Any]", *, in_group: bool = False) -> "QuerySet[Any]":
    """The same of an inline policy, which has of a policy's columns the name alone."""
    policy = [F("name") if each.attname == "name" else _nothing(each) for each in _POLICY]
    part: QuerySet[Any] = rows.order_by().values_list(
        *_of_group(in_group=in_group), F("updated_at"), F("document"), *policy
    )
    return part


def _of_group(*, in_group: bool) -> list[Any]:
    return [F(f"group__{each.attname}") if in_group else _nothing(each) for each in _GROUP]


def _nothing(column: Any) -> Value:
    return Value(None, _plain(column))


def _plain(column: Any) -> Any:
    """A column without what it refers to: a foreign key is the number or text that it holds."""
    return column.target_field if isinstance(column, ForeignKey) else column


def _held_by(first: "QuerySet[Any]", *others: "QuerySet[Any]") -> list[HeldPolicy]:
    """The policies by name, each managed one once. The first part has all columns: the database takes their types from it."""
    ways = [_Way.of(row) for row in first.union(*others, all=True)]
    ways.sort(key=lambda way: way.source.group.name_key if way.source.group else "")
    sources: dict[str, list[Source]] = {}
    for way in ways:
        if way.policy is not None:
            sources.setdefault(way.policy.arn, []).append(way.source)
    managed = {way.policy.arn: way.policy for way in ways if way.policy is not None}
    found = [_managed(policy, sources[arn]) for arn, policy in managed.items()]
    found += [HeldPolicy(INLINE, way.name, None, None, way.document, [way.source]) for way in ways if not way.policy]
    return sorted(found, key=lambda held: (held.name.lower(), held.kind, held.arn or ""))


def _managed(policy: ManagedPolicy, sources: Sequence[Source]) -> HeldPolicy:
    kind = AWS_MANAGED if policy.is_aws_managed else CUSTOMER_MANAGED
    return HeldPolicy(kind, policy.name, policy.arn, policy, None, sources)


@dataclass(frozen=True)
class _Way:
    """One row of what is held: a managed policy, or an inline one by its name and document."""

    source: Source
    policy: ManagedPolicy | None
    name: str
    document: str | None

    @classmethod
    def of(cls, row: Sequence[Any]) -> "_Way":
        group, (since, document), policy = row[: len(_GROUP)], row[len(_GROUP) : -len(_POLICY)], row[-len(_POLICY) :]
        through = _made(Group, _GROUP, group) if group[0] is not None else None
        managed = _made(ManagedPolicy, _POLICY, policy) if document is None else None
        names = [each.attname for each in _POLICY]
        return cls(Source(through, since), managed, policy[names.index("name")], document)


def _made(model: Any, columns: Sequence[Any], values: Sequence[Any]) -> Any:
    return model.from_db(DEFAULT_DB_ALIAS, [each.attname for each in columns], values)
