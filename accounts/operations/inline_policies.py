"""Inline policies of users, groups and roles: put, get, delete, list (IAM API Reference)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from accounts import resolve
from accounts.group_digests import keep_digest
from accounts.models import Group, GroupInlinePolicy, Role, RoleInlinePolicy, User, UserInlinePolicy
from accounts.operations.service_linked import modifiable_role
from operations.clock import now
from operations.errors import LimitExceeded, NoSuchEntity
from operations.gate import Call, Result, operation
from operations.paging import page_of_list
from operations.quotas import quota
from policies.documents import check_document, size
from policies.facts import gives_everything

Holder: TypeAlias = User | Group | Role
Inline: TypeAlias = UserInlinePolicy | GroupInlinePolicy | RoleInlinePolicy


@dataclass(frozen=True)
class Kind:
    """What differs between users, groups and roles: the rows, the column in them, the quota of all documents together."""

    rows: type[Inline]
    column: str
    quota: str

    @property
    def member(self) -> str:
        """The name's member in AWS's answers."""
        return f"{self.column.capitalize()}Name"


USER = Kind(UserInlinePolicy, "user", "UserPolicySizeQuota")
GROUP = Kind(GroupInlinePolicy, "group", "GroupPolicySizeQuota")
ROLE = Kind(RoleInlinePolicy, "role", "RolePolicySizeQuota")
KINDS = {kind.column: kind for kind in (USER, GROUP, ROLE)}


@operation("iam:PutUserPolicy", on=resolve.user)
def put_user_policy(call: Call, *, user_name: str, policy_name: str, policy_document: str) -> Result:
    """Add an inline policy to a user or replace its document. Raises NoSuchEntity, MalformedPolicyDocument, LimitExceeded."""
    return put(call, USER, resolve.require_user(call), policy_name, policy_document)


@operation("iam:PutGroupPolicy", on=resolve.group)
def put_group_policy(call: Call, *, group_name: str, policy_name: str, policy_document: str) -> Result:
    """Add an inline policy to a group or replace its document. Raises NoSuchEntity, MalformedPolicyDocument, LimitExceeded."""
    return put(call, GROUP, resolve.require_group(call), policy_name, policy_document)


@operation("iam:PutRolePolicy", on=resolve.role)
def put_role_policy(call: Call, *, role_name: str, policy_name: str, policy_document: str) -> Result:
    """Add an inline policy to a role or replace its document.

    Raises NoSuchEntity, MalformedPolicyDocument, LimitExceeded, UnmodifiableEntity (a service-linked role).
    """
    return put(call, ROLE, modifiable_role(call), policy_name, policy_document)


@operation("iam:GetUserPolicy", on=resolve.user)
def get_user_policy(call: Call, *, user_name: str, policy_name: str) -> Result:
    """An inline policy of a user with its document, exactly as it was typed. Raises NoSuchEntity."""
    return shown(USER, resolve.require_user(call), policy_name)


@operation("iam:GetGroupPolicy", on=resolve.group)
def get_group_policy(call: Call, *, group_name: str, policy_name: str) -> Result:
    """An inline policy of a group with its document, exactly as it was typed. Raises NoSuchEntity."""
    return shown(GROUP, resolve.require_group(call), policy_name)


@operation("iam:GetRolePolicy", on=resolve.role)
def get_role_policy(call: Call, *, role_name: str, policy_name: str) -> Result:
    """An inline policy of a role with its document, exactly as it was typed. Raises NoSuchEntity."""
    return shown(ROLE, resolve.require_role(call), policy_name)


@operation("iam:DeleteUserPolicy", on=resolve.user)
def delete_user_policy(call: Call, *, user_name: str, policy_name: str) -> Result:
    """Delete an inline policy of a user. Raises NoSuchEntity."""
    return delete(call, USER, resolve.require_user(call), policy_name)


@operation("iam:DeleteGroupPolicy", on=resolve.group)
def delete_group_policy(call: Call, *, group_name: str, policy_name: str) -> Result:
    """Delete an inline policy of a group. Raises NoSuchEntity."""
    return delete(call, GROUP, resolve.require_group(call), policy_name)


@operation("iam:DeleteRolePolicy", on=resolve.role)
def delete_role_policy(call: Call, *, role_name: str, policy_name: str) -> Result:
    """Delete an inline policy of a role. Raises NoSuchEntity, UnmodifiableEntity (a service-linked role)."""
    return delete(call, ROLE, modifiable_role(call), policy_name)


@operation("iam:ListUserPolicies", on=resolve.user)
def list_user_policies(
    call: Call, *, user_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The names of a user's inline policies. Raises NoSuchEntity."""
    return listed(USER, resolve.require_user(call), marker, max_items)


