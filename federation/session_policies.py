"""Session policies and session tags: what the caller of AWS STS may add to the session, and how much of it (STS API Reference)."""

from collections.abc import Sequence
from typing import Any

from federation.errors import InvalidParameterValue, PackedPolicyTooLarge
from federation.tokens import packed_size
from operations import contract
from operations.errors import MalformedPolicyDocument, ValidationError
from policies.documents import check_document
from policies.lookup import find_policy

MOST_CHARACTERS = 2048
MOST_POLICIES = 10


def check_inline(policy: str | None) -> str:
    """An inline session policy. Raises ValidationError (length), MalformedPolicyDocument."""
    if policy is None:
        return ""
    if len(policy) > MOST_CHARACTERS:
        raise ValidationError(_too_long("policy", MOST_CHARACTERS, f"'{policy}' "))
    check_document(policy, "session")
    return policy


def check_managed(account_id: str, policy_arns: Sequence[dict[str, Any]] | None) -> tuple[str, ...]:
    """Managed session policies: of AWS, or of the account of the session. Raises ValidationError, MalformedPolicyDocument."""
    arns = tuple(dict.fromkeys(given["arn"] for given in policy_arns or [] if given.get("arn")))
    if len(arns) > MOST_POLICIES:
        raise ValidationError(_too_long("policyArns", MOST_POLICIES))
    for arn in arns:
        if find_policy(account_id, arn) is None:
            raise MalformedPolicyDocument(f"Policy {arn} does not exist or is not attachable.")
    return arns


def check_tags(tags: Sequence[dict[str, str]] | None) -> dict[str, str]:
    """Session tags by key. Raises ValidationError for aws: keys, InvalidParameterValue for keys that differ in case alone."""
    found: dict[str, str] = {}
    folded: set[str] = set()
    for tag in tags or []:
        key = tag["Key"]
        if key.lower().startswith("aws:"):
            raise ValidationError(f"Tag key {key} is invalid: system tags may not be requested.")
        if key.lower() in folded:
            raise InvalidParameterValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        folded.add(key.lower())
        found[key] = tag.get("Value", "")
    return found


def check_size(policy: str, policy_arns: tuple[str, ...], tags: dict[str, str]) -> int | None:
    """The packed size in per cent, None where there is nothing to pack. Raises PackedPolicyTooLarge."""
    if not (policy or policy_arns or tags):
        return None
    size = packed_size(policy, policy_arns, tags)
    if size > 100:
        if tags and not policy and not policy_arns:
            raise PackedPolicyTooLarge(f"Packed size of session tags consumes {size}% of allotted space.")
        raise PackedPolicyTooLarge(f"Packed policy consumes {size}% of allotted space, please use smaller policy.")
    return size


def _too_long(member: str, most: int, told: str = "") -> str:
    return contract.refused(
        "sts", [contract.Failure(member, f"Member must have length less than or equal to {most}", told)]
    )
