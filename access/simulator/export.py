"""The results of a simulation as a file: CSV, JSON, or cases that `python -m engine decide` runs."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone

from access.simulation import Simulation, Verdict
from access.simulator.asking import Answers, Row
from engine import Policies, Principal, evaluate
from engine.context import account_of
from engine.request import Request
from pages.listing.export import defused

COLUMNS = ("action", "resource", "outcome", "decided_by", "blocked_by", "missing_context")


class _Echo:
    """A file that hands back what is written: the CSV writer's lines as they come."""

    def write(self, line: str) -> str:
        return line


def export(answers: Answers, form: str) -> StreamingHttpResponse:
    """The download: `csv`, `json` or `cases`."""
    lines, kind, ending = FORMS[form]
    response = StreamingHttpResponse(lines(answers), content_type=f"{kind}; charset=utf-8")
    moment = timezone.now().astimezone(UTC)
    response["Content-Disposition"] = f'attachment; filename="simulation-{moment:%Y%m%dT%H%M%SZ}.{ending}"'
    return response


def _plain(row: Row) -> dict[str, Any]:
    verdict = row.verdict
    return {
        "action": verdict.action,
        "resource": verdict.resource,
        "outcome": verdict.outcome,
        "decided_by": [f"{policy} / {statement}" for policy, statement in row.decided_by],
        "blocked_by": list(verdict.decision.blocked_by),
        "missing_context": list(verdict.missing_context),
    }


def _csv(answers: Answers) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for row in answers.rows():
        values = _plain(row).values()
        yield writer.writerow([defused("; ".join(value) if isinstance(value, list) else value) for value in values])


def _json(answers: Answers) -> Iterator[str]:
    yield "["
    for place, row in enumerate(answers.rows()):
        yield ("," if place else "") + "\n" + json.dumps(_plain(row), ensure_ascii=False)
    yield "\n]\n"


def _cases(answers: Answers) -> Iterator[str]:
    policies = _documents(answers.simulation)
    for row in answers.rows():
        yield json.dumps(case_of(answers.simulation, row, policies), ensure_ascii=False) + "\n"


FORMS: Mapping[str, tuple[Callable[[Answers], Iterator[str]], str, str]] = {
    "csv": (_csv, "text/csv", "csv"),
    "json": (_json, "application/json", "json"),
    "cases": (_cases, "application/x-ndjson", "jsonl"),
}


def case_of(simulation: Simulation, row: Row, policies: Mapping[str, Any]) -> dict[str, Any]:
    """One decision as a case of the engine's own command, with what it is expected to answer.

    What the case's format has no word for is put into its own: facts of the principal stand in the context; a resource whose policy
    is not known has one that leaves the decision to the caller's account; a member of a group is a user.
    """
    verdict = row.verdict
    principal = simulation.principal
    context = {**principal.context, **{key.lower(): value for key, value in simulation.what_if.context.items()}}
    request: dict[str, Any] = {
        "principal": _principal_arn(principal),
        "action": verdict.action,
        "resource": verdict.resource,
        "context": {key: value if isinstance(value, str) else list(value) for key, value in context.items()},
    }
    if simulation.what_if.resource_owner and not account_of(verdict.resource):
        request["resource_account"] = simulation.what_if.resource_owner
    case = {"id": str(row.number + 1), **policies, "request": request, "expected": {"decision": verdict.outcome}}
    decided = simulation.policies_for(verdict.action, verdict.resource)
    if decided.resource is not None:
        case["resource_policy"] = decided.resource.policy.text
    elif _asks_the_resource(simulation, verdict):
        case["resource_policy"] = _left_to(principal.account or "")
    return case


def _documents(simulation: Simulation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "identity_policies": [{"name": each.name, "document": each.policy.text} for each in simulation.identity]
    }
    if simulation.boundary:
        found["permission_boundaries"] = [simulation.boundary.policy.text]
    if simulation.levels is not None:
        found["service_control_policies"] = [[each.policy.text for each in level] for level in simulation.levels]
    return found


def _asks_the_resource(simulation: Simulation, verdict: Verdict) -> bool:
    """Whether a resource without a policy would decide otherwise than one whose policy is not known."""
    known = simulation.policies
    without = Policies(known.identity, None, known.boundaries, service_control=known.service_control)
    owner = None if account_of(verdict.resource) else simulation.what_if.resource_owner
    context = simulation.what_if.context
    request = Request(simulation.principal, verdict.action, verdict.resource, context, resource_account=owner)
    return evaluate(request, without).outcome != verdict.outcome


def _left_to(account: str) -> Mapping[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _principal_arn(principal: Principal) -> str:
    account, arn = principal.account or "", principal.arn
    if arn is None:
        return f"arn:aws:iam::{account}:user/anyone"
    head, group, name = arn.partition(":group/")
    return f"{head}:user/member-of-{name.rsplit('/', 1)[-1]}" if group else arn
