"""What bringing something back does to access, told before it is done: as the pages tell it on which the same is done by hand.

Each part follows the caller's own policies: what they may not read is not told, and said to be so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts import trust
from accounts.boundary_consequences import limited
from accounts.consequences import Impact, exchanged, joining, leaving, read_held
from accounts.history.namesakes import trusted_by
from accounts.history.restoring import Plan
from accounts.holders import Kind, inline_policy
from accounts.models import Group, User
from accounts.queries.held_policies import HeldPolicy
from accounts.trust_review import TrustReview, trust_review
from operations.caller import Caller
from operations.errors import ServiceError
from operations.gate import authorise_reads
from operations.models import Event
from operations.rehearsal import Step
from pages.errors import Part, part
from policies.access_changes import AccessChanges, held_changes
from policies.boundary_overlaps import BoundaryOverlaps
from policies.editing import reviewed
from policies.lookup import boundary_policy


@dataclass(frozen=True)
class Consequences:
    """What is told of one operation: of a trust policy `trust`; of policies, boundaries and memberships what changes in access, for one
    user or role (`access`) or for members of a group (`impact`), with the boundary to be beside the policies (`overlap`)."""

    trust: TrustReview | None = None
    access: AccessChanges | None = None
    impact: Impact | None = None
    overlap: BoundaryOverlaps | None = None


def consequences_of(caller: Caller, holder: Kind, row: Any, event: Event, plan: Plan) -> Part[Consequences] | None:
    """What a plan does to access; None for what does nothing to it, and where it cannot be brought back. A fixed number of queries."""
    if plan.hindered or not plan.steps:
        return None
    step = plan.steps[0]  # what changes access is one operation
    tell = _TELLS.get(step.name.replace(holder.word, "", 1)) or _TELLS.get(step.name)
    if tell is None:
        return None
    try:
        return part(tell, caller, holder, row, step, event)
    except ServiceError:  # the operation refuses it, and says so when it is sent
        return None


def _trust(caller: Caller, holder: Kind, row: Any, step: Step, event: Event) -> Consequences:
    """Raises MalformedPolicyDocument, LimitExceeded for a document that would not be saved."""
    document = step.params["policy_document"]
    limit = "AssumeRolePolicySizeQuota"
    current = trust.readable(row.trust_policy)
    found = reviewed(document, f"iam:{step.name}", step.params, before=current, limit=limit, kind="trust")
    stored = trust.stored_as(document, trusted_by(document, event))
    return Consequences(trust=trust_review(caller, row, found, stored, document))


def _boundary(caller: Caller, holder: Kind, row: Any, step: Step, event: Event) -> Consequences:
    """Raises AccessDenied, and what a policy does that can be no boundary."""
    arn = step.params.get("permissions_boundary")
    found = limited(caller, holder, row, boundary_policy(caller.account_id, arn) if arn else None)
    return Consequences(access=found.access, overlap=found.overlap)


def _attachment(caller: Caller, holder: Kind, row: Any, step: Step, event: Event) -> Consequences:
    """Raises AccessDenied."""
    arn, is_attached = step.params["policy_arn"], step.name.startswith("Attach")
    if isinstance(row, Group):
        authorise_reads(caller, [("iam:GetPolicyVersion", arn)])
        gone, added = ((), (arn,)) if is_attached else ((arn,), ())
        return Consequences(impact=exchanged(caller, row, gone_arns=gone, added_arns=added))
    added = (arn,) if is_attached else ()
    return Consequences(access=_held(caller, holder, row, lambda held: held.arn == arn and not is_attached, arns=added))


def _inline(caller: Caller, holder: Kind, row: Any, step: Step, event: Event) -> Consequences:
    """Raises AccessDenied."""
    name, document = step.params["policy_name"], step.params.get("policy_document")
    added = (document,) if document else ()
    if isinstance(row, Group):
        present = inline_policy(row, name)
        gone = (present.document,) if present else ()
        return Consequences(impact=exchanged(caller, row, gone=gone, added=added))
    return Consequences(
        access=_held(caller, holder, row, lambda held: not held.arn and held.name == name, documents=added)
    )


def _held(
    caller: Caller,
    holder: Kind,
    row: Any,
    is_taken: Callable[[HeldPolicy], bool],
    *,
    arns: tuple[str, ...] = (),
    documents: tuple[str, ...] = (),
) -> AccessChanges | None:
    """What somebody gains and loses from whom policies of their own are taken, who gets others; what groups give stays.

    Raises AccessDenied.
    """
    held = holder.policies(row)
    found = read_held(caller, holder, row, held, *arns)
    boundary = found.in_force.get(row.boundary.arn, "") if row.boundary else ""
    kept = (
        text
        for one, text in zip(held, found.documents, strict=True)
        if not (is_taken(one) and all(source.group is None for source in one.sources))
    )
    after = (*kept, *(found.in_force[arn] for arn in arns), *documents)
    return held_changes(tuple(found.documents), after, boundary)


def _membership(caller: Caller, holder: Kind, row: Any, step: Step, event: Event) -> Consequences:
    """Raises AccessDenied."""
    names = {"account_id": row.account_id, "name_key": step.params["group_name"].lower()}
    group = row if isinstance(row, Group) else Group.objects.get(**names)
    name = row.name if isinstance(row, User) else step.params["user_name"]
    users = User.objects.filter(account_id=row.account_id, name_key=name.lower())
    told = joining if step.name == "AddUserToGroup" else leaving
    return Consequences(impact=told(caller, group, users))


_TELLS: Mapping[str, Callable[[Caller, Kind, Any, Step, Event], Consequences]] = {
    "UpdateAssumeRolePolicy": _trust,
    "AttachPolicy": _attachment,
    "DetachPolicy": _attachment,
    "PutPolicy": _inline,
    "DeletePolicy": _inline,
    "PutPermissionsBoundary": _boundary,
    "DeletePermissionsBoundary": _boundary,
    "AddUserToGroup": _membership,
    "RemoveUserFromGroup": _membership,
}
