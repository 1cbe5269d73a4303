"""Building the Caller of a request: from a signed-in user, from a signed API request, or of a stranger."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.conf import settings

from access.effective import policies_of_user
from accounts.models import User
from engine import Principal
from operations.caller import Caller, ContextValue


@dataclass(frozen=True)
class Connection:
    """Where a request comes from: what the condition keys of the network and the record need."""

    source_ip: str = ""
    user_agent: str = ""
    secure: bool = False
    referer: str = ""
    door: str = "console"
    request_id: str = field(default_factory=lambda: str(uuid4()))

    def context(self, now: datetime) -> dict[str, ContextValue]:
        """The global condition keys of the request itself (IAM User Guide, «AWS global condition context keys»)."""
        keys: dict[str, ContextValue] = {
            "aws:CurrentTime": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "aws:EpochTime": str(int(now.timestamp())),
            "aws:SecureTransport": "true" if self.secure else "false",
            "aws:RequestedRegion": settings.REGION,
            "aws:PrincipalIsAWSService": "false",
            "aws:ViaAWSService": "false",
        }
        optional = {"aws:SourceIp": self.source_ip, "aws:UserAgent": self.user_agent, "aws:referer": self.referer}
        return keys | {key: value for key, value in optional.items() if value}


def principal_of_user(user: User) -> Principal:
    """The engine's principal for an IAM user or the root user, with its tags."""
    tags = {} if user.is_root else {tag.key: tag.value for tag in user.tags.all()}
    return Principal.from_arn(user.arn, user_id=user.unique_id, tags=tags)


def user_caller(
    user: User,
    connection: Connection,
    now: datetime,
    facts: Mapping[str, ContextValue] | None = None,
    *,
    access_key_id: str | None = None,
) -> Caller:
    """The Caller of a user. `facts` are the session's condition keys (MFA, token issue time); a long-term key has none."""
    facts = facts or {}
    return Caller(
        account_id=user.account_id,
        principal=principal_of_user(user),
        identity=user_identity(user, facts, access_key_id),
        policies=policies_of_user(user),
        context={**connection.context(now), **facts},
        user_id=user.pk,
        user_name=None if user.is_root else user.name,
        access_key_id=access_key_id,
        source_ip=connection.source_ip,
        user_agent=connection.user_agent,
        door=connection.door,
        request_id=connection.request_id,
    )


def user_identity(user: User, facts: Mapping[str, ContextValue], access_key_id: str | None) -> dict[str, Any]:
    """CloudTrail's `userIdentity` of a user or the root user."""
    identity: dict[str, Any] = {
        "type": "Root" if user.is_root else "IAMUser",
        "principalId": user.unique_id,
        "arn": user.arn,
        "accountId": user.account_id,
    }
    if not user.is_root:
        identity["userName"] = user.name
    if access_key_id:
        identity["accessKeyId"] = access_key_id
    if "aws:TokenIssueTime" in facts:
        identity["sessionContext"] = {
            "attributes": {
                "creationDate": facts["aws:TokenIssueTime"],
                "mfaAuthenticated": facts.get("aws:MultiFactorAuthPresent", "false"),
            }
        }
    return identity


def anonymous_caller(account_id: str, connection: Connection, now: datetime) -> Caller:
    """Nobody in particular: what a sign-in attempt and an unsigned request are recorded under."""
    return Caller(
        account_id=account_id,
        principal=Principal.from_arn(None),
        identity={"type": "Unknown", "accountId": account_id},
        context=connection.context(now),
        source_ip=connection.source_ip,
        user_agent=connection.user_agent,
        door=connection.door,
        request_id=connection.request_id,
    )
