"""Users, groups, roles and policies that reports are about: from the ARN to its policies and to the principals behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Value

from access.effective import prepared
from accounts import resolve
from accounts.models import Group, Role, User
from engine import Policy
from operations.caller import ContextValue
from operations.errors import InvalidInput, NoSuchEntity
from operations.gate import Target
from policies.lookup import documents_in_force, find_policy
from policies.models import ManagedPolicy, PolicyVersion
from policies.reading import tag_keys

Entity = User | Group | Role | ManagedPolicy
Holder = User | Group | Role
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
        versions = PolicyVersion.objects.filter(policy=entity, number=F("policy__default_version"))
        return [Held(entity.name, prepared(version.document), entity.arn) for version in versions]
    holders: list[Holder] = [entity]
    if isinstance(entity, User):
        holders += entity.groups.order_by("name_key")
    inline, managed = _inline(holders), _managed(holders)
    return [held for holder in holders for found in (inline, managed) for held in found.get(_key(holder), ())]


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


def _inline(holders: Sequence[Holder]) -> dict[tuple[str, int], list[Held]]:
    """The inline policies of some holders, in one query."""
    names = {_key(holder): holder.name for holder in holders}
    found: dict[tuple[str, int], list[Held]] = {}
    for kind, pk, name, document in _rows(holders, "inline_policies", "name", "document"):
        held = Held(name, prepared(document), None, kind, names[kind, pk])
        found.setdefault((kind, pk), []).append(held)
    return found


def _managed(holders: Sequence[Holder]) -> dict[tuple[str, int], list[Held]]:
    """The managed policies that are attached to some holders, as they are in force, in two queries."""
    names = {_key(holder): holder.name for holder in holders}
    rows = _rows(holders, "attachments", "policy__name", "policy__arn")
    documents = documents_in_force(arn for *_key_and_name, arn in rows)
    found: dict[tuple[str, int], list[Held]] = {}
    for kind, pk, name, arn in rows:
        held = Held(name, prepared(documents[arn]), arn, kind, names[kind, pk])
        found.setdefault((kind, pk), []).append(held)
    return found


def _rows(holders: Sequence[Holder], relation: str, name: str, column: str) -> list[tuple[str, int, str, str]]:
    """What hangs on holders, by name: each with the kind and key of its holder. One query."""
    parts: list[Any] = []
    for model in dict.fromkeys(type(holder) for holder in holders):
        kind = model.__name__
        related: Any = model._meta.get_field(relation).related_model  # noqa: SLF001
        mine = [holder.pk for holder in holders if isinstance(holder, model)]
        rows = related.objects.filter(**{f"{kind.lower()}__in": mine}).order_by()
        owner = (Value(kind.upper(), CharField()), F(f"{kind.lower()}_id"))
        parts.append(rows.values_list(*owner, F(name), F(column)))
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return sorted(found, key=lambda row: (row[2].lower(), row[3] if relation == "attachments" else ""))


def _key(holder: Holder) -> tuple[str, int]:
    return type(holder).__name__.upper(), holder.pk
