"""Revoking all sessions of a role by their time of issue: a deny in the role's inline policy of AWS's name (IAM User Guide, «Revoke IAM
role temporary security credentials»)."""

import json
from datetime import UTC, datetime

from accounts.operations.inline_policies import put_role_policy
from operations.caller import Caller
from operations.clock import now

REVOKE_OLDER_SESSIONS = "AWSRevokeOlderSessions"


def revoke_older_sessions(caller: Caller, role_name: str) -> datetime:
    """Refuse everything to the sessions issued until now; sessions issued later work. Doing it again moves the moment.

    Raises AccessDenied (iam:PutRolePolicy), NoSuchEntity, UnmodifiableEntity (a service-linked role).
    """
    moment = now()
    put_role_policy(caller, role_name=role_name, policy_name=REVOKE_OLDER_SESSIONS, policy_document=document(moment))
    return moment


def document(moment: datetime) -> str:
    """The policy as AWS's console writes it; fractions of the second, so that sessions of this very second are revoked too."""
    statement = {
        "Effect": "Deny",
        "Action": ["*"],
        "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4)
