"""What another trust policy of a role means: told before it is saved, or brought back."""

from dataclasses import dataclass

from accounts import trust
from accounts.models import Role
from accounts.trust_changes import Changes, changes_by
from accounts.trust_outsiders import Outsiders, outsiders
from accounts.trust_words import TrustSentence, trust_sentences
from operations.caller import Caller
from operations.gate import authorise_read
from pages.errors import Part, part
from policies.editing import Review


@dataclass(frozen=True)
class TrustReview:
    """A trust policy before it is saved: who may assume the role then, in sentences (those of before stand beside them), who gains and who
    loses it among the users and roles of the account, and what changes for all others."""

    review: Review
    before: list[TrustSentence]
    after: list[TrustSentence]
    who: Part[Changes]
    others: Outsiders
    was_open: bool
    is_open: bool


def trust_review(caller: Caller, row: Role, review: Review, stored: str, after: str) -> TrustReview:
    """What a trust policy changes, in its `stored` form and as it is shown `after`; `review` that of its document."""
    return TrustReview(
        review=review,
        before=trust_sentences(review.before, row.account_id),
        after=trust_sentences(after, row.account_id),
        who=part(_who, caller, row, stored),
        others=outsiders(review.before, after, row.account_id),
        was_open=trust.trusts_anybody(row.trust_policy),
        is_open=trust.trusts_anybody(stored),
    )


def _who(caller: Caller, row: Role, stored: str) -> Changes:
    """For whom of the account it changes; what everybody's policies say is for whoever may read them all. Raises AccessDenied."""
    authorise_read(caller, "iam:GetAccountAuthorizationDetails", "*")
    return changes_by(row, stored)
