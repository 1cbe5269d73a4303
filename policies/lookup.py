"""Finding managed policies by ARN, and counting who uses them."""

from django.conf import settings
from django.db.models import F

from operations.errors import InvalidInput, NoSuchEntity, ValidationError
from operations.gate import Call, Target
from policies.models import AWS, ManagedPolicy, PolicyUsage


def is_policy_arn(arn: str) -> bool:
    """Whether a text has the form of a managed policy's ARN in this partition."""
    parts = arn.split(":", 5)
    return len(parts) == 6 and parts[:3] == ["arn", settings.PARTITION, "iam"] and parts[3] == "" and parts[5].startswith("policy/")


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


def attachable_policy(account_id: str, arn: str) -> ManagedPolicy:
    """The policy to attach. Raises NoSuchEntity in the words that AWS has for attaching."""
    if not is_policy_arn(arn):
        raise ValidationError(f"ARN {arn} is not valid.")
    policy = find_policy(account_id, arn)
    if policy is None:
        raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")
    return policy


def policy_target(call: Call) -> Target:
    """What a call with `policy_arn` is about."""
    arn = call.params["policy_arn"]
    policy = find_policy(call.account_id, arn)
    keys = {}
    if policy is not None and not policy.is_aws_managed:
        for tag in policy.tags.all():
            keys[f"aws:ResourceTag/{tag.key}"] = keys[f"iam:ResourceTag/{tag.key}"] = tag.value
    return Target(arn, policy, keys, "AWS::IAM::Policy")


def count_usage(policy: ManagedPolicy, account_id: str, *, attachments: int = 0, boundaries: int = 0) -> None:
    """Move the counters of a policy in an account; the caller's transaction holds the account's lock."""
    PolicyUsage.objects.get_or_create(policy=policy, account_id=account_id)
    PolicyUsage.objects.filter(policy=policy, account_id=account_id).update(
        attachments=F("attachments") + attachments, boundaries=F("boundaries") + boundaries
    )


def refuse_aws_managed(policy: ManagedPolicy) -> None:
    """AWS managed policies are read-only. Raises InvalidInput as AWS does."""
    if policy.is_aws_managed:
        raise InvalidInput(f"Policy {policy.arn} is an AWS managed policy and cannot be changed.")
