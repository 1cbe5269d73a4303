"""The policy of one particular resource: which actions, resources and keys can matter in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.validate.context import Context, actions_matching
from engine.validate.model import Value
from engine.validate.variables import masked
from engine.wildcards import has_wildcard, may_meet


@dataclass(frozen=True, slots=True)
class PolicyResource:
    """A type of resource that ValidatePolicy knows: its actions' service, their resource types, and its ARNs' end."""

    service: str
    types: tuple[str, ...]
    arn_service: str
    arn_resources: tuple[str, ...]
    has_region: bool = True


RESOURCE_TYPES: Final[Mapping[str, PolicyResource]] = {
    "AWS::S3::Bucket": PolicyResource("s3", ("bucket", "object"), "s3", ("*",), has_region=False),
    "AWS::S3::AccessPoint": PolicyResource("s3", ("accesspoint", "accesspointobject"), "s3", ("accesspoint/*",)),
    "AWS::S3::MultiRegionAccessPoint": PolicyResource(
        "s3", ("accesspoint", "accesspointobject", "multiregionaccesspoint"), "s3", ("accesspoint/*",), has_region=False
    ),
    "AWS::S3ObjectLambda::AccessPoint": PolicyResource(
        "s3-object-lambda", ("objectlambdaaccesspoint",), "s3-object-lambda", ("accesspoint/*",)
    ),
    "AWS::DynamoDB::Table": PolicyResource("dynamodb", ("table", "index", "stream"), "dynamodb", ("table/*",)),
    "AWS::IAM::AssumeRolePolicyDocument": PolicyResource("sts", ("role",), "iam", ()),
}
# In the policy of a bucket these are the bucket's own, always the same.
_FIXED_KEYS: Final = frozenset(
    {"s3:resourceaccount", "aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"}
)
# Actions that a trust policy may hold though their reference names no role.
_STS_WITHOUT_ROLE: Final = frozenset({"sts:getcalleridentity", "sts:getsessiontoken"})


def check(context: Context) -> None:
    """All checks of this module."""
    name = context.resource_type
    if context.kind == "trust":
        name = "AWS::IAM::AssumeRolePolicyDocument"
    kind = RESOURCE_TYPES.get(name or "")
    for statement in context.document.statements:
        if kind is not None and name is not None:
            for value in statement.actions or ():
                _check_action(context, value, kind, name)
            for value in (*(statement.resources or ()), *(statement.not_resources or ())):
                _check_resource(context, value, kind, name)
        if context.service == "s3":
            for condition in statement.conditions:
                if condition.lower in _FIXED_KEYS:
                    context.report(
                        "IRRELEVANT_CONDITION_KEY_IN_POLICY",
                        condition.member.key_span,
                        condition.path,
                        key=condition.key,
                        resource_type=context.resource_words,
                    )


def _check_action(context: Context, value: Value, kind: PolicyResource, name: str) -> None:
    prefix, colon, _ = value.text.partition(":")
    if not colon or has_wildcard(prefix):
        return
    if prefix.lower() == kind.service:
        if has_wildcard(value.text) or value.text.lower() in _STS_WITHOUT_ROLE:
            return
        actions = actions_matching(value.text)
        if not actions or any(each.name.lower() in kind.types for each in actions[0].resource_types):
            return
    context.at("UNSUPPORTED_ACTION_IN_POLICY", value, action=value.text, resource_type=name)


def _check_resource(context: Context, value: Value, kind: PolicyResource, name: str) -> None:
    fields = masked(value.text).split(":", 5)
    if len(fields) < 6 or fields[0] != "arn":
        return
    fits = (
        may_meet(fields[2], kind.arn_service)
        and (kind.has_region or fields[3] in ("", "*"))
        and any(may_meet(fields[5], form) for form in kind.arn_resources)
        and (name != "AWS::S3::Bucket" or (fields[4] in ("", "*") and not fields[5].startswith("accesspoint/")))
    )
    if not fits:
        context.at("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", value, resource_type=name)
