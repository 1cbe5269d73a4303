"""What the pages about roles show: the list, the instance profiles of one, whom it trusts.

Every function costs a fixed number of queries at any size; policies are `held_policies`' matter.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from accounts import trust
from accounts.models import InstanceProfile, Role, RoleAttachment, RoleInlinePolicy
from accounts.queries.entity_rows import counted


def roles_of(account_id: str) -> QuerySet[Role]:
    """The roles of an account with all that a list shows: boundary, tags; rows carry `policy_count`. Two queries for a page."""
    return (
        Role.objects.filter(account_id=account_id)
        .annotate(policy_count=counted(RoleAttachment, "role") + counted(RoleInlinePolicy, "role"))
        .select_related("boundary")
        .prefetch_related("tags")
    )


def profiles_of(role: Role) -> QuerySet[InstanceProfile]:
    """The instance profiles that hold a role, by name."""
    return role.instance_profiles.order_by("name_key")


def trusting(principal: str) -> Q:
    """Roles whose trust policy names a service, a provider or an account, or (as it is stored) a user or role by its unique id."""
    return Q(trust_policy__contains=json.dumps(principal)) | Q(trust_policy__contains=f":{principal}:root")


def trusting_by_id(account_id: str, unique_ids: Collection[str]) -> dict[str, list[str]]:
    """By unique id of a user or role: the names of the account's roles whose trust policies allow it by that. One query at any number."""
    wanted, kinds = set(unique_ids), {json.dumps(each)[:5] for each in unique_ids}  # the ids begin with their kind
    found: dict[str, list[str]] = defaultdict(list)
    if not kinds:
        return found
    named = reduce(or_, (Q(trust_policy__contains=kind) for kind in kinds))
    rows = Role.objects.filter(named, account_id=account_id).order_by("name_key").values_list("name", "trust_policy")
    for name, document in rows:
        for each in wanted.intersection(principal for kind, principal in trust.trusted(document) if kind == "AWS"):
            found[each].append(name)
    return found


# --- trusted entities -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trusted:
    """A principal that may assume a role: `kind` is AWS, Service, Federated or CanonicalUser; `name` as the policy has it."""

    kind: str
    name: str

    @property
    def account_id(self) -> str | None:
        """The account of an AWS principal."""
        if self.kind != "AWS":
            return None
        parts = self.name.split(":")
        return parts[4] if len(parts) > 5 else self.name if self.name.isdecimal() else None


def trusted_by(roles: Sequence[Role]) -> dict[int, list[Trusted]]:
    """Whom each role trusts, each principal once, by the roles' database ids. Two queries at most."""
    documents = trust.readable_forms([role.trust_policy for role in roles])
    return {
        role.pk: [Trusted(kind, name) for kind, name in dict.fromkeys(trust.trusted(document))]
        for role, document in zip(roles, documents, strict=True)
    }
