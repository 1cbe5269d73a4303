"""The policies that a user, group or role holds, and by which way: attached to it, inline in it, or through a group."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

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
    """A user's own and its groups' policies, each once with all its sources, by name. Four queries."""
    attached: list[Any] = [*UserAttachment.objects.filter(user=user).select_related("policy").order_by("id")]
    attached += (
        GroupAttachment.objects.filter(group__memberships__user=user)
        .select_related("policy", "group")
        .order_by("group__name_key")
    )
    inline: list[Any] = [*UserInlinePolicy.objects.filter(user=user)]
    inline += (
        GroupInlinePolicy.objects.filter(group__memberships__user=user)
        .select_related("group")
        .order_by("group__name_key")
    )
    return _by_name([*_managed(attached), *map(_inline, inline)])


def policies_of_group(group: Group) -> list[HeldPolicy]:
    """A group's policies by name. Two queries."""
    return _own(GroupAttachment.objects.filter(group=group), GroupInlinePolicy.objects.filter(group=group))


def policies_of_role(role: Role) -> list[HeldPolicy]:
    """A role's policies by name. Two queries."""
    return _own(RoleAttachment.objects.filter(role=role), RoleInlinePolicy.objects.filter(role=role))


def _own(attached: Any, inline: Any) -> list[HeldPolicy]:
    managed = [_held(row.policy, [Source(None, row.attached_at)]) for row in attached.select_related("policy")]
    own = [HeldPolicy(INLINE, row.name, None, None, row.document, [Source(None, row.updated_at)]) for row in inline]
    return _by_name([*managed, *own])


def _managed(attachments: Iterable[Any]) -> list[HeldPolicy]:
    sources: dict[int, list[Source]] = {}
    policies: dict[int, ManagedPolicy] = {}
    for row in attachments:
        policies[row.policy_id] = row.policy
        sources.setdefault(row.policy_id, []).append(Source(_group(row), row.attached_at))
    return [_held(policy, sources[pk]) for pk, policy in policies.items()]


def _inline(row: UserInlinePolicy | GroupInlinePolicy) -> HeldPolicy:
    return HeldPolicy(INLINE, row.name, None, None, row.document, [Source(_group(row), row.updated_at)])


def _held(policy: ManagedPolicy, sources: Sequence[Source]) -> HeldPolicy:
    kind = AWS_MANAGED if policy.is_aws_managed else CUSTOMER_MANAGED
    return HeldPolicy(kind, policy.name, policy.arn, policy, None, sources)


def _group(row: Any) -> Group | None:
    return row.group if isinstance(row, GroupAttachment | GroupInlinePolicy) else None


def _by_name(found: Iterable[HeldPolicy]) -> list[HeldPolicy]:
    return sorted(found, key=lambda held: (held.name.lower(), held.kind, held.arn or ""))
