"""A request for access decided anew by the engine that enforces: as the requester's policies are now, and as with the grant."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from access.callers import principal_of_role, principal_of_user
from access.effective import policies_of_role, policies_of_user
from accounts.models import Role, User
from accounts.resolve import find_role, keys_of
from engine import Decision, NamedPolicy, Policies, Policy, Request, evaluate
from engine.context import account_of
from engine.rules import TRUST_ACTIONS
from engine.trace import Trace
from federation import trust
from governance.denials import RecordedDenial
from governance.granting import grant_document, policy_name
from governance.models import AccessRequest
from operations.caller import Caller, ContextValue
from operations.clock import now, text
from operations.ids import iam_arn


@dataclass(frozen=True)
class Standing:
    """The present decision, and whether a policy that allows exactly this would be enough to allow it."""

    decision: Decision
    helps: bool

    @property
    def is_allowed(self) -> bool:
        return self.decision.allowed

    @property
    def trace(self) -> Mapping[str, Any]:
        return Trace(self.decision.explanation).as_dict()


def standing(request: AccessRequest, requester: User | Role, denial: RecordedDenial | None) -> Standing:
    """Ask the engine again: the same question with the condition keys of the denial, at the present moment. At most nine queries.

    What a session's own policy leaves out is not known any more; where the denial came from one, no policy of the role lifts it.
    """
    asked, policies = _question(request, requester, denial)
    decision = evaluate(asked, policies, trace=True)
    limited_by_session = "session" in request.layers
    helps = not decision.allowed and not limited_by_session and evaluate(asked, _with_grant(policies, request)).allowed
    return Standing(decision, helps)


def unreadable(caller: Caller, requester: User | Role, resource: str, trace: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The policies of an explanation whose documents the caller may not read by AWS's own operations, as names and ARNs.

    Of a group that gives a policy the explanation has the policy's name alone: only who may read those of all groups is told.
    """
    word = type(requester).__name__
    asked: dict[str, tuple[str, str, Mapping[str, ContextValue]]] = {
        "group": ("iam:GetGroupPolicy", iam_arn(caller.account_id, "group/*"), {}),
        "resource": ("iam:GetRole", resource, {}),
    }
    own = f"iam:Get{word}Policy", requester.arn, keys_of(requester, f"iam:Get{word}Policy")
    found = set()
    for stage in trace["stages"]:
        for policy in stage["policies"]:
            arn, kind = policy["arn"] or "", policy["kind"]
            managed = bool(arn) and kind != "resource"
            if not caller.may(*(("iam:GetPolicyVersion", arn) if managed else asked.get(kind, own))):
                found.add((policy["name"], arn))
    return found


def _question(
    request: AccessRequest, requester: User | Role, denial: RecordedDenial | None
) -> tuple[Request, Policies]:
    if isinstance(requester, User):
        principal, policies = principal_of_user(requester), policies_of_user(requester)
    else:
        principal = principal_of_role(requester, request.session_name or "session")
        policies = policies_of_role(requester)
    account, resource = request.account_id, request.resource
    if request.action.lower() in TRUST_ACTIONS:
        account = account_of(resource) or account
        policies = trust.with_resource(policies, trust.policy_of(_role(account, resource)))
    return Request(principal, request.action, resource, _context(denial), resource_account=account), policies


def _context(denial: RecordedDenial | None) -> dict[str, ContextValue]:
    moment = now()
    given = {key: value for key, value in (denial.context if denial else {}).items() if key.lower() not in _OF_TIME}
    return {**given, "aws:CurrentTime": text(moment), "aws:EpochTime": str(int(moment.timestamp()))}


_OF_TIME = ("aws:currenttime", "aws:epochtime")


def _role(account_id: str, arn: str) -> Role | None:
    found = find_role(account_id, arn.rpartition("/")[2]) if ":role/" in arn else None
    return found if found is not None and found.arn == arn else None


def _with_grant(policies: Policies, request: AccessRequest) -> Policies:
    granted = NamedPolicy(policy_name(request), Policy.parse(grant_document(request, None)), request.principal_kind)
    return Policies(
        identity=[*(policies.identity or ()), granted],
        resource=policies.resource,
        boundaries=policies.boundaries,
        service_control=policies.service_control,
        resource_control=policies.resource_control,
        vpc_endpoint=policies.vpc_endpoint,
    )
