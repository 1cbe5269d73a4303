"""Versions that are to be put in force at a later moment: what is kept of it, and whose rights count then.

When it is due, nobody is there who calls. The call is that of the user who scheduled it, with the policies that the user has at that
moment and without what only a request brings: no second factor, no source address (operations.absent).
"""

from typing import Final

from operations import absent
from operations.caller import Caller
from policies.models import ManagedPolicy, PolicyActivation

ACTION: Final = "iam:SetDefaultPolicyVersion"
AGENT: Final = "scheduled activation"


def absent_caller(account_id: str, unique_id: str) -> Caller | None:
    """The Caller of a user who is not there when an activation is due; None where the user is gone."""
    return absent.absent_caller(account_id, unique_id, AGENT)


def activation_of(policy: ManagedPolicy) -> PolicyActivation | None:
    """What is scheduled for a policy, or was refused. One query, none where it was read along with the policy."""
    try:
        return policy.activation
    except PolicyActivation.DoesNotExist:
        return None


def end_activation(policy: ManagedPolicy, number: int | None = None) -> dict[str, str]:
    """Take away what is scheduled for a policy, or for its version of that number alone; what it was, for the record, or nothing."""
    rows = PolicyActivation.objects.filter(policy=policy, **({} if number is None else {"number": number}))
    row = rows.first()
    if row is None:
        return {}
    rows.delete()
    return recorded(row)


def recorded(row: PolicyActivation) -> dict[str, str]:
    """A scheduled activation as the record keeps it."""
    return {
        "versionId": row.version_id,
        "activationDate": row.due_at.isoformat(),
        "scheduledBy": row.scheduled_by,
        "scheduledAt": row.scheduled_at.isoformat(),
    }
