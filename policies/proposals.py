"""Proposals of new versions: who wrote one, which wait for review, and how each stands.

A proposal is a document beside the policy. It becomes a version only when somebody who may save versions does so, with their own rights.
"""

from collections.abc import Callable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from operations.caller import Caller
from operations.clock import text
from policies.comments import author_id
from policies.models import PolicyProposal

MOST_OPEN: Final = 20  # proposals for one policy that wait for review
# How a proposal stands: the outcome that gives colour and icon, and the word.
STATES: Final[dict[str, tuple[str, Promise]]] = {
    PolicyProposal.OPEN: ("info", _("Waits for review")),
    PolicyProposal.ACCEPTED: ("allowed", _("Accepted")),
    PolicyProposal.DECLINED: ("implicitDeny", _("Declined")),
    PolicyProposal.WITHDRAWN: ("neutral", _("Withdrawn")),
}
Answered = Callable[[PolicyProposal], None]
_registered: list[Answered] = []


def register_answered(tell: Answered) -> Answered:
    """Register who tells the author of a proposal that it was accepted or declined."""
    _registered[:] = [tell]
    return tell


def tell_author(row: PolicyProposal) -> None:
    """Tell the author the answer, where somebody does that."""
    if _registered:
        _registered[0](row)


def is_own(caller: Caller, row: PolicyProposal) -> bool:
    """Whether the caller wrote the proposal."""
    return author_id(caller) == row.author_id


def recorded(row: PolicyProposal) -> dict[str, str]:
    """A proposal as the record keeps it, with its document."""
    found = {
        "proposalId": row.proposal_id,
        "baseVersionId": row.base_version_id,
        "document": row.document,
        "author": row.author,
        "state": row.state,
    }
    optional = {
        "note": row.note,
        "answeredBy": row.answered_by,
        "answeredAt": text(row.answered_at) if row.answered_at else "",
        "message": row.message,
        "versionId": row.version_id,
    }
    return found | {name: value for name, value in optional.items() if value}
