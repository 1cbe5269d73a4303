"""The parameters of the simulator's API operations: what AWS refuses in them, in AWS's words, and what they mean.

Where AWS's documentation has no sentence for an error, the sentence is the one that its live service was seen to give.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from access.sources import Source
from engine import Principal
from operations.caller import ContextValue
from operations.errors import InvalidInput
from policies.lookup import is_policy_arn

ENTITY_ARN = re.compile(r"arn:[^:]+:iam::([0-9]{12}):(user|group|role)/(?:.*/)?([^/]+)")
ROOT_ARN = re.compile(r"arn:[^:]+:iam::([0-9]{12}):root")
ACCOUNT = re.compile(r"[0-9]{12}")
HANDLING_OPTIONS = frozenset(
    {
        "EC2-Classic-InstanceStore",
        "EC2-Classic-EBS",
        "EC2-VPC-InstanceStore",
        "EC2-VPC-InstanceStore-Subnet",
        "EC2-VPC-EBS",
        "EC2-VPC-EBS-Subnet",
    }
)
HANDLED_ACTIONS = frozenset({"ec2:runinstances"})


def entity_of(arn: str) -> tuple[str, str, str]:
    """Account, kind and name in the ARN of a user, group or role. Raises InvalidInput."""
    found = ENTITY_ARN.fullmatch(arn)
    if found is None:
        raise InvalidInput(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    return found[1], found[2], found[3]


def caller_of(arn: str) -> Principal:
    """The simulated caller of an ARN: a user, a session of a role, a member of a group. Raises InvalidInput."""
    found = ENTITY_ARN.fullmatch(arn)
    if found is None:
        raise InvalidInput("Invalid caller - Caller must be an IAM user, role or group in this context.")
    return Principal(arn, found[1], "user") if found[2] == "group" else Principal.from_arn(arn)


def is_arn(text: str) -> bool:
    """Whether a text has the six fields of an ARN, with those that each ARN has."""
    fields = text.split(":", 5)
    return len(fields) == 6 and fields[0] == "arn" and all((fields[1], fields[2], fields[5]))


def resources_of(arns: Sequence[str] | None) -> list[str]:
    """The resources to ask about; without any, all. Raises InvalidInput for what is no ARN, and for `*` beside others."""
    if not arns:
        return ["*"]
    for arn in arns:
        if not is_arn(arn) and (arn != "*" or len(arns) > 1):
            raise InvalidInput(f"ResourceNames are not in a valid ARN format: {arn}.")
    return list(arns)


def owner_of(text: str | None) -> str | None:
    """The account in ResourceOwner, which is a number or the ARN of a root user. Raises InvalidInput."""
    if text is None or ACCOUNT.fullmatch(text):
        return text
    found = ROOT_ARN.fullmatch(text)
    if found is None:
        raise InvalidInput(f"'{text}' is not a valid as a Resource Owner.")
    return found[1]


def check_handling(option: str | None, actions: Sequence[str]) -> None:
    """ResourceHandlingOption names a scenario of launching EC2 instances; it changes no decision. Raises InvalidInput."""
    if option is None:
        return
    for action in actions:
        if option not in HANDLING_OPTIONS or action.lower() not in HANDLED_ACTIONS:
            raise InvalidInput(
                f"Invalid input resource handling options. Action does not support resource handling options: {action}."
            )


def only_boundary(documents: Sequence[str] | None) -> str | None:
    """The one permissions boundary that may be given. Raises InvalidInput."""
    if documents and len(documents) > 1:
        raise InvalidInput("You can input only one permissions boundary policy.")
    return documents[0] if documents else None


def context_of(entries: Sequence[Mapping[str, Any]] | None) -> dict[str, ContextValue]:
    """The request context of ContextEntries. Raises InvalidInput, in AWS's words."""
    context: dict[str, ContextValue] = {}
    for entry in entries or ():
        name, kind = entry.get("ContextKeyName"), entry.get("ContextKeyType")
        values = entry.get("ContextKeyValues") or []
        if not name:
            raise InvalidInput("ContextKeyName cannot be null or empty.")
        if name.lower() in {known.lower() for known in context}:
            raise InvalidInput(f"Duplicate context key: {name}.")
        if kind is None:
            raise InvalidInput(f"Context key {name} has invalid type null.")
        if not values:
            raise InvalidInput(f"Context values for context key {name} cannot be null or empty.")
        is_list = kind.endswith("List")
        if not is_list and len(values) != 1:
            raise InvalidInput(f"Context key {name} expected a single value, but received {len(values)}.")
        _check_values(name, kind.removesuffix("List"), values)
        context[name] = list(values) if is_list else values[0]
    return context


