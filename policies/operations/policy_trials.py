"""Trials of versions: start, stop, get, list. Operations of our own; who may save a version may put it on trial.

A trial costs no request anything: it is a note of the version and the moment, and whoever looks has the record's calls since then decided
once more (policies.trials).
"""

from typing import Any

from operations.clock import now
from operations.errors import EntityAlreadyExists, InvalidInput, NoSuchEntity
from operations.gate import Call, Result, operation
from operations.paging import page
from policies import lookup
from policies.models import PolicyTrial
from policies.operations.policy_versions import require_version
from policies.trials import TRAIL, differences_of, end_trial, recorded, trial_of

WRITING, READING, LISTING = "iam:CreatePolicyVersion", "iam:GetPolicyVersion", "iam:ListPolicies"


@operation("iam:StartPolicyTrial", on=lookup.policy_target, permission=WRITING)
def start_policy_trial(call: Call, *, policy_arn: str, version_id: str) -> Result:
    """Put a version on trial. A policy has one trial at a time.

    Raises ValidationError, NoSuchEntity, InvalidInput (an AWS managed policy; the version in force), EntityAlreadyExists.
    """
    policy, version = require_version(call)
    lookup.refuse_aws_managed(policy)
    if version.number == policy.default_version:
        raise InvalidInput(
            f"Version {version_id} of policy {policy_arn} is the default version: it is in force already."
        )
    if (running := trial_of(policy)) is not None:
        raise EntityAlreadyExists(f"Version {running.version_id} of policy {policy_arn} is on trial already.")
    by = "" if call.caller.door == "command" else call.caller.arn
    trial = PolicyTrial.objects.create(policy=policy, number=version.number, started_at=now(), started_by=by)
    call.changed(after=recorded(trial))
    return {"PolicyTrial": _described(trial)}


@operation("iam:StopPolicyTrial", on=lookup.policy_target, permission=WRITING)
def stop_policy_trial(call: Call, *, policy_arn: str) -> Result:
    """End the trial of a policy's version. Raises ValidationError, NoSuchEntity."""
    policy = lookup.called_policy(call)
    call.changed(before=recorded(_require_trial(call)))
    end_trial(policy)
    return {}


@operation("iam:GetPolicyTrial", on=lookup.policy_target, permission=READING)
def get_policy_trial(call: Call, *, policy_arn: str) -> Result:
    """The trial of a policy's version; to who may read the trail, also what it would have decided otherwise.

    Raises ValidationError, NoSuchEntity.
    """
    trial = _require_trial(call)
    found: dict[str, Any] = {"PolicyTrial": _described(trial)}
    replay = differences_of(call.caller, trial) if call.caller.may(TRAIL) else None
    if replay is not None and replay.value is not None:
        found["Replay"] = replay.value.described
    return found


@operation("iam:ListPolicyTrials", on=lookup.policy_collection, permission=LISTING)
def list_policy_trials(call: Call, *, marker: str | None = None, max_items: int | None = None) -> Result:
    """The trials of the account's policies, by the time at which they began. Raises ValidationError."""
    rows = PolicyTrial.objects.select_related("policy").filter(policy__account_id=call.account_id)
    found, paging = page(rows, "id", marker, max_items)
    return {"PolicyTrials": [_described(row) for row in found], **paging}


def _require_trial(call: Call) -> PolicyTrial:
    trial = trial_of(lookup.called_policy(call))
    if trial is None:
        raise NoSuchEntity(f"No version of policy {call.params['policy_arn']} is on trial.")
    return trial


def _described(trial: PolicyTrial) -> dict[str, Any]:
    return {"PolicyArn": trial.policy.arn, "VersionId": trial.version_id, "StartDate": trial.started_at}
