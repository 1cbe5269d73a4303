"""Versions of managed policies: create, get, delete, list, put in force (IAM API Reference)."""

import re

from operations.clock import now
from operations.errors import DeleteConflict, LimitExceeded, NoSuchEntity, ValidationError
from operations.gate import Call, Result, operation
from operations.paging import DEFAULT_MAX_ITEMS, decode, encode
from operations.quotas import quota
from policies import describe, lookup
from policies.activations import end_activation
from policies.documents import check_managed_document
from policies.facts import FACTS, measure
from policies.models import ManagedPolicy, PolicyVersion
from policies.operations.managed_policies import enforce_versions_in_use, saved_by
from policies.testing import refuse_failing
from policies.trials import end_trial


@operation("iam:CreatePolicyVersion", on=lookup.policy_target)
def create_policy_version(call: Call, *, policy_arn: str, policy_document: str, set_as_default: bool = False) -> Result:
    """Add a version, and put it in force with `set_as_default` (which needs no further permission, as in AWS).

    Raises ValidationError, NoSuchEntity, InvalidInput (an AWS managed policy; one to be in force that fails a test of the policy's),
    MalformedPolicyDocument, LimitExceeded.
    """
    policy = lookup.called_policy(call)
    lookup.refuse_aws_managed(policy)
    check_managed_document(policy_document)
    limit = quota("VersionsPerPolicyQuota")
    if policy.versions.count() >= limit:
        raise LimitExceeded(
            f"A managed policy can have up to {limit} versions. Before you create a new version, you must delete an "
            "existing version.",
            quota="VersionsPerPolicyQuota",
            limit=limit,
        )
    enforce_versions_in_use(call.account_id)
    if set_as_default:
        refuse_failing(call.caller, policy, policy_document, call.targets[0].context)
    before = describe.state(policy)
    moment = now()
    policy.latest_version += 1
    policy.version_count += 1
    policy.updated_at = moment
    if set_as_default:
        policy.default_version = policy.latest_version
        measure(policy, policy_document)
    policy.save(update_fields=["latest_version", "version_count", "default_version", "updated_at", *FACTS])
    version = PolicyVersion.objects.create(
        policy=policy, number=policy.latest_version, document=policy_document, created_at=moment, **saved_by(call)
    )
    call.changed(before=before, after=describe.state(policy) | {"createdVersion": recorded(version)})
    if set_as_default:
        _end_plans(call, policy)
    return {"PolicyVersion": describe.version(version, policy.default_version)}


@operation("iam:GetPolicyVersion", on=lookup.policy_target)
def get_policy_version(call: Call, *, policy_arn: str, version_id: str) -> Result:
    """A version with its document, exactly as it was typed. Raises ValidationError, NoSuchEntity."""
    policy, version = require_version(call)
    return {"PolicyVersion": describe.version(version, policy.default_version) | {"Document": version.document}}


@operation("iam:DeletePolicyVersion", on=lookup.policy_target)
def delete_policy_version(call: Call, *, policy_arn: str, version_id: str) -> Result:
    """Delete a version that is not in force. Raises ValidationError, NoSuchEntity, InvalidInput, DeleteConflict."""
    policy, version = require_version(call)
    lookup.refuse_aws_managed(policy)
    if version.number == policy.default_version:
        raise DeleteConflict("Cannot delete the default version of a policy.")
    before = describe.state(policy) | {"deletedVersion": _deleted(version)}
    _end_plans(call, policy, version.number)
    version.delete()
    policy.version_count -= 1
    policy.save(update_fields=["version_count"])
    call.changed(before=before, after=describe.state(policy))
    return {}


@operation("iam:ListPolicyVersions", on=lookup.policy_target)
def list_policy_versions(
    call: Call, *, policy_arn: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The versions, newest first, without their documents. Raises ValidationError, NoSuchEntity."""
    policy = lookup.called_policy(call)
    size = max_items or DEFAULT_MAX_ITEMS
    rows = policy.versions.defer("document").order_by("-number")
    if marker:
        after = decode(marker)
        if not isinstance(after, int):
            raise ValidationError("Invalid Marker.")
        rows = rows.filter(number__lt=after)
    found = list(rows[: size + 1])
    shown = [describe.version(row, policy.default_version) for row in found[:size]]
    if len(found) <= size:
        return {"Versions": shown, "IsTruncated": False}
    return {"Versions": shown, "IsTruncated": True, "Marker": encode(found[size - 1].number)}


@operation("iam:SetDefaultPolicyVersion", on=lookup.policy_target)
def set_default_policy_version(call: Call, *, policy_arn: str, version_id: str) -> Result:
    """Put a version in force for everybody who has the policy.

    Raises ValidationError, NoSuchEntity, InvalidInput (an AWS managed policy; a version that fails a test of the policy's).
    """
    policy, version = require_version(call)
    lookup.refuse_aws_managed(policy)
    refuse_failing(call.caller, policy, version.document, call.targets[0].context)
    before = describe.state(policy)
    policy.default_version = version.number
    measure(policy, version.document)
    policy.save(update_fields=["default_version", *FACTS])
    call.changed(before=before, after=describe.state(policy))
    _end_plans(call, policy)
    return {}


def require_version(call: Call) -> tuple[ManagedPolicy, PolicyVersion]:
    """The call's policy and version, or NoSuchEntity in the one sentence that AWS has for either missing."""
    arn, name = call.params["policy_arn"], call.params["version_id"]
    if not lookup.is_policy_arn(arn):
        raise ValidationError(f"ARN {arn} is not valid.")
    policy: ManagedPolicy | None = call.entity
    number = re.fullmatch(r"v([0-9]{1,9})", name)
    found = policy.versions.filter(number=int(number[1])).first() if policy and number else None
    if policy is None or found is None:
        raise NoSuchEntity(f"Policy {arn} version {name} does not exist or is not attachable.")
    return policy, found


def _end_plans(call: Call, policy: ManagedPolicy, number: int | None = None) -> None:
    """What is in force now, or is no more, is neither on trial nor scheduled; the record says so beside the change that ended it."""
    if ended := end_trial(policy, number):
        call.note(endedTrial=ended)
    if scheduled := end_activation(policy, number):
        call.note(scheduledActivation=scheduled)


def recorded(version: PolicyVersion) -> dict[str, str]:
    """A version as the record keeps it, so that no document is ever lost."""
    return {"versionId": version.version_id, "document": version.document}


def _deleted(version: PolicyVersion) -> dict[str, str]:
    """The same of one that goes, with what its row alone knew."""
    told = {"createdBy": version.created_by, "note": version.note}
    kept = {key: value for key, value in told.items() if value}
    return recorded(version) | {"createDate": version.created_at.isoformat()} | kept
