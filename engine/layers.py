"""The layers of an evaluation, and how their verdicts together make the decision (IAM User Guide, "Policy evaluation
logic": within one account, across accounts, explicit and implicit denies).

Two ways lead here: the quick one, which asks indexed tests, and the explaining one, which asks every statement. Both hand
over the same few bits, so that the rules about layers stand only once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from engine import rules
from engine.context import account_of
from engine.request import Naming, Request

Outcome = Literal["allowed", "explicitDeny", "implicitDeny"]

IDENTITY: Final = 1
RESOURCE: Final = 2
BOUNDARY: Final = 4
SESSION: Final = 8
SCP: Final = 16
RCP: Final = 32
VPCE: Final = 64

LAYERS: Final = ((SCP, "scp"), (RCP, "rcp"), (VPCE, "vpce"), (RESOURCE, "resource"), (IDENTITY, "identity"))
LIMITS: Final = ((BOUNDARY, "boundary"), (SESSION, "session"))
_ACCOUNT_KINDS: Final = frozenset({"root", "user", "role_session", "federated_user"})


@dataclass(slots=True)
class Verdicts:
    """Per layer, as bits: is it there and does it apply, does something in it allow, does something deny.

    `grant` is how the resource's policy names the caller in the statements that allow (Naming bits).
    """

    present: int = 0
    allowed: int = 0
    denied: int = 0
    grant: int = 0
    matched: list[object] = field(default_factory=list)


@dataclass(slots=True)
class Case:
    """The facts about a request that decide which layers apply and how they work together."""

    action: str
    resource: str
    kind: str
    same_account: bool
    resource_considered: bool
    resource_must_allow: bool
    trust: bool
    bounded: bool
    under_scp: bool
    under_rcp: bool
    always: bool

    @property
    def has_identity(self) -> bool:
        """Whether identity policies exist for this kind of caller; a root user needs none."""
        return self.kind in _ACCOUNT_KINDS

    @property
    def root_assumes_role(self) -> bool:
        """Whether this is what STS refuses whatever the policies say: a root user assuming a role."""
        return self.kind == "root" and self.action == "sts:assumerole"


def case_of(request: Request, *, considered: bool, bounded: bool, scp: bool, rcp: bool) -> Case:
    """The facts of a request. `considered`: the resource's policy is known; the others: such policies are there."""
    principal = request.principal
    action = request.action.lower()
    named = request.resource_account or account_of(request.resource)
    same = not considered or named is None or named == principal.account
    wildcard_only = request.wildcard_only_action
    if wildcard_only is None:
        wildcard_only = request.resource != "*" and rules.supports_no_resource(action)
    resource = "*" if wildcard_only else request.resource
    kind = principal.kind
    exempt = request.service_linked_role
    in_management = request.management_account and (same or kind not in _ACCOUNT_KINDS)
    return Case(
        action=action,
        resource=resource,
        kind=kind,
        same_account=same,
        resource_considered=considered,
        resource_must_allow=considered and rules.resource_must_allow(action, request.resource),
        trust=rules.is_trust_action(action, request.resource),
        bounded=bounded and kind in ("user", "role_session", "federated_user"),
        under_scp=scp and kind in _ACCOUNT_KINDS and not exempt and not request.management_account,
        under_rcp=rcp and not exempt and not in_management and rules.under_resource_control(action),
        always=rules.cannot_be_denied(action, kind),
    )


def outcome_of(case: Case, verdicts: Verdicts) -> Outcome:
    """The decision."""
    if case.always:
        return "allowed"
    if verdicts.denied:
        return "explicitDeny"
    if verdicts.present & (SCP | RCP | VPCE) & ~verdicts.allowed:
        return "implicitDeny"
    return "allowed" if _granted(case, verdicts) else "implicitDeny"


def limit_holds(verdicts: Verdicts, layer: int) -> bool:
    """Whether a boundary or session policy lets the request through: it is not there, or allows."""
    return not verdicts.present & layer or bool(verdicts.allowed & layer)


def session_is_empty(case: Case, verdicts: Verdicts) -> bool:
    """Whether the caller is a federated user without session policy, to whom identity policies give nothing."""
    return case.kind == "federated_user" and not verdicts.present & SESSION


def identity_side_allows(case: Case, verdicts: Verdicts) -> bool:
    """Whether the caller's own policies allow: identity policies within boundary and session policy."""
    if case.root_assumes_role:
        return False
    return (
        bool(verdicts.allowed & IDENTITY)
        and limit_holds(verdicts, BOUNDARY)
        and limit_holds(verdicts, SESSION)
        and not session_is_empty(case, verdicts)
    )


def _granted(case: Case, verdicts: Verdicts) -> bool:
    if not case.has_identity:
        return verdicts.grant != Naming.NOBODY
    if not case.same_account:
        return verdicts.grant != Naming.NOBODY and identity_side_allows(case, verdicts)
    if case.root_assumes_role:
        return False
    if granted_by_resource_alone(verdicts):
        return True
    return identity_side_allows(case, verdicts) and (not case.resource_must_allow or verdicts.grant != Naming.NOBODY)


def granted_by_resource_alone(verdicts: Verdicts) -> bool:
    """Whether, within the account, the resource's policy suffices: past which implicit denies it reaches depends on how
    it names the caller (IAM User Guide, "Evaluating policies within a single account"; for `*`, "AWS JSON policy elements:
    Principal": boundaries and session policies do not limit what a wildcard grants)."""
    if verdicts.grant & (Naming.DIRECT | Naming.EVERYONE):
        return True  # what `*` grants, also narrowed by aws:PrincipalArn, is granted to the session itself
    return bool(verdicts.grant & Naming.ROLE) and limit_holds(verdicts, BOUNDARY) and limit_holds(verdicts, SESSION)


def blocked_by(case: Case, verdicts: Verdicts) -> tuple[str, ...]:
    """The layers that turned an allow into a denial; nothing where no policy allows in the first place."""
    wanted = case.has_identity and bool(verdicts.allowed & IDENTITY)
    if outcome_of(case, verdicts) == "allowed" or not (wanted or verdicts.grant):
        return ()
    blocking = {name for layer, name in (*LAYERS, *LIMITS) if verdicts.denied & layer}
    blocking |= {name for layer, name in LAYERS[:3] if verdicts.present & ~verdicts.allowed & layer}
    if not _granted(case, verdicts):
        blocking |= _missing(case, verdicts)
    names = (*(name for _, name in LAYERS), *(name for _, name in LIMITS))
    return tuple("trust" if case.trust and name == "resource" else name for name in names if name in blocking)


def _missing(case: Case, verdicts: Verdicts) -> set[str]:
    """The layers without whose allow a grant comes to nothing."""
    found: set[str] = set()
    if not verdicts.grant and (not case.same_account or case.resource_must_allow or not case.has_identity):
        found.add("resource")
    by_role = case.same_account and verdicts.grant & Naming.ROLE
    if case.has_identity and verdicts.grant and not by_role and not verdicts.allowed & IDENTITY:
        found.add("identity")
    if not limit_holds(verdicts, BOUNDARY):
        found.add("boundary")
    if not limit_holds(verdicts, SESSION) or session_is_empty(case, verdicts):
        found.add("session")
    if case.root_assumes_role:
        found.add("identity")
    return found
