"""Users, groups, roles and policies that reports are about: from the ARN to its policies and to the principals behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F

from access.effective import prepared
from accounts import resolve
from accounts.models import Group, GroupAttachment, GroupInlinePolicy, Role, User
from engine import Policy
from operations.caller import ContextValue
from operations.errors import InvalidInput, NoSuchEntity
from operations.gate import Target
from policies.lookup import find_policy
from policies.models import ManagedPolicy, PolicyVersion
from policies.reading import tag_keys

Entity = User | Group | Role | ManagedPolicy
_KINDS: dict[str, Any] = {"user": User, "group": Group, "role": Role}
_TYPES = {"user": "User", "group": "Group", "role": "Role", "policy": "Policy"}


@dataclass(frozen=True)
class Held:
    """A policy that gives a subject permissions, and on which entity it hangs."""

    name: str
    policy: Policy
    arn: str | None = None
    entity_type: str = ""
    entity_name: str = ""


def find(account_id: str, arn: str) -> Entity | None:
    """The entity of an ARN, as far as the account has it."""
    kind, rest = _kind(arn)
    if kind == "policy":
        return find_policy(account_id, arn)
    if kind not in _KINDS:
        return None
    rows: Any = _KINDS[kind].objects
    found: Entity | None = rows.filter(account_id=account_id, name_key=rest.rsplit("/", 1)[-1].lower()).first()
    return found if found is not None and found.arn == arn else None


def target(account_id: str, arn: str, action: str) -> Target:
    """The entity of an ARN as what a call is about; `action` is the one that is to be authorised on it."""
    entity = find(account_id, arn)
    return Target(arn) if entity is None else target_of(entity, action)


def target_of(entity: Entity, action: str) -> Target:
    """A stored entity as what a call is about."""
    return Target(entity.arn, entity, keys_of(entity, action), f"AWS::IAM::{_TYPES[_kind(entity.arn)[0]]}")


def keys_of(entity: Entity, action: str) -> Mapping[str, ContextValue]:
    """The condition keys that an entity brings to an action: its tags, and a user's or role's boundary."""
    if isinstance(entity, User | Role):
        return resolve.keys_of(entity, action)
    return tag_keys(entity) if isinstance(entity, ManagedPolicy) else {}


def require(entity: Entity | None, arn: str) -> Entity:
    """An entity that was looked up. Raises NoSuchEntity, and InvalidInput for an ARN of another kind."""
    if entity is not None:
        return entity
    if _kind(arn)[0] not in {*_KINDS, "policy"}:
        raise InvalidInput(f"ARN {arn} is not valid.")
    raise NoSuchEntity(f"ARN {arn} cannot be found.")


def kind_of(arn: str) -> str:
    """The kind of entity that an IAM ARN names (`user`, `policy`); empty for another text."""
    return _kind(arn)[0]


def _kind(arn: str) -> tuple[str, str]:
    """The kind in an IAM ARN and what follows it; empty for another text."""
    parts = arn.split(":", 5)
    kind, _, rest = parts[5].partition("/") if len(parts) == 6 and parts[2] == "iam" else ("", "", "")
    return (kind, rest) if rest else ("", "")


def policies_of(entity: Entity) -> list[Held]:
    """The permissions policies of an entity, a user's groups' included; boundaries and trust policies do not count."""
    if isinstance(entity, ManagedPolicy):
        return _managed(ManagedPolicy.objects.filter(pk=entity.pk), "", "")
    if isinstance(entity, Group):
        return _of_groups([entity])
    found = _own(entity)
    return found + _of_groups(list(entity.groups.order_by("name_key"))) if isinstance(entity, User) else found


def principals_of(entity: Entity, account_id: str) -> Sequence[User | Role]:
    """Who can use the permissions: the user or role itself, a group's members, the users and roles with a policy."""
    if isinstance(entity, User | Role):
        return [entity]
    if isinstance(entity, Group):
        return list(entity.members.order_by("name_key"))
    users = User.objects.filter(account_id=account_id)
    direct = users.filter(attachments__policy=entity)
    by_group = users.filter(groups__attachments__policy=entity)
    roles = Role.objects.filter(account_id=account_id, attachments__policy=entity)
    return [*(direct | by_group).distinct().order_by("name_key"), *roles.order_by("name_key")]


def _own(entity: User | Role) -> list[Held]:
    kind = type(entity).__name__.upper()
    inline: Any = entity.inline_policies.order_by("name_key")
    found = [Held(row.name, prepared(row.document), None, kind, entity.name) for row in inline]
    ids: Any = entity.attachments.values("policy_id")
    return found + _managed(ManagedPolicy.objects.filter(pk__in=ids), kind, entity.name)


def _of_groups(groups: Sequence[Group]) -> list[Held]:
    """The policies of some groups, group by group, the inline ones first; in the same number of queries for any number of groups."""
    if not groups:
        return []
    inline: dict[int, list[Held]] = {}
    for row in GroupInlinePolicy.objects.filter(group__in=groups).select_related("group").order_by("name_key"):
        held = Held(row.name, prepared(row.document), None, "GROUP", row.group.name)
        inline.setdefault(row.group_id, []).append(held)
    attachments = GroupAttachment.objects.filter(group__in=groups)
    attached = set(attachments.values_list("group_id", "policy__arn"))
    managed = _managed(ManagedPolicy.objects.filter(pk__in=attachments.values("policy_id")), "GROUP", "")
    found: list[Held] = []
    for group in groups:
        found += inline.get(group.pk, ())
        found += [replace(held, entity_name=group.name) for held in managed if (group.pk, held.arn) in attached]
    return found


def _managed(rows: Any, kind: str, name: str) -> list[Held]:
    versions = PolicyVersion.objects.filter(policy__in=rows, number=F("policy__default_version")).select_related(
        "policy"
    )
    return [
        Held(version.policy.name, prepared(version.document), version.policy.arn, kind, name)
        for version in versions.order_by("policy__name_key", "policy_id")
    ]
