"""evaluate(request, policies) -> Decision: the one place where it is decided who may do what.

The way of most requests, identity policies and perhaps a boundary, is laid out straight; every other goes through the
layers. Explanations are made by `explain`, from the same request and policies, when somebody asks for them.
"""

from __future__ import annotations

from typing import Final

from engine.compiled import action_covered
from engine.context import account_of
from engine.decision import Decision
from engine.index import ALLOW, DENY
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
from engine.policy_sets import Plan, PolicySet
from engine.request import Request
from engine.rules import resource_must_allow

_SIMPLE_KINDS: Final = frozenset({"user", "role_session"})
_OUTCOMES: Final[tuple[Outcome, ...]] = ("implicitDeny", "allowed", "explicitDeny")


def evaluate(request: Request, policies: Policies, *, trace: bool = False) -> Decision:
    """Decide a request. With `trace` the decision carries the whole explanation, worked out when it is first read."""
    if policies.simple and request.principal.kind in _SIMPLE_KINDS:
        outcome = _decided(request, policies)
        if outcome is not None:
            return Decision(outcome, request, policies, trace)
    return Decision(_by_layers(request, policies), request, policies, trace)


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
    keep = policies.cache_decisions
    verdict = plan.kept_verdict(identity, resource, request) if keep else plan.verdict(resource, request)
    if verdict == DENY:
        return "explicitDeny"
    boundary = policies.boundary_set
    if boundary is not None:
        limit = boundary.plan(action)
        only_all = limit.wildcard_only if only is None else only
        within = limit.verdict("*" if only_all else resource, request)
        if within != ALLOW:
            return _OUTCOMES[within]
    if verdict != ALLOW:
        return "implicitDeny"
    return "implicitDeny" if policies.considered and _resource_would_have_to_allow(plan, request) else "allowed"


def _resource_would_have_to_allow(plan: Plan, request: Request) -> bool:
    """Whether the resource, which has no policy here, is a role, a key or another account's."""
    if plan.resource_decides and resource_must_allow(plan.action, request.resource):
        return True
    account = request.resource_account or account_of(request.resource)
    return account is not None and account != request.principal.account


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
    verdict = policies.plan(case.action).verdict(case.resource, request)
    if verdict == DENY:
        found.denied |= layer
    elif verdict == ALLOW:
        found.allowed |= layer


def _ask_levels(found: Verdicts, levels: tuple[PolicySet, ...], case: Case, request: Request) -> None:
    """Each level must allow by itself; a level without policies allows nothing."""
    found.present |= SCP
    allowed = True
    for level in levels:
        verdict = level.plan(case.action).verdict(case.resource, request)
        if verdict == DENY:
            found.denied |= SCP
        allowed = allowed and verdict == ALLOW
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
