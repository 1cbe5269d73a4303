"""SimulateCustomPolicy, SimulatePrincipalPolicy (IAM API Reference)."""

from collections.abc import Mapping, Sequence
from typing import Any

from access.operations.policy_source import policy_source, require_policy_source
from access.operations.simulation_answer import evaluation_result
from access.operations.simulation_input import (
    caller_of,
    check_handling,
    context_of,
    excluded_by,
    only_boundary,
    owner_of,
    resources_of,
)
from access.simulation import Simulation, WhatIf, checked_actions, principal_of
from access.sources import Effective, effective_sources
from accounts import resolve
from engine import Principal
from operations.errors import InvalidInput
from operations.gate import Call, Result, operation
from operations.paging import page_of_list

Entries = Sequence[Mapping[str, Any]]


@operation("iam:SimulateCustomPolicy", on=resolve.whole_account)
def simulate_custom_policy(
    call: Call,
    *,
    policy_input_list: list[str],
    action_names: list[str],
    permissions_boundary_policy_input_list: list[str] | None = None,
    ordered_organization_policy_input_list: Entries | None = None,
    resource_arns: list[str] | None = None,
    resource_policy: str | None = None,
    resource_owner: str | None = None,
    caller_arn: str | None = None,
    context_entries: Entries | None = None,
    resource_handling_option: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """What the given policies would decide; nothing stored takes part. Raises InvalidInput."""
    if resource_policy is not None and caller_arn is None:
        raise InvalidInput("Invalid caller - Caller cannot be null or empty.")
    principal = caller_of(caller_arn) if caller_arn else Principal(None, call.account_id, "user")
    levels = ordered_organization_policy_input_list
    what_if = WhatIf(
        extra=policy_input_list,
        boundary=only_boundary(permissions_boundary_policy_input_list),
        resource_policy=resource_policy,
        resource_owner=owner_of(resource_owner),
        service_control=[level.get("ServiceControlPolicyInputList") or [] for level in levels] if levels else None,
        context=context_of(context_entries),
        trust=False,
    )
    check_handling(resource_handling_option, action_names)
    simulation = Simulation(principal, Effective(), what_if)
    return answer(simulation, action_names, resource_arns, marker, max_items)


@operation("iam:SimulatePrincipalPolicy", on=policy_source)
def simulate_principal_policy(
    call: Call,
    *,
    policy_source_arn: str,
    action_names: list[str],
    policy_input_list: list[str] | None = None,
    permissions_boundary_policy_input_list: list[str] | None = None,
    policy_exclusion_list: Entries | None = None,
    resource_arns: list[str] | None = None,
    resource_policy: str | None = None,
    resource_owner: str | None = None,
    caller_arn: str | None = None,
    context_entries: Entries | None = None,
    resource_handling_option: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """What the policies of a user (with its groups'), group or role would decide, with more, or without some of them.

    No condition key is taken from the real world but what the caller's ARN says. Raises InvalidInput, NoSuchEntity.
    """
    entity = require_policy_source(call)
    stored = effective_sources(entity)
    excluded = excluded_by(policy_exclusion_list)
    what_if = WhatIf(
        extra=policy_input_list or [],
        left_out=[source.key for source in stored.all() if excluded(source)],
        boundary=only_boundary(permissions_boundary_policy_input_list),
        resource_policy=resource_policy,
        resource_owner=owner_of(resource_owner),
        context=context_of(context_entries),
        trust=False,
    )
    check_handling(resource_handling_option, action_names)
    principal = principal_of(entity, with_tags=False)
    if caller_arn and caller_arn != policy_source_arn:
        principal = caller_of(caller_arn)
    simulation = Simulation(principal, stored, what_if)
    return answer(simulation, action_names, resource_arns, marker, max_items)


def answer(
    simulation: Simulation,
    action_names: Sequence[str],
    resource_arns: Sequence[str] | None,
    marker: str | None,
    max_items: int | None,
) -> Result:
    """One page of results: pages run over the actions, and each action keeps all its resources."""
    resources = resources_of(resource_arns)
    if simulation.resource is not None and resources == ["*"]:
        raise InvalidInput("Invalid Entity Arn: * does not clearly define entity type and name.")
    actions, paging = page_of_list(checked_actions(action_names), marker, max_items)
    results = [
        evaluation_result(simulation, action, [simulation.ask(action, resource) for resource in resources])
        for action in actions
    ]
    return {"EvaluationResults": results, **paging}
