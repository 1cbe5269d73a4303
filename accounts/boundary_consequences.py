"""What another permissions boundary of a user or role does to access, told before it is set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.holders import Kind
from accounts.queries.held_documents import HeldDocuments, held_documents
from operations.caller import Caller
from operations.gate import authorise_reads
from policies.access_changes import AccessChanges, bounded_changes
from policies.boundary_overlaps import BoundaryOverlaps, boundary_overlaps
from policies.models import ManagedPolicy
from policies.replays import BoundaryChange


@dataclass(frozen=True)
class Limited:
    """What another boundary changes in access, how it lies to the policies (None without one), and the documents of both."""

    access: AccessChanges | None
    overlap: BoundaryOverlaps | None
    change: BoundaryChange


def limited(caller: Caller, holder: Kind, row: Any, policy: ManagedPolicy | None) -> Limited:
    """What the policies that the holder has give under the boundary to be, for who may read all of them. Raises AccessDenied."""
    limits = [limit for limit in (row.boundary, policy) if limit is not None]
    held = _readable(caller, holder, row, limits)
    before, after = (held.in_force[limit.arn] if limit else "" for limit in (row.boundary, policy))
    return Limited(
        bounded_changes(tuple(held.documents), before, after),
        boundary_overlaps(held.documents, after) if after else None,
        BoundaryChange(row, before, after),
    )


def overlapping(caller: Caller, holder: Kind, row: Any) -> BoundaryOverlaps:
    """How the boundary that is set lies to the policies that the holder has. Raises AccessDenied."""
    held = _readable(caller, holder, row, [row.boundary])
    return boundary_overlaps(held.documents, held.in_force[row.boundary.arn])


def _readable(caller: Caller, holder: Kind, row: Any, limits: Sequence[ManagedPolicy]) -> HeldDocuments:
    """The documents that a holder has and those of boundaries, for who may read all of them. Raises AccessDenied."""
    holder.authorise(caller, holder.action("ListAttached", "Policies"), row)
    held = held_documents(row, [limit.arn for limit in limits])
    if held.has_own_inline:
        holder.authorise(caller, holder.action("Get", "Policy"), row)
    reads = [("iam:GetPolicyVersion", arn) for arn in (*held.managed, *(limit.arn for limit in limits))]
    authorise_reads(caller, [*dict.fromkeys(reads), *(("iam:GetGroupPolicy", arn) for arn in held.groups)])
    return held
