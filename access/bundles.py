"""The effective policies of many users and roles at once, in a fixed number of queries: what `access.effective` loads for one of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from access.effective import named, own_grants, prepared
from accounts.models import (
    GroupAttachment,
    GroupInlinePolicy,
    Membership,
    PasswordPolicy,
    Role,
    RoleAttachment,
    RoleInlinePolicy,
    User,
    UserAttachment,
    UserInlinePolicy,
)
from engine import NamedPolicy
from policies.models import PolicyVersion

# What tells one policy from all others: `("managed", 7, "")`, or the kind and key of whom an inline policy is in, and its name.
Key = tuple[str, int, str]
Held = tuple[Key, NamedPolicy]
Principals = Mapping[str, set[int]]


@dataclass(frozen=True)
class Bundle:
    """The policies of one principal: those that grant, and the boundary."""

    identity: Sequence[Held]
    boundary: Held | None = None


def bundles(principals: Iterable[User | Role]) -> dict[str, Bundle]:
    """The policies of each of some principals of one account, by unique id. Nine queries at any number."""
    rows = list(principals)
    if not rows:
        return {}
    users, roles = [r for r in rows if isinstance(r, User)], [r for r in rows if isinstance(r, Role)]
    groups: dict[int, list[int]] = defaultdict(list)
    for user_id, group_id in Membership.objects.filter(user__in=users).values_list("user_id", "group_id"):
        groups[user_id].append(group_id)
    ids = {
        "user": {row.pk for row in users},
        "group": {group for each in groups.values() for group in each},
        "role": {row.pk for row in roles},
    }
    inline, attached = _inline(ids), _attached(ids)
    boundaries = {row.boundary_id for row in rows if row.boundary_id}
    managed = _managed({policy for each in attached.values() for policy in each} | boundaries)
    account = rows[0].account_id
    password = PasswordPolicy.objects.filter(account=account, allow_users_to_change=True).exists()
    found = {}
    for row in rows:
        ways = [("user", row.pk), *(("group", pk) for pk in groups[row.pk])] if isinstance(row, User) else []
        ways = ways or [("role", row.pk)]
        held = {policy: managed[policy] for way in ways for policy in attached[way]}
        own = own_grants(row, password=password) if isinstance(row, User) else []
        identity = [*(each for way in ways for each in inline[way]), *held.values()]
        identity += [(("implicit", row.pk, each.name), each) for each in own]
        found[row.unique_id] = Bundle(identity, managed[row.boundary_id] if row.boundary_id else None)
    return found


_INLINE: tuple[tuple[str, Any], ...] = (
    ("user", UserInlinePolicy),
    ("group", GroupInlinePolicy),
    ("role", RoleInlinePolicy),
)
_ATTACHED: tuple[tuple[str, Any], ...] = (
    ("user", UserAttachment),
    ("group", GroupAttachment),
    ("role", RoleAttachment),
)


def _inline(ids: Principals) -> dict[tuple[str, int], list[Held]]:
    found: dict[tuple[str, int], list[Held]] = defaultdict(list)
    for kind, model in _INLINE:
        rows = model.objects.filter(**{f"{kind}__in": ids[kind]})
        for holder, name, document in rows.values_list(f"{kind}_id", "name", "document"):
            found[kind, holder].append(((kind, holder, name), NamedPolicy(name, prepared(document), kind)))
    return found


def _attached(ids: Principals) -> dict[tuple[str, int], list[int]]:
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for kind, model in _ATTACHED:
        for holder, policy in model.objects.filter(**{f"{kind}__in": ids[kind]}).values_list(f"{kind}_id", "policy_id"):
            found[kind, holder].append(policy)
    return found


def _managed(ids: set[int]) -> dict[int, Held]:
    rows = PolicyVersion.objects.filter(policy__in=ids, number=F("policy__default_version")).select_related("policy")
    return {row.policy_id: (("managed", row.policy_id, ""), named(row)) for row in rows}
