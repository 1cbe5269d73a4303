"""evaluate(request, policies) -> Decision: the one place where it is decided who may do what.

The way of most requests, identity policies and perhaps a boundary, is laid out straight; every other goes through the
layers. Explanations are made by `explain`, from the same request and policies, when somebody asks for them.
"""

from __future__ import annotations

from typing import Final

from engine.compiled import action_covered
from engine.context import account_of
from engine.decision import Decision
from engine.explain import explain
from engine.layers import (
    BOUNDARY,
    IDENTITY,
    RCP,
    RESOURCE,
    SCP,
    SESSION,
    VPCE,
    Case,
    Outcome,
    Verdicts,
    case_of,
    outcome_of,
)
from engine.policies import Bound, Policies
from engine.policy_sets import PolicySet
from engine.request import Request
from engine.rules import resource_must_allow

_SIMPLE_KINDS: Final = frozenset({"user", "role_session"})
_KEPT_DECISIONS: Final = 65_536


def evaluate(request: Request, policies: Policies, *, trace: bool = False) -> Decision:
    """Decide a request. With `trace` the decision carries the whole explanation."""
    if trace:
        explanation = explain(request, policies)
        return Decision(explanation.outcome, request, policies, explanation)
    if policies.simple and request.principal.kind in _SIMPLE_KINDS:
        outcome = _decided(request, policies)
        if outcome is not None:
            return Decision(outcome, request, policies)
    return Decision(_by_layers(request, policies), request, policies)


def _decided(request: Request, policies: Policies) -> Outcome | None:
    """The outcome by identity policies and boundary alone; None where a special rule wants the layers."""
    action = request.action
    identity = policies.identity_set
    plan = identity.plans.get(action) or identity.plan(action)
    if plan.undeniable:
        return None
    resource = request.resource
    only = request.wildcard_only_action
    if plan.wildcard_only if only is None else only:
        resource = "*"
    deny = plan.deny
    if deny is not None and deny(resource, request):
        return "explicitDeny"
    boundary = policies.boundary_set
    bounded = True
    if boundary is not None:
        limit = boundary.plan(action)
        if limit.wildcard_only and only is None:
            resource = "*"
        if limit.deny is not None and limit.deny(resource, request):
            return "explicitDeny"
        bounded = limit.allow is not None and limit.allow(resource, request)
    allow = plan.allow
    if not bounded or allow is None or not allow(resource, request):
        return "implicitDeny"
    if policies.considered:
        if plan.resource_decides and resource_must_allow(plan.action, request.resource):
            return "implicitDeny"
        account = request.resource_account or account_of(request.resource)
        if account is not None and account != request.principal.account:
            return "implicitDeny"  # another account's resource, whose policy would have to allow too
    return "allowed"


def _by_layers(request: Request, policies: Policies) -> Outcome:
    case = case_of(
        request,
        considered=policies.considered,
        bounded=bool(policies.boundaries),
        scp=policies.service_control is not None,
        rcp=policies.resource_control is not None,
    )
    if case.always:
        return "allowed"
    return outcome_of(case, _verdicts(request, policies, case))


def _verdicts(request: Request, policies: Policies, case: Case) -> Verdicts:
    found = Verdicts()
    if case.has_identity:
        if case.kind == "root":
            found.allowed |= IDENTITY
        else:
            _ask(found, IDENTITY, policies.identity_set, case, request)
            _ask(found, BOUNDARY, policies.boundary_set, case, request)
        _ask(found, SESSION, policies.session_set, case, request)
    if case.under_scp:
        _ask_levels(found, policies.service_control_sets, case, request)
    if case.under_rcp:
        found.present |= RCP
        found.allowed |= RCP
        _ask_bound(found, RCP, policies.resource_control_statements, case, request)
    if policies.vpc_endpoint:
        found.present |= VPCE
        _ask_bound(found, VPCE, policies.endpoint_statements, case, request)
    if policies.resource:
        _ask_bound(found, RESOURCE, policies.resource_statements, case, request)
    return found


def _ask(found: Verdicts, layer: int, policies: PolicySet | None, case: Case, request: Request) -> None:
    if policies is None:
        return
    found.present |= layer
    plan = policies.plan(case.action)
    if plan.deny is not None and plan.deny(case.resource, request):
        found.denied |= layer
    if plan.allow is not None and plan.allow(case.resource, request):
        found.allowed |= layer


def _ask_levels(found: Verdicts, levels: tuple[PolicySet, ...], case: Case, request: Request) -> None:
    """Each level must allow by itself; a level without policies allows nothing."""
    found.present |= SCP
    allowed = True
    for level in levels:
        plan = level.plan(case.action)
        if plan.deny is not None and plan.deny(case.resource, request):
            found.denied |= SCP
        allowed = allowed and plan.allow is not None and plan.allow(case.resource, request)
    if allowed:
        found.allowed |= SCP


def _ask_bound(found: Verdicts, layer: int, statements: tuple[Bound, ...], case: Case, request: Request) -> None:
    bounded = case.bounded and layer == RESOURCE
    for _, statement, named in statements:
        naming = named(request.principal, bounded)
        if not naming or not concerns(statement.statement.actions, statement.statement.not_actions, case.action):
            continue
        test, check = statement.resource_test, statement.check
        if (test is None or test(case.resource, request)) and (check is None or check(request)):
            if not statement.allows:
                found.denied |= layer
                continue
            found.allowed |= layer
            if layer == RESOURCE:
                found.grant |= naming


def concerns(actions: tuple[str, ...] | None, not_actions: tuple[str, ...] | None, action: str) -> bool:
    """Whether Action or NotAction covers an action (in lower case)."""
    if actions is not None:
        return action_covered(actions, action)
    return not action_covered(not_actions or (), action)



