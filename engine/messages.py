"""The words in which AWS denies (IAM User Guide, "Troubleshoot access denied error messages")."""

from __future__ import annotations

from typing import Final

from engine.decision import Decision
from engine.explain import Explanation
from engine.layers import (
    BOUNDARY,
    IDENTITY,
    RCP,
    RESOURCE,
    SCP,
    SESSION,
    VPCE,
    limit_holds,
    session_is_empty,
)
from engine.request import Naming, Request

TRUST: Final = "role trust policy"  # a role has one, so AWS says «the role trust policy»
_WORDS: Final = {
    IDENTITY: "identity-based policy",
    BOUNDARY: "permissions boundary",
    SESSION: "session policy",
    RESOURCE: "resource-based policy",
    SCP: "service control policy",
    RCP: "resource control policy",
    VPCE: "VPC endpoint policy",
}
_WITH_ARN: Final = frozenset({IDENTITY, BOUNDARY, SESSION, SCP, RCP})
_NAMES_NO_RESOURCE: Final = "cloudtrail:"
_KINDS_OF_IAM: Final = {"user": "user", "group": "group", "role": "role", "instance-profile": "instance profile"}
# Of what these are asked about there is nothing yet, or it is somebody who is asked for by ARN.
_NAMES_BY_ARN: Final = (
    "createuser", "creategroup", "createrole", "createinstanceprofile", "createservicelinkedrole", "passrole", "simulate",
    "generateservicelastaccesseddetails", "listpoliciesgrantingserviceaccess",
)  # fmt: skip
_EXPLICIT_ORDER: Final = (SCP, RCP, RESOURCE, IDENTITY, BOUNDARY, SESSION, VPCE)


def denial_message(request: Request, decision: Decision) -> str:
    """AWS's sentence for a denial. One cause is named, explicit denies first; the ARN of the denying policy follows where
    it has one. A missing allow of a service control policy is worded as an explicit deny, as AWS does."""
    explanation = decision.explanation
    if request.principal.kind == "federated":
        return f"Not authorized to perform {request.action}"
    caller = request.principal.arn or "anonymous"
    start = f"User: {caller} is not authorized to perform: {request.action}{_resource(request)}"
    return f"{start} {_reason(request, explanation)}"


def _resource(request: Request) -> str:
    """The resource as AWS writes it. IAM names what there is by its kind and name, as its callers do, so that a denial tells nothing of its
    path; a managed policy by its ARN after the word; and what is to be made, collections and all others by their ARN or `*`. CloudTrail
    leaves it out where an action has none."""
    action = request.action.lower()
    if action.startswith("iam:") and (named := _of_iam(action.removeprefix("iam:"), request.resource)):
        return f" on resource: {named}"
    if action == "iam:listpolicies":
        return f" on resource: policy path {request.resource.partition(':policy')[2] or '/'}"
    if request.resource == "*" and action.startswith(_NAMES_NO_RESOURCE):
        return ""
    return f" on resource: {request.resource}"


def resource_named(action: str, resource: str) -> str:
    """A resource as its caller named it: users, groups, roles and instance profiles by kind and name, all else by ARN or `*`. For who was
    denied to learn more, such as the path."""
    service, _colon, name = action.lower().partition(":")
    named = _of_iam(name, resource) if service == "iam" else ""
    return resource if not named or named.startswith("policy ") else named


def _of_iam(action: str, arn: str) -> str:
    """How IAM names a user, group, role, instance profile or managed policy; an empty text where it writes the ARN."""
    kind, _slash, path = arn.rpartition(":")[2].partition("/")
    name = path.rpartition("/")[2]
    if not name or "*" in name or action.startswith(_NAMES_BY_ARN):
        return ""
    if kind == "policy":
        return f"policy {name}" if action == "createpolicy" else f"policy {arn}"
    return f"{_KINDS_OF_IAM[kind]} {name}" if kind in _KINDS_OF_IAM else ""


def _reason(request: Request, explanation: Explanation) -> str:
    for layer in _EXPLICIT_ORDER:
        for answer in explanation.answers:
            if answer.layer == layer and answer.deny:
                arn = answer.deny[0].named.arn if layer in _WITH_ARN else None
                return _explicit(explanation, layer) + (f": {arn}" if arn else "")
    verdicts = explanation.verdicts
    if verdicts.present & ~verdicts.allowed & SCP:
        return _explicit(explanation, SCP)
    return f"because no {_words(explanation, _silent_layer(explanation))} allows the {request.action} action"


def _explicit(explanation: Explanation, layer: int) -> str:
    words = _words(explanation, layer)
    article = "the" if words == TRUST else "an" if words[0] in "aeiou" else "a"
    return f"with an explicit deny in {article} {words}"


def _words(explanation: Explanation, layer: int) -> str:
    return TRUST if layer == RESOURCE and explanation.case.trust else _WORDS[layer]


def _silent_layer(explanation: Explanation) -> int:
    """The first layer, in AWS's order, that had to allow and did not."""
    case, verdicts = explanation.case, explanation.verdicts
    if verdicts.present & ~verdicts.allowed & VPCE:
        return VPCE
    if not case.has_identity:
        return RESOURCE
    if case.trust and not verdicts.grant and verdicts.allowed & IDENTITY:
        return RESOURCE
    by_itself = case.same_account and verdicts.grant & Naming.ROLE
    if not verdicts.allowed & IDENTITY and not by_itself:
        return IDENTITY
    if not limit_holds(verdicts, BOUNDARY):
        return BOUNDARY
    if not limit_holds(verdicts, SESSION) or session_is_empty(case, verdicts):
        return SESSION
    return RESOURCE if not verdicts.grant else IDENTITY
