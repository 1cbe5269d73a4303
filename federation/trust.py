"""Whether somebody may assume a role: the caller's own policies and the role's trust policy, decided together by the engine.

Within an account a trust policy that names the caller is enough; one that names the account leaves it to the caller's policies; between
accounts both must allow (IAM User Guide, «Policy evaluation logic»). A role that does not exist is refused in the same words as one
that does not trust the caller, so that nobody can find out which roles there are.
"""

from collections.abc import Mapping
from functools import lru_cache

from accounts import resolve
from accounts.models import Role
from engine import Decision, NamedPolicy, Policies, Policy, Request, evaluate
from operations.caller import Caller, ContextValue
from operations.errors import ValidationError
from operations.gate import Call, Target
from policies.documents import read_document

NOBODY = Policy.parse('{"Version":"2012-10-17","Statement":[]}')
ROLE_TYPE = "AWS::IAM::Role"


def role_of(arn: str) -> tuple[Role | None, str]:
    """The role that an ARN names, and the account in the ARN. Raises ValidationError for a text that is no ARN of a role."""
    parts = arn.split(":", 5)
    is_iam = len(parts) == 6 and parts[0] == "arn" and parts[2] == "iam"
    if not is_iam or not parts[4].isdecimal() or len(parts[4]) != 12 or not parts[5].startswith("role/"):
        raise ValidationError(f"{arn} is invalid")
    role = resolve.find_role(parts[4], parts[5].rsplit("/", 1)[-1])
    return (role if role is not None and role.arn == arn else None), parts[4]


def authorise(
    call: Call, role: Role | None, arn: str, account_id: str, context: Mapping[str, ContextValue], *actions: str
) -> None:
    """Ask for each action on a role; the Event shows the role and the decision. Raises AccessDenied in AWS's words."""
    call.targets = [Target(arn, role, context, ROLE_TYPE)]
    for action in actions:
        call.decided(*ask(call.caller, role, arn, account_id, context, action))


def ask(
    caller: Caller, role: Role | None, arn: str, account_id: str, context: Mapping[str, ContextValue], action: str
) -> tuple[Request, Decision]:
    """The question for one action on a role and the engine's answer, also outside a call: for what pages offer, and for whether a session
    may go on.
    """
    request = Request(caller.principal, action, arn, {**caller.context, **context}, resource_account=account_id)
    return request, evaluate(request, with_resource(caller.policies, policy_of(role)))


def policy_of(role: Role | None) -> NamedPolicy:
    """A role's trust policy as the engine takes it; nobody is trusted by a role that is not there."""
    return NamedPolicy("trust policy", _prepared(role.trust_policy) if role else NOBODY, "resource")


def with_resource(policies: Policies, resource: NamedPolicy) -> Policies:
    """The same policies, with the resource's own beside them."""
    return Policies(
        identity=policies.identity,
        resource=resource,
        boundaries=policies.boundaries,
        session=policies.session,
        service_control=policies.service_control,
        resource_control=policies.resource_control,
        vpc_endpoint=policies.vpc_endpoint,
    )


@lru_cache(maxsize=2000)
def _prepared(document: str) -> Policy:
    return read_document(document)
