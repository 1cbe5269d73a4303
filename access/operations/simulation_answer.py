"""Verdicts as the simulator's API operations answer them: one EvaluationResult per action (IAM API Reference)."""

import re
from collections.abc import Sequence
from typing import Any

from access.simulation import MatchedStatement, Simulation, Verdict
from engine import catalog
from engine.catalog import NotFound
from engine.context import account_of
from engine.layers import BOUNDARY, IDENTITY, RESOURCE, SCP

# A decision about several resources is the strictest one about any of them.
STRICTNESS = ("allowed", "implicitDeny", "explicitDeny")
DETAILS = ((IDENTITY, "IAM Policy"), (RESOURCE, "Resource Policy"), (BOUNDARY, "Permissions Boundary Policy"))
SOURCE_TYPES = frozenset({"user", "group", "role", "aws-managed", "user-managed", "resource", "none"})


def evaluation_result(simulation: Simulation, action: str, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The result for one action: what holds for all resources together, then each resource by itself.

    Resources are listed only when some were named. Cross-account details are there when the resource's policy was given: empty
    within an account, filled across accounts, left out when an SCP denies.
    """
    resources = [verdict.resource for verdict in verdicts]
    named = resources != ["*"]
    outcome = _strictest([verdict.outcome for verdict in verdicts])
    by_organization = [_allowed_by(verdict, SCP) for verdict in verdicts]
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": _resource_name(action, resources),
        "EvalDecision": outcome,
        "MatchedStatements": _union(_matched(verdict) for verdict in verdicts if verdict.outcome == outcome),
        "MissingContextValues": sorted({key for verdict in verdicts for key in verdict.missing_context}, key=str.lower),
    }
    if simulation.levels is not None:
        result["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": all(by_organization)}
    if simulation.boundary is not None:
        allowed = all(_allowed_by(verdict, BOUNDARY) for verdict in verdicts)
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": allowed}
    if named and (simulation.levels is None or all(by_organization)):
        details = [_details(simulation, verdict) for verdict in verdicts]
        result["EvalDecisionDetails"] = {
            name: _strictest([each[name] for each in details if name in each])
            for _, name in DETAILS
            if any(name in each for each in details)
        }
    if named:
        result["ResourceSpecificResults"] = [_resource_result(simulation, verdict) for verdict in verdicts]
    return result


def _resource_result(simulation: Simulation, verdict: Verdict) -> dict[str, Any]:
    result: dict[str, Any] = {
        "EvalResourceName": verdict.resource,
        "EvalResourceDecision": verdict.outcome,
        "MatchedStatements": _matched(verdict),
        "MissingContextValues": list(verdict.missing_context),
    }
    details = _details(simulation, verdict)
    if details and (simulation.levels is None or _allowed_by(verdict, SCP)):
        result["EvalDecisionDetails"] = details
    if simulation.boundary is not None:
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": _allowed_by(verdict, BOUNDARY)}
    return result


def _matched(verdict: Verdict) -> list[dict[str, Any]]:
    """The deciding statements, without those of organizations: whose SCP denies is not told apart (IAM API Reference)."""
    if any(match.source.place == "scp" for match in verdict.matched):
        return []
    return [_statement(match) for match in verdict.matched]


def _statement(match: MatchedStatement) -> dict[str, Any]:
    source, span = match.source, match.span
    return {
        "SourcePolicyId": source.source_id,
        "SourcePolicyType": source.kind if source.kind in SOURCE_TYPES else "none",
        "StartPosition": {"Line": span.start_line, "Column": span.start_column},
        "EndPosition": {"Line": span.end_line, "Column": span.end_column},
    }


def _union(lists: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for each in lists:
        found += [statement for statement in each if statement not in found]
    return found


def _allowed_by(verdict: Verdict, layer: int) -> bool:
    verdicts = verdict.decision.explanation.verdicts
    return bool(verdicts.allowed & layer) and not verdicts.denied & layer


def _details(simulation: Simulation, verdict: Verdict) -> dict[str, str]:
    """What each type of policy said by itself; only across accounts."""
    owner = account_of(verdict.resource) or simulation.what_if.resource_owner
    if simulation.resource is None or owner in (None, simulation.principal.account):
        return {}
    verdicts = verdict.decision.explanation.verdicts
    return {
        name: "explicitDeny" if verdicts.denied & layer else "allowed" if verdicts.allowed & layer else "implicitDeny"
        for layer, name in DETAILS
        if layer != BOUNDARY or simulation.boundary is not None
    }


def _strictest(outcomes: Sequence[str]) -> str:
    return max(outcomes, key=STRICTNESS.index)


def _resource_name(action: str, resources: Sequence[str]) -> str:
    """The one resource that was asked about; for several, the form of the ARNs of the action's resource type."""
    if len(resources) == 1:
        return resources[0]
    service, _, name = action.partition(":")
    try:
        types = catalog.action(service.lower(), name).resource_types
        known = [form.text for kind in types for form in catalog.resource_type(service.lower(), kind.name).arn_forms]
    except NotFound:
        return "*"
    fitting = [form for form in known if _fits(form, resources[0])]
    return max(fitting or known[:1] or ["*"], key=len)


def _fits(form: str, arn: str) -> bool:
    """Whether an ARN has a form such as `arn:${Partition}:s3:::${BucketName}/${ObjectName}`."""
    fields = [
        re.sub(r"\\\$\\{\w+\\}", ".+" if number == 5 else "[^:]*", re.escape(field))
        for number, field in enumerate(form.split(":", 5))
    ]
    return re.fullmatch(":".join(fields), arn) is not None
