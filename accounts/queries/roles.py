"""What the pages about roles show: the list, one role, whom it trusts. Filters and orders run in the database.

Every function costs a fixed number of queries at any size; policies are `held_policies`' matter.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import trust
from accounts.models import InstanceProfile, Role, RoleAttachment, RoleInlinePolicy, RoleTag
from accounts.queries.entity_rows import counted, ordered, tag_containing, tagged
from policies.listing import under_path

# What a list of roles may be sorted by; the name breaks ties. A minus before the key turns the order round.
SORTS: Final[Mapping[str, str]] = {
    "name": "name_key",
    "path": "path",
    "created": "created_at",
    "last-used": "last_used_at",
    "session": "max_session_duration",
    "policies": "policy_count",
}


def roles_of(account_id: str) -> QuerySet[Role]:
    """The roles of an account with all that a list shows: boundary, tags; rows carry `policy_count`. Two queries for a page."""
    return (
        Role.objects.filter(account_id=account_id)
        .annotate(policy_count=counted(RoleAttachment, "role") + counted(RoleInlinePolicy, "role"))
        .select_related("boundary")
        .prefetch_related("tags")
    )


def role_rows(
    account_id: str,
    *,
    search: str = "",
    path: str = "",
    policy_arn: str | None = None,
    boundary_arn: str | None = None,
    tag: tuple[str, str | None] | None = None,
    trusts: str | None = None,
    service_linked: bool | None = None,
    unused_since: datetime | None = None,
    sort: str = "name",
) -> QuerySet[Role]:
    """The rows of the roles page. `search` is looked for in name, description, unique id and tags; an unknown `sort` sorts by name."""
    rows = roles_of(account_id)
    if search:
        rows = rows.filter(matching(search))
    if path:
        rows = under_path(rows, path)
    if policy_arn is not None:
        rows = rows.filter(with_policy(policy_arn))
    if boundary_arn is not None:
        rows = rows.filter(boundary__arn=boundary_arn)
    if tag is not None:
        rows = rows.filter(tagged(RoleTag, "role", *tag))
    if trusts is not None:
        rows = rows.filter(trusting(trusts))
    if service_linked is not None:
        rows = rows.exclude(service_linked_to="") if service_linked else rows.filter(service_linked_to="")
    if unused_since is not None:
        rows = rows.filter(Q(last_used_at__lt=unused_since) | Q(last_used_at=None))
    return ordered(rows, SORTS, sort)


def role_row(account_id: str, name: str) -> Role | None:
    """One role for its page, as in `roles_of`; the name is found without regard to case."""
    return roles_of(account_id).filter(name_key=name.lower()).first()


def profiles_of(role: Role) -> QuerySet[InstanceProfile]:
    """The instance profiles that hold a role, by name."""
    return role.instance_profiles.order_by("name_key")


# --- conditions that a list's filters are made of -------------------------------------------------------------------------


def matching(text: str) -> Q:
    """Roles whose name, description, unique id or a tag contains a text."""
    named = Q(name_key__inside=text.lower()) | Q(description__icontains=text) | Q(unique_id__iexact=text)
    return named | tag_containing(RoleTag, "role", text)


def with_policy(arn: str) -> Q:
    """Roles to which a managed policy is attached."""
    return Q(Exists(RoleAttachment.objects.filter(role=OuterRef("pk"), policy__arn=arn)))


def trusting(principal: str) -> Q:
    """Roles whose trust policy names a service, a provider or an account, or (as it is stored) a user or role by its unique id."""
    return Q(trust_policy__contains=json.dumps(principal)) | Q(trust_policy__contains=f":{principal}:root")


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
