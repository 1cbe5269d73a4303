"""Who has a managed policy: ListEntitiesForPolicy (IAM API Reference)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q, QuerySet

from accounts.models import Group, Role, User
from operations.errors import ValidationError
from operations.gate import Call, Result, operation
from operations.paging import DEFAULT_MAX_ITEMS, decode, encode
from policies.listing import under_path
from policies.lookup import called_policy, policy_target
from policies.models import ManagedPolicy


@dataclass(frozen=True)
class Kind:
    """One of the three kinds of entities, in the order in which AWS's answer has them."""

    name: str
    member: str
    rows: type[Group | Role | User]
    bounded: bool

    def shown(self, row: Any) -> Mapping[str, str]:
        return {f"{self.name}Name": row.name, f"{self.name}Id": row.unique_id}


KINDS = (
    Kind("Group", "PolicyGroups", Group, bounded=False),
    Kind("User", "PolicyUsers", User, bounded=True),
    Kind("Role", "PolicyRoles", Role, bounded=True),
)


@operation("iam:ListEntitiesForPolicy", on=policy_target)
def list_entities_for_policy(
    call: Call,
    *,
    policy_arn: str,
    entity_filter: str | None = None,
    path_prefix: str | None = None,
    policy_usage_filter: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """The account's groups, users and roles that have a policy attached or as their boundary, or one of both.

    Pages run over the groups, then the users, then the roles, each by name. Raises ValidationError, NoSuchEntity.
    """
    policy = called_policy(call)
    place, after = _place(marker)
    room = max_items or DEFAULT_MAX_ITEMS
    result: Result = {kind.member: [] for kind in KINDS}
    for number, kind in enumerate(KINDS):
        if number < place or entity_filter not in (None, kind.name):
            continue
        rows = _using(kind, policy, call.account_id, policy_usage_filter)
        if path_prefix:
            rows = under_path(rows, path_prefix)
        if number == place and after:
            rows = rows.filter(name_key__gt=after)
        found: list[Any] = list(rows.order_by("name_key")[: room + 1])
        result[kind.member] = [kind.shown(row) for row in found[:room]]
        if len(found) > room:
            last = found[room - 1].name_key if room else ""
            return result | {"IsTruncated": True, "Marker": encode([number, last])}
        room -= len(found)
    return result | {"IsTruncated": False}


def _using(kind: Kind, policy: ManagedPolicy, account_id: str, usage: str | None) -> "QuerySet[Model]":
    attached = Q(attachments__policy=policy)
    bounded = Q(boundary=policy) if kind.bounded else Q(pk__in=[])
    which = {"PermissionsPolicy": attached, "PermissionsBoundary": bounded}.get(usage or "", attached | bounded)
    rows: QuerySet[Model] = kind.rows.objects.filter(which, account_id=account_id).distinct()
    return rows


def _place(marker: str | None) -> tuple[int, str]:
    """Which kind a page begins in, and after which name."""
    if marker is None:
        return 0, ""
    match decode(marker):
        case [int() as number, str() as name]:
            return number, name
    raise ValidationError("Invalid Marker.")