def _check_values(name: str, kind: str, values: Sequence[str]) -> None:
    read, form = _READERS.get(kind, (str, ""))
    for value in values:
        try:
            read(value)
        except (ValueError, binascii.Error):
            raise InvalidInput(f"Invalid context value for key {name}: expected {form}.") from None


def _date(value: str) -> None:
    if not value.lstrip("-").isdigit():  # seconds since 1970 are a date too
        datetime.fromisoformat(value)


_READERS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "numeric": (float, "numeric format"),
    "date": (_date, "DateTime format"),
    "ip": (lambda value: ipaddress.ip_network(value, strict=False), "IP address"),
    "binary": (lambda value: base64.b64decode(value, validate=True), "base-64 encoded binary format"),
}


# --- PolicyExclusionList ---------------------------------------------------------------------------------------------------

Excluded = Callable[[Source], bool]
INLINE_KINDS = frozenset({"user", "group", "role"})


def excluded_by(identifiers: Sequence[Mapping[str, Any]] | None) -> Excluded:
    """Whether a policy is one of those to leave out. Identifiers that match nothing are ignored. Raises InvalidInput."""
    tests = [_excluded(identifier) for identifier in identifiers or ()]
    return lambda source: not source.is_implicit and any(test(source) for test in tests)


def _excluded(identifier: Mapping[str, Any]) -> Excluded:
    named = [member for member in ("PolicyType", "PolicyArn", "InlinePolicyIdentifier") if identifier.get(member)]
    if len(named) != 1:
        raise InvalidInput(
            "A policy identifier must have exactly one of PolicyType, PolicyArn and InlinePolicyIdentifier."
        )
    tests: Mapping[str, Callable[[Any], Excluded]] = {
        "PolicyType": _by_type,
        "PolicyArn": _by_arn,
        "InlinePolicyIdentifier": _inline,
    }
    return tests[named[0]](identifier[named[0]])


def _by_type(kind: str) -> Excluded:
    """All policies of a type; those of organizations are no policies of the entity."""
    if kind == "permission-boundary":
        return lambda source: source.place == "boundary"
    kinds = INLINE_KINDS if kind == "inline" else frozenset({kind})
    return lambda source: source.place == "identity" and source.kind in kinds


def _by_arn(pattern: str) -> Excluded:
    """Managed policies by ARN, with wildcards in the name; a path may be left away, and a boundary stays."""
    head, _, name = pattern.rpartition("/")
    if not is_policy_arn(pattern) or "*" in head or "?" in head:
        raise InvalidInput(f"Invalid policy ARN: {pattern}.")
    matches = _glob(pattern, name)

    def test(source: Source) -> bool:
        if source.place != "identity" or source.arn is None:
            return False
        start, _, _ = source.arn.partition(":policy/")
        return matches(source.arn) or matches(f"{start}:policy/{source.name}")

    return test


def _inline(identifier: Mapping[str, str]) -> Excluded:
    """An inline policy by its name and the entities it is in, whose name may have wildcards."""
    matches = _glob(identifier["AttachmentName"], identifier["AttachmentName"])
    kind, name = identifier["AttachmentType"], identifier["PolicyName"]
    return lambda source: (
        source.is_inline
        and source.kind == kind
        and source.name == name
        and any(matches(holder) for _, holder in source.holders)
    )


def _glob(pattern: str, wild: str) -> Callable[[str], bool]:
    """At most one `*` and any number of `?`, as AWS allows here."""
    if wild.count("*") > 1:
        raise InvalidInput(f"Invalid policy identifier: {pattern} has more than one wildcard *.")
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    compiled = re.compile(expression, re.DOTALL)
    return lambda text: compiled.fullmatch(text) is not None
