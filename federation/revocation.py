"""Which sessions of a role were revoked by their time of issue: the console's policy denies them everything (IAM User Guide, «Revoke IAM
role temporary security credentials»)."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.dateparse import parse_datetime

from accounts.console_session import iso
from engine import NamedPolicy, Policies, Policy, Principal, Request, evaluate

REVOKE_OLDER_SESSIONS = "AWSRevokeOlderSessions"
_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_EVERYTHING = NamedPolicy("everything", Policy.parse(_ALL), "identity")


def moment_of(policy: Policy) -> datetime | None:
    """The moment before which sessions were revoked, as the console's policy says it; None when it was written otherwise."""
    for statement in policy.statements:
        for condition in statement.conditions:
            if (condition.operator.lower(), condition.key.lower()) == ("datelessthan", "aws:tokenissuetime"):
                return parse_datetime(condition.values[0])
    return None


def is_cut_off(policies: Iterable[NamedPolicy], principal: Principal, issued: datetime) -> bool:
    """Whether, among a role's policies, the one that revokes older sessions denies everything to a session issued at this moment."""
    revoking = [named for named in policies if named.name == REVOKE_OLDER_SESSIONS and named.kind == "role"]
    if not revoking:
        return False
    question = Request(principal, "iam:GetUser", "*", {"aws:TokenIssueTime": iso(issued)})
    return evaluate(question, Policies(identity=[_EVERYTHING, *revoking])).outcome == "explicitDeny"
