"""What another permissions boundary, or none, changes for many users or roles: told in their review, for who may read their policies."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from accounts.holders import Kind
from accounts.models import Role, User
from accounts.queries.held_by_many import held_by_many
from accounts.queries.held_documents import HeldDocuments
from operations.caller import Caller, ContextValue
from operations.gate import authorise_reads
from pages.listing import Loss
from policies.access_changes import bounded_losses
from policies.models import ManagedPolicy

COMPARED = 16  # different combinations of policies and boundaries that a page has time for
Reads = Mapping[tuple[str, str], Mapping[str, ContextValue]]  # condition keys by action and resource


def what_changes(
    caller: Caller, holder: Kind, rows: Sequence[User | Role], policy: ManagedPolicy | None
) -> dict[int, list[Loss]]:
    """What of each row's policies is allowed under the boundary to be (None: without one) and was not, and the reverse.

    What is read for that is authorised and recorded as on the page of one; of a row whose policies the caller may not read, that is said
    instead. A fixed number of queries at any size.
    """
    changing = [row for row in rows if row.boundary_id != (policy.pk if policy else None)]
    limits = {limit.arn for row in changing for limit in (row.boundary, policy) if limit is not None}
    held = held_by_many(changing, besides=limits)
    found: dict[int, list[Loss]] = {}
    compared: set[tuple[tuple[str, ...], str, str]] = set()
    reads: dict[tuple[str, str], Mapping[str, ContextValue]] = {}
    for row in changing:
        before, after = (held[row.pk].in_force[limit.arn] if limit else "" for limit in (row.boundary, policy))
        case = (tuple(held[row.pk].documents), before, after)
        needed = _reads(holder, row, held[row.pk], policy)
        if denied := _denied(caller, needed, reads):
            found[row.pk] = [Loss(None, _("Not shown: it needs %(action)s.") % {"action": denied})]
        elif case not in compared and len(compared) >= COMPARED:
            found[row.pk] = [Loss(None, _("More than could be compared here. Its own page shows it."))]
        else:
            compared.add(case)
            reads.update(needed)
            found[row.pk] = bounded_losses(*case)
    authorise_reads(caller, [(action, arn, keys) for (action, arn), keys in reads.items()])
    return found


def _reads(holder: Kind, row: User | Role, held: HeldDocuments, policy: ManagedPolicy | None) -> Reads:
    """What the page of one reads to tell it."""
    listing, inline = holder.action("ListAttached", "Policies"), holder.action("Get", "Policy")
    limits = [limit.arn for limit in (row.boundary, policy) if limit is not None]
    return {
        (listing, row.arn): holder.keys(row, listing),
        **({(inline, row.arn): holder.keys(row, inline)} if held.has_own_inline else {}),
        **{("iam:GetPolicyVersion", arn): {} for arn in (*held.managed, *limits)},
        **{("iam:GetGroupPolicy", arn): {} for arn in held.groups},
    }


def _denied(caller: Caller, needed: Reads, allowed: Reads) -> str:
    """The first action that is denied, or an empty text; what was allowed of another row is not asked again."""
    asked = ((read, keys) for read, keys in needed.items() if read not in allowed)
    return next((action for (action, arn), keys in asked if not caller.may(action, arn, keys)), "")
