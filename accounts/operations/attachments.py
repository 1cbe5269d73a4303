"""Managed policies on users, groups and roles: attach, detach, list (IAM API Reference)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from accounts import resolve
from accounts.group_digests import keep_digest
from accounts.models import Group, GroupAttachment, Role, RoleAttachment, User, UserAttachment
from accounts.operations.service_linked import modifiable_role
from operations.errors import NoSuchEntity
from operations.gate import Call, Result, operation
from operations.quotas import enforce
from policies.listing import page_by_name, under_path
from policies.lookup import attachable_policy, count_usage, refuse_service_linked, require_policy
from policies.models import ManagedPolicy

Holder: TypeAlias = User | Group | Role


@dataclass(frozen=True)
class Kind:
    """What differs between users, groups and roles: the rows, the column in them, the quota, the word."""

    rows: type[UserAttachment | GroupAttachment | RoleAttachment]
    column: str
    quota: str

    @property
    def word(self) -> str:
        return self.column.capitalize()


USER = Kind(UserAttachment, "user", "AttachedPoliciesPerUserQuota")
GROUP = Kind(GroupAttachment, "group", "AttachedPoliciesPerGroupQuota")
ROLE = Kind(RoleAttachment, "role", "AttachedPoliciesPerRoleQuota")


@operation("iam:AttachUserPolicy", on=resolve.user)
def attach_user_policy(call: Call, *, user_name: str, policy_arn: str) -> Result:
    """Attach a managed policy to a user; once more is no error.

    Raises NoSuchEntity, ValidationError, PolicyNotAttachable, LimitExceeded.
    """
    return attach(call, USER, resolve.require_user(call), policy_arn)


@operation("iam:AttachGroupPolicy", on=resolve.group)
def attach_group_policy(call: Call, *, group_name: str, policy_arn: str) -> Result:
    """Attach a managed policy to a group. Raises NoSuchEntity, ValidationError, PolicyNotAttachable, LimitExceeded."""
    return attach(call, GROUP, resolve.require_group(call), policy_arn)


@operation("iam:AttachRolePolicy", on=resolve.role)
def attach_role_policy(call: Call, *, role_name: str, policy_arn: str) -> Result:
    """Attach a managed policy to a role.

    Raises NoSuchEntity, ValidationError, PolicyNotAttachable, LimitExceeded, UnmodifiableEntity (a service-linked role).
    """
    return attach(call, ROLE, modifiable_role(call), policy_arn)


@operation("iam:DetachUserPolicy", on=resolve.user)
def detach_user_policy(call: Call, *, user_name: str, policy_arn: str) -> Result:
    """Detach a managed policy from a user. Raises NoSuchEntity, ValidationError."""
    return detach(call, USER, resolve.require_user(call), policy_arn)


@operation("iam:DetachGroupPolicy", on=resolve.group)
def detach_group_policy(call: Call, *, group_name: str, policy_arn: str) -> Result:
    """Detach a managed policy from a group. Raises NoSuchEntity, ValidationError."""
    return detach(call, GROUP, resolve.require_group(call), policy_arn)


@operation("iam:DetachRolePolicy", on=resolve.role)
def detach_role_policy(call: Call, *, role_name: str, policy_arn: str) -> Result:
    """Detach a managed policy from a role. Raises NoSuchEntity, ValidationError, UnmodifiableEntity."""
    return detach(call, ROLE, modifiable_role(call), policy_arn)


@operation("iam:ListAttachedUserPolicies", on=resolve.user)
def list_attached_user_policies(
    call: Call,
    *,
    user_name: str,
    path_prefix: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """The managed policies attached to a user itself, by name; its groups' are not among them. Raises NoSuchEntity."""
    return attached(USER, resolve.require_user(call), path_prefix, marker, max_items)


@operation("iam:ListAttachedGroupPolicies", on=resolve.group)
def list_attached_group_policies(
    call: Call,
    *,
    group_name: str,
    path_prefix: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """The managed policies attached to a group, by name. Raises NoSuchEntity."""
    return attached(GROUP, resolve.require_group(call), path_prefix, marker, max_items)


@operation("iam:ListAttachedRolePolicies", on=resolve.role)
def list_attached_role_policies(
    call: Call,
    *,
    role_name: str,
    path_prefix: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """The managed policies attached to a role, by name. Raises NoSuchEntity."""
    return attached(ROLE, resolve.require_role(call), path_prefix, marker, max_items)


def attach(call: Call, kind: Kind, holder: Holder, policy_arn: str) -> Result:
    """Attach within the kind's quota, and count the use."""
    policy = attachable_policy(call.account_id, policy_arn)
    refuse_service_linked(policy, kind.word)
    before = attached_arns(kind, holder)
    if policy.arn in before:
        return {}
    enforce(kind.quota, len(before) + 1)
    kind.rows.objects.create(policy=policy, **{kind.column: holder})
    count_usage(policy, call.account_id, attachments=1)
    keep_digest(holder)
    call.changed(before=state(holder, before), after=state(holder, [*before, policy.arn]))
    return {}


def detach(call: Call, kind: Kind, holder: Holder, policy_arn: str) -> Result:
    """Detach what is attached; what is not was not found."""
    policy = require_policy(call.account_id, policy_arn)
    before = attached_arns(kind, holder)
    gone, _ = kind.rows.objects.filter(policy=policy, **{kind.column: holder}).delete()
    if not gone:
        raise NoSuchEntity(f"Policy {policy_arn} was not found.")
    count_usage(policy, call.account_id, attachments=-1)
    keep_digest(holder)
    call.changed(before=state(holder, before), after=state(holder, [arn for arn in before if arn != policy.arn]))
    return {}


def attached(kind: Kind, holder: Holder, path_prefix: str | None, marker: str | None, max_items: int | None) -> Result:
    """One page of the policies attached to an entity."""
    rows = ManagedPolicy.objects.filter(**{f"{kind.column}attachments__{kind.column}": holder})
    if path_prefix:
        rows = under_path(rows, path_prefix)
    found, paging = page_by_name(rows, marker, max_items)
    return {"AttachedPolicies": [{"PolicyName": row.name, "PolicyArn": row.arn} for row in found], **paging}


def attached_arns(kind: Kind, holder: Holder) -> list[str]:
    """The ARNs of the policies attached to an entity, in the order in which they were attached."""
    rows = kind.rows.objects.filter(**{kind.column: holder}).order_by("id")
    return list(rows.values_list("policy__arn", flat=True))


def state(holder: Holder, arns: list[str]) -> Mapping[str, Any]:
    """An entity's attachments as the record keeps them."""
    return {"arn": holder.arn, "attachedPolicies": arns}