@operation("iam:ListGroupPolicies", on=resolve.group)
def list_group_policies(
    call: Call, *, group_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The names of a group's inline policies. Raises NoSuchEntity."""
    return listed(GROUP, resolve.require_group(call), marker, max_items)


@operation("iam:ListRolePolicies", on=resolve.role)
def list_role_policies(
    call: Call, *, role_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The names of a role's inline policies. Raises NoSuchEntity."""
    return listed(ROLE, resolve.require_role(call), marker, max_items)


def put(call: Call, kind: Kind, holder: Holder, name: str, document: str) -> Result:
    """Save a document under a name; all documents of the entity together must stay within its quota."""
    check(kind, holder, name, document)
    old = find(kind, holder, name)
    whose: dict[str, Any] = {kind.column: holder, "name": name}
    given = {"name_key": name.lower(), "document": document, "allows_everything": gives_everything(document)}
    kind.rows.objects.update_or_create(**whose, defaults={**given, "updated_at": now()})
    keep_digest(holder)
    call.changed(before=state(holder, old) if old else None, after=state(holder, require(kind, holder, name)))
    return {}


def check(kind: Kind, holder: Holder, name: str, document: str) -> None:
    """Refuse a document that cannot be put: for the operations, and for pages that say so before. One query.

    Raises MalformedPolicyDocument, LimitExceeded.
    """
    check_document(document)
    others = kind.rows.objects.filter(**{kind.column: holder}).exclude(name=name).values_list("document", flat=True)
    limit = quota(kind.quota)
    if size(document) + sum(map(size, others)) > limit:
        raise LimitExceeded(
            f"Maximum policy size of {limit} bytes exceeded for {kind.column} {holder.name}",
            quota=kind.quota,
            limit=limit,
        )


def shown(kind: Kind, holder: Holder, name: str) -> Result:
    """The answer with one inline policy."""
    row = require(kind, holder, name)
    return {kind.member: holder.name, "PolicyName": row.name, "PolicyDocument": row.document}


def delete(call: Call, kind: Kind, holder: Holder, name: str) -> Result:
    """Delete one inline policy for good; the record keeps its document."""
    row = require(kind, holder, name)
    call.changed(before=state(holder, row))
    row.delete()
    keep_digest(holder)
    return {}


def listed(kind: Kind, holder: Holder, marker: str | None, max_items: int | None) -> Result:
    """One page of names; their number is small, for all documents together have a quota."""
    names = (
        kind.rows.objects.filter(**{kind.column: holder}).order_by("name_key", "name").values_list("name", flat=True)
    )
    found, paging = page_of_list(list(names), marker, max_items)
    return {"PolicyNames": found, **paging}


def find(kind: Kind, holder: Holder, name: str) -> Inline | None:
    """The entity's inline policy of that name, if there is one."""
    return kind.rows.objects.filter(name=name, **{kind.column: holder}).first()


def require(kind: Kind, holder: Holder, name: str) -> Inline:
    """The same, or NoSuchEntity in AWS's words."""
    row = find(kind, holder, name)
    if row is None:
        raise NoSuchEntity(f"The {kind.column} policy with name {name} cannot be found.")
    return row


def state(holder: Holder, row: Inline) -> Mapping[str, Any]:
    """An inline policy as the record keeps it."""
    return {"arn": holder.arn, "policyName": row.name, "policyDocument": row.document}
