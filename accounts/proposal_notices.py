"""Who proposed a new version of a policy is told by email what became of it."""

from accounts.models import User
from accounts.notices import tell
from policies.models import PolicyProposal
from policies.proposals import register_answered


@register_answered
def tell_author(row: PolicyProposal) -> None:
    """Tell the author; a session of a role has nobody who could be told. One query."""
    author = User.everyone.filter(account_id=row.policy.account_id, unique_id=row.author_id).first()
    if author is not None:
        facts = {"policy": row.policy.name, "arn": row.policy.arn, "proposal_id": row.proposal_id}
        tell(author, f"proposal_{row.state}", message=row.message, version=row.version_id, **facts)
