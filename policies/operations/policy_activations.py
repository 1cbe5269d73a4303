"""Scheduled activations: schedule, cancel, list. Operations of our own; who may put a version in force may have it put later."""

from datetime import datetime, timedelta
from typing import Any, Final

from operations.clock import now
from operations.errors import EntityAlreadyExists, InvalidInput, NoSuchEntity
from operations.gate import Call, Result, operation
from operations.paging import page
from policies import lookup
from policies.activations import ACTION, absent_caller, activation_of, end_activation, recorded
from policies.models import PolicyActivation
from policies.operations.policy_versions import require_version
from policies.testing import refuse_failing

LONGEST: Final = timedelta(days=366)


@operation("iam:SchedulePolicyActivation", on=lookup.policy_target, permission=ACTION)
def schedule_policy_activation(call: Call, *, policy_arn: str, version_id: str, activation_date: datetime) -> Result:
    """Have a version put in force at a later moment, as the caller's call. A policy has one such moment; one that failed is replaced.

    Raises ValidationError, NoSuchEntity, EntityAlreadyExists, InvalidInput (an AWS managed policy; the version in force; a moment that is
    over or too far; a version that fails a test; a caller who is no user, or who is allowed it with a second factor or from some
    addresses alone, which nobody brings then).
    """
    policy, version = require_version(call)
    lookup.refuse_aws_managed(policy)
    if version.number == policy.default_version:
        raise InvalidInput(
            f"Version {version_id} of policy {policy_arn} is the default version: it is in force already."
        )
    if not now() < activation_date <= now() + LONGEST:
        raise InvalidInput(f"The activation date must be in the future, and within {LONGEST.days} days.")
    before = activation_of(policy)
    if before is not None and before.failed_at is None:
        raise EntityAlreadyExists(f"Version {before.version_id} of policy {policy_arn} is scheduled already.")
    refuse_failing(call.caller, policy, version.document, call.targets[0].context)
    scheduler_id = _scheduler(call)
    if before is not None:
        before.delete()
    row = PolicyActivation.objects.create(
        policy=policy,
        number=version.number,
        due_at=activation_date,
        scheduled_at=now(),
        scheduled_by=call.caller.arn,
        scheduler_id=scheduler_id,
        note=call.caller.reason,
    )
    call.changed(after=recorded(row))
    return {"PolicyActivation": _described(row)}


@operation("iam:CancelPolicyActivation", on=lookup.policy_target, permission=ACTION)
def cancel_policy_activation(call: Call, *, policy_arn: str) -> Result:
    """Cancel what is scheduled for a policy, or forget what failed. Raises ValidationError, NoSuchEntity."""
    ended = end_activation(lookup.called_policy(call))
    if not ended:
        raise NoSuchEntity(f"No version of policy {policy_arn} is scheduled.")
    call.changed(before=ended)
    return {}


@operation("iam:ListPolicyActivations", on=lookup.policy_collection, permission="iam:ListPolicies")
def list_policy_activations(call: Call, *, marker: str | None = None, max_items: int | None = None) -> Result:
    """What is scheduled for the account's policies, and what failed. Raises ValidationError."""
    rows = PolicyActivation.objects.select_related("policy").filter(policy__account_id=call.account_id)
    found, paging = page(rows, "id", marker, max_items)
    return {"PolicyActivations": [_described(row) for row in found], **paging}


def _scheduler(call: Call) -> str:
    """The unique id of the user whose call it will be. Raises InvalidInput."""
    caller, target = call.caller, call.targets[0]
    if caller.principal.kind not in ("user", "root") or caller.user_id is None:
        raise InvalidInput("Only a user can schedule an activation: a session is over when it is due.")
    unique_id = str(caller.identity["principalId"])
    absent = absent_caller(call.account_id, unique_id)
    if absent is None or not absent.may(ACTION, target.arn, target.context):
        raise InvalidInput(
            f"Your policies allow {ACTION} only together with what a request brings, such as a second factor or a source address. Nobody "
            "brings that when an activation is due."
        )
    return unique_id


def _described(row: PolicyActivation) -> dict[str, Any]:
    state = "scheduled" if row.failed_at is None else "failed"
    return {
        "PolicyArn": row.policy.arn,
        "VersionId": row.version_id,
        "ActivationDate": row.due_at,
        "State": state,
    }
