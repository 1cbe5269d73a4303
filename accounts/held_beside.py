"""What a form that attaches policies says beside each choice: how many are attached then, and what is new to what the holder has.

Whoever may not read all that the holder has is told less; nothing that is asked for here is recorded as refused, for nobody asked for it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import ngettext

from accounts.holders import KINDS, Kind
from accounts.queries.held_documents import HeldDocuments, documents_of
from accounts.queries.held_policies import HeldPolicy
from operations.caller import Caller, ContextValue
from operations.gate import authorise_reads
from pages.listing.needs import sees
from pages.picking import Beside, Sum, Text, register_beside
from policies.listings import SEE_DOCUMENT
from policies.summing import Held, sum_of

KEY = "holder"


def beside_holder(caller: Caller, holder: Kind, row: Any, held: Sequence[HeldPolicy]) -> Beside:
    """What is said of policies that are chosen for a user, group or role, who has `held` already. Two queries at most."""
    return Beside(f"{KEY} {holder.key}/{row.name}", lambda *rows: _sum(caller, holder, row, held, *rows))


def _sum(
    caller: Caller, holder: Kind, row: Any, held: Sequence[HeldPolicy], chosen: Sequence[Any], offered: Sequence[Any]
) -> Sum:
    if not holder.may(caller, holder.action("ListAttached", "Policies"), row):
        return Sum()
    lines = [_total(holder, sum(one.is_direct and one.arn is not None for one in held), len(chosen))]
    documents = _read(caller, holder, row, held) if sees(caller, SEE_DOCUMENT) else None
    if documents is None:
        return Sum(lines)
    limit = getattr(row, "boundary", None)
    groups = {one.arn: [way.group.name for way in one.sources if way.group] for one in held if one.arn}
    found = sum_of(
        caller,
        chosen,
        offered,
        Held(documents.documents, documents.in_force.get(limit.arn, "") if limit else "", groups),
    )
    return Sum([*lines, *found.lines], found.covered)


def _total(holder: Kind, attached: int, chosen: int) -> tuple[str, Text]:
    """How many of as many as there may be are attached with what is chosen."""
    most, total = holder.most_attached, attached + chosen
    if not chosen:
        words = ngettext("%(n)d of %(most)d policy is attached.", "%(n)d of %(most)d policies are attached.", most)
    else:
        words = ngettext(
            "%(n)d of %(most)d policy is attached afterwards.", "%(n)d of %(most)d policies are attached afterwards.", most
        )  # fmt: skip
    return "warning" if total >= most else "neutral", words % {"n": total, "most": most}


def _read(caller: Caller, holder: Kind, row: Any, held: Sequence[HeldPolicy]) -> HeldDocuments | None:
    """The documents of what a holder has and of the boundary, for who may read all of it. One query."""
    limit = getattr(row, "boundary", None)
    besides = [limit.arn] if limit else []
    documents = documents_of(held, besides)
    own = [holder.action("ListAttached", "Policies")]
    if documents.has_own_inline:
        own.append(holder.action("Get", "Policy"))
    reads: list[tuple[str, str, Mapping[str, ContextValue]]] = [
        *((action, row.arn, holder.keys(row, action)) for action in own),
        *(("iam:GetPolicyVersion", arn, {}) for arn in dict.fromkeys([*documents.managed, *besides])),
        *(("iam:GetGroupPolicy", arn, {}) for arn in documents.groups),
    ]
    if not all(caller.may(*read) for read in reads):
        return None
    authorise_reads(caller, reads)
    return documents


def _named(caller: Caller, about: str) -> Beside | None:
    """The same for a step of the picker, by the kind and name of the holder."""
    kind, _slash, name = about.partition("/")
    holder = KINDS.get(kind)
    row = holder.find(caller.account_id, name) if holder else None
    needed = () if holder is None else (holder.action("Get"), holder.action("ListAttached", "Policies"))
    if holder is None or not all(holder.may(caller, action, row) for action in needed):
        return None  # as the form itself, which says by which groups a policy is held
    return beside_holder(caller, holder, row, holder.policies(row))


register_beside(KEY, _named)
