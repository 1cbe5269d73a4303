"""Finding managed policies by ARN, and counting who uses them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet

from operations.caller import ContextValue
from operations.errors import InvalidInput, NoSuchEntity, PolicyNotAttachable, ValidationError
from operations.gate import Call, Target
from operations.ids import iam_arn
from policies.models import AWS, ManagedPolicy, PolicyUsage, PolicyVersion

SERVICE_LINKED_PATH = "/aws-service-role/"
TYPE = "AWS::IAM::Policy"


def is_policy_arn(arn: str) -> bool:
    """Whether a text has the form of a managed policy's ARN in this partition."""
    parts = arn.split(":", 5)
    return (
        len(parts) == 6
        and parts[:3] == ["arn", settings.PARTITION, "iam"]
        and parts[3] == ""
        and parts[5].startswith("policy/")
    )


def shown_policy(arn: str) -> dict[str, str]:
    """What lists show of a managed policy, as its ARN has it: `arn`, `name` and `type` (a key of policies.queries.TYPES)."""
    _start, _sep, rest = arn.partition("::")
    account, _sep, place = rest.partition(":policy/")
    path = place.rpartition("/")[0]
    type_ = {"job-function": "job-function", SERVICE_LINKED_PATH.strip("/"): "service-linked"}.get(path, "aws")
    return {"arn": arn, "name": place.rpartition("/")[2] or arn, "type": type_ if account == AWS else "customer"}


def find_policy(account_id: str, arn: str) -> ManagedPolicy | None:
    """The policy of that ARN, if it is AWS's or this account's: another account's policies do not exist for the caller."""
    return ManagedPolicy.objects.filter(arn=arn, account_id__in=[account_id, AWS]).first()


def require_policy(account_id: str, arn: str) -> ManagedPolicy:
    """The policy of that ARN. Raises ValidationError for a text that is no ARN, NoSuchEntity for a policy that is not there."""
    if not is_policy_arn(arn):
        raise ValidationError(f"ARN {arn} is not valid.")
    policy = find_policy(account_id, arn)
    if policy is None:
        raise NoSuchEntity(f"Policy {arn} was not found.")
    return policy


def called_policy(call: Call) -> ManagedPolicy:
    """The policy that the call's `policy_arn` names. Raises ValidationError, NoSuchEntity."""
    return require_policy(call.account_id, call.params["policy_arn"]) if call.entity is None else call.entity


def attachable_policy(account_id: str, arn: str) -> ManagedPolicy:
    """The policy to attach.

    Raises ValidationError for a text that is no ARN, NoSuchEntity (in the words that AWS has for attaching) for a policy that is
    not there or that AWS has retired. A service-linked role's policy is found: `refuse_service_linked` is for that.
    """
    return attachable_policies(account_id, [arn])[0]


def attachable_policies(account_id: str, arns: Sequence[str]) -> list[ManagedPolicy]:
    """The same for several policies, in their order. One query. Raises for the first that cannot be attached."""
    rows = ManagedPolicy.objects.filter(arn__in=arns, account_id__in=[account_id, AWS], is_attachable=True)
    known = {row.arn: row for row in rows} if any(map(is_policy_arn, arns)) else {}
    for arn in arns:
        if not is_policy_arn(arn):
            raise ValidationError(f"ARN {arn} is not valid.")
        if arn not in known:
            raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")
    return [known[arn] for arn in arns]


def boundary_policy(account_id: str, arn: str) -> ManagedPolicy:
    """The policy to set as permissions boundary, for which AWS has other words than for attaching.

    Raises InvalidInput for a text that is no ARN, NoSuchEntity, and PolicyNotAttachable for a service-linked role's policy.
    """
    if not is_policy_arn(arn):
        raise InvalidInput(f"ARN {arn} is not valid.")
    policy = find_policy(account_id, arn)
    if policy is None or not policy.is_attachable:
        raise NoSuchEntity(f"Scope ARN: {arn} does not exist or is not attachable.")
    if is_service_linked(policy):
        raise PolicyNotAttachable("Cannot set a Service Role Policy as a permissions boundary.")
    return policy


def is_service_linked(policy: ManagedPolicy) -> bool:
    """Whether a policy is for a service-linked role alone (`PolicyNotAttachable` in the IAM API Reference)."""
    return policy.is_aws_managed and policy.path.startswith(SERVICE_LINKED_PATH)


def attachable(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Those of managed policies that can be attached: neither retired by AWS nor a service-linked role's."""
    return rows.filter(is_attachable=True).exclude(account_id=AWS, path__startswith=SERVICE_LINKED_PATH)


def refuse_service_linked(policy: ManagedPolicy, holder: str) -> None:
    """A service-linked role's policy is attached by AWS alone. `holder` names what was to get it. Raises PolicyNotAttachable."""
    if is_service_linked(policy):
        raise PolicyNotAttachable(f"Cannot attach a Service Role Policy to a Customer {holder}.")


def refuse_aws_managed(policy: ManagedPolicy) -> None:
    """AWS managed policies are read-only. Raises InvalidInput."""
    if policy.is_aws_managed:
        raise InvalidInput(f"Policy {policy.arn} is an AWS managed policy and cannot be changed.")


def policy_target(call: Call) -> Target:
    """What a call with `policy_arn` is about."""
    arn = call.params["policy_arn"]
    policy = find_policy(call.account_id, arn)
    keys: dict[str, ContextValue] = {}
    if policy is not None and not policy.is_aws_managed:
        for tag in policy.tags.all():
            keys[f"aws:ResourceTag/{tag.key}"] = keys[f"iam:ResourceTag/{tag.key}"] = tag.value
    return Target(arn, policy, keys, TYPE)


def policy_to_be(call: Call) -> Target:
    """For CreatePolicy: the ARN that the policy will have."""
    return Target(
        iam_arn(call.account_id, f"policy{call.params.get('path', '/')}{call.params['policy_name']}"), None, {}, TYPE
    )


def policy_collection(call: Call) -> Target:
    """For ListPolicies: the resource that AWS names is the collection of the account's policies."""
    return Target(iam_arn(call.account_id, f"policy{call.params.get('path_prefix') or '/'}"))


def documents_in_force(arns: Iterable[str]) -> dict[str, str]:
    """The documents of some policies in their default versions, by ARN. One query."""
    rows = PolicyVersion.objects.filter(policy__arn__in=list(arns), number=F("policy__default_version"))
    return dict(rows.values_list("policy__arn", "document"))


def usage_of(policy: ManagedPolicy, account_id: str) -> tuple[int, int]:
    """How many entities of an account have the policy attached, and how many have it as their boundary."""
    row = PolicyUsage.objects.filter(policy=policy, account_id=account_id).first()
    return (row.attachments, row.boundaries) if row else (0, 0)


def count_usage(policy: ManagedPolicy, account_id: str, *, attachments: int = 0, boundaries: int = 0) -> None:
    """Move the counters of a policy in an account; the caller's transaction holds the account's lock."""
    PolicyUsage.objects.get_or_create(policy=policy, account_id=account_id)
    PolicyUsage.objects.filter(policy=policy, account_id=account_id).update(
        attachments=F("attachments") + attachments, boundaries=F("boundaries") + boundaries
    )
