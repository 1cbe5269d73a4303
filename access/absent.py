"""The Caller of a user who is not there: what was scheduled or follows from a rule is done with the policies that the user has then."""

from dataclasses import replace

from access.callers import Connection, user_caller
from accounts.models import MembershipRule, User
from accounts.operations.contain import also_ends
from operations.absent import register_absent
from operations.caller import Caller
from operations.clock import now
from policies.models import PolicyActivation


@register_absent
def absent_caller(account_id: str, unique_id: str, agent: str) -> Caller | None:
    """The user's Caller, without anything that only a request brings; None where the user is gone. What it does goes over no network: it
    counts as secure, as AWS's own services do."""
    user = User.everyone.filter(account_id=account_id, unique_id=unique_id).first()
    if user is None:
        return None
    caller = user_caller(user, Connection(user_agent=agent, secure=True, door="schedule"), now())
    return replace(caller, identity={**caller.identity, "invokedBy": agent})


@also_ends
def end_activations(user: User) -> int:
    """Whoever is contained may have scheduled what somebody else wanted: it is not carried out. No session ends by it."""
    PolicyActivation.objects.filter(scheduler_id=user.unique_id, failed_at=None).update(
        failed_at=now(), failure=f"The user who scheduled it was contained: {user.arn}"
    )
    return 0


@also_ends
def stop_rules(user: User) -> int:
    """Nor do that user's membership rules add or remove anybody any more."""
    MembershipRule.objects.filter(setter_id=user.unique_id, failed_at=None).update(
        failed_at=now(), failure=f"The user who set it was contained: {user.arn}"
    )
    return 0
