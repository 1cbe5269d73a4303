"""Which sessions of a role were revoked by their time of issue: the console's policy denies them everything (IAM User Guide, «Revoke IAM
role temporary security credentials»)."""

from collections.abc import Iterable
from datetime import datetime

from accounts.console_session import iso
from engine import NamedPolicy, Policies, Policy, Principal, Request, evaluate

REVOKE_OLDER_SESSIONS = "AWSRevokeOlderSessions"
_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_EVERYTHING = NamedPolicy("everything", Policy.parse(_ALL), "identity")


def is_cut_off(policies: Iterable[NamedPolicy], principal: Principal, issued: datetime) -> bool:
    """Whether, among a role's policies, the one that revokes older sessions denies everything to a session issued at this moment."""
    revoking = [named for named in policies if named.name == REVOKE_OLDER_SESSIONS and named.kind == "role"]
    if not revoking:
        return False
    question = Request(principal, "iam:GetUser", "*", {"aws:TokenIssueTime": iso(issued)})
    return evaluate(question, Policies(identity=[_EVERYTHING, *revoking])).outcome == "explicitDeny"
