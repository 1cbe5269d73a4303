"""Building the Caller of a request: from a signed-in user, from a signed API request, or of a stranger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings

from access.effective import policies_of_role, policies_of_user, within_session
from accounts.models import Role, User
from engine import NamedPolicy, Policies, Policy, Principal
from federation.models import IssuedSession
from federation.tokens import Session
from operations import clock
from operations.caller import Caller, ContextValue
from operations.ids import sts_arn, uuid

# A federated user whom the root user vouches for may what its session policies allow.
EVERYTHING = NamedPolicy(
    "root",
    Policy.parse('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'),
    "identity",
)


@dataclass(frozen=True)
class Connection:
    """Where a request comes from: what the condition keys of the network and the record need."""

    source_ip: str = ""
    user_agent: str = ""
    secure: bool = False
    referer: str = ""
    door: str = "console"
    request_id: str = field(default_factory=uuid)
    region: str = ""  # to which a signed request of a service with Regions went; else the installation's own

    def context(self, now: datetime) -> dict[str, ContextValue]:
        """The global condition keys of the request itself (IAM User Guide, «AWS global condition context keys»)."""
        keys: dict[str, ContextValue] = {
            "aws:CurrentTime": clock.text(now),
            "aws:EpochTime": str(int(now.timestamp())),
            "aws:SecureTransport": "true" if self.secure else "false",
            "aws:RequestedRegion": self.region or settings.REGION,
            "aws:PrincipalIsAWSService": "false",
            "aws:ViaAWSService": "false",
        }
        optional = {"aws:SourceIp": self.source_ip, "aws:UserAgent": self.user_agent, "aws:referer": self.referer}
        return keys | {key: value for key, value in optional.items() if value}


def principal_of_user(user: User) -> Principal:
    """The engine's principal for an IAM user or the root user, with its tags."""
    tags = {} if user.is_root else {tag.key: tag.value for tag in user.tags.all()}
    return Principal.from_arn(user.arn, user_id=user.unique_id, tags=tags)


def principal_of_role(
    role: Role, session_name: str, tags: Mapping[str, str] | None = None, source_identity: str | None = None
) -> Principal:
    """The engine's principal for a session of a role: its tags under those of the session."""
    return Principal.from_arn(
        sts_arn(role.account_id, f"assumed-role/{role.name}/{session_name}"),
        role_arn=role.arn,
        role_id=role.unique_id,
        session_name=session_name,
        user_id=f"{role.unique_id}:{session_name}",
        tags=_tags_over(role.tags.all(), tags or {}),
        source_identity=source_identity,
    )


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


def role_caller(session: Session, role: Role, connection: Connection, now: datetime) -> Caller:
    """The Caller of a role's session: the role's policies within the session's, the role's tags under the session's.

    `session_facts["session"]` holds the session itself, for what AWS STS asks of it (chaining, transitive tags, source identity).
    """
    principal = principal_of_role(role, session.name, session.tags, session.source_identity or None)
    issuer = {
        "type": "Role",
        "principalId": role.unique_id,
        "arn": role.arn,
        "accountId": role.account_id,
        "userName": role.name,
    }
    return _session_caller(session, principal, policies_of_role(role), "AssumedRole", issuer, connection, now)


def federated_caller(session: Session, user: User, connection: Connection, now: datetime) -> Caller:
    """The Caller of a federated user: what the user who vouches for it may, within the session policies."""
    principal = Principal.from_arn(
        sts_arn(user.account_id, f"federated-user/{session.name}"),
        session_name=session.name,
        user_id=f"{user.account_id}:{session.name}",
        source_user_arn=user.arn,
        tags=_tags_over([] if user.is_root else user.tags.all(), session.tags),
    )
    issuer = {
        "type": "Root" if user.is_root else "IAMUser",
        "principalId": user.unique_id,
        "arn": user.arn,
        "accountId": user.account_id,
    }
    if not user.is_root:
        issuer["userName"] = user.name
    policies = Policies(identity=[EVERYTHING]) if user.is_root else policies_of_user(user)
    return _session_caller(session, principal, policies, "FederatedUser", issuer, connection, now)


def token_caller(session: Session, user: User, connection: Connection, now: datetime) -> Caller:
    """The Caller of a user who uses temporary credentials of its own (GetSessionToken)."""
    return replace(
        user_caller(user, connection, now, session_keys(session, now), access_key_id=session.key_id),
        session_facts={"session": session},
    )


def former_holder(session: Session) -> Caller:
    """Whom a session stood for whose role or user is gone: as much as its token says, for the record of its refusal."""
    identity: dict[str, Any] = {"accountId": session.account_id, "accessKeyId": session.key_id}
    if session.kind == IssuedSession.ROLE:
        principal = Principal(None, session.account_id, "role_session", role_id=session.subject)
        issuer = {"type": "Role", "principalId": session.subject, "accountId": session.account_id}
        identity |= {"type": "AssumedRole", "principalId": f"{session.subject}:{session.name}"}
        identity["sessionContext"] = {"sessionIssuer": issuer, "assumedBy": session.source_arn}
    elif session.kind == IssuedSession.FEDERATED:
        arn = sts_arn(session.account_id, f"federated-user/{session.name}")
        principal = Principal.from_arn(arn)
        identity |= {"type": "FederatedUser", "principalId": f"{session.account_id}:{session.name}", "arn": arn}
        identity["sessionContext"] = {"assumedBy": session.source_arn}
    else:
        principal = Principal.from_arn(session.source_arn, user_id=session.subject)
        identity |= {"type": "IAMUser", "principalId": session.subject, "arn": session.source_arn}
        identity["userName"] = principal.username
    return Caller(session.account_id, principal, identity, access_key_id=session.key_id, door="api")


def session_keys(session: Session, now: datetime) -> dict[str, ContextValue]:
    """The condition keys of temporary credentials: when they were issued, and whether a second factor was given then.

    A role's or federated session never counts as made with a second factor (IAM User Guide, «MFA-protected API access»).
    """
    keys: dict[str, ContextValue] = {
        "aws:TokenIssueTime": clock.text(session.issued),
        "aws:MultiFactorAuthPresent": "true" if session.mfa_at is not None else "false",
    }
    if session.mfa_at is not None:
        keys["aws:MultiFactorAuthAge"] = str(max(0, int(now.timestamp()) - session.mfa_at))
    return keys


def _session_caller(
    session: Session,
    principal: Principal,
    policies: Policies,
    kind: str,
    issuer: Mapping[str, str],
    connection: Connection,
    now: datetime,
) -> Caller:
    context: dict[str, Any] = {
        "sessionIssuer": issuer,
        "attributes": {
            "creationDate": clock.text(session.issued),
            "mfaAuthenticated": "false",
        },
        "assumedBy": session.source_arn,
    }
    if session.source_identity:
        context["sourceIdentity"] = session.source_identity
    return Caller(
        account_id=session.account_id,
        principal=principal,
        identity={
            "type": kind,
            "principalId": principal.user_id,
            "arn": principal.arn,
            "accountId": session.account_id,
            "accessKeyId": session.key_id,
            "sessionContext": context,
        },
        policies=within_session(policies, session),
        context={**connection.context(now), **session_keys(session, now)},
        access_key_id=session.key_id,
        source_ip=connection.source_ip,
        user_agent=connection.user_agent,
        door=connection.door,
        request_id=connection.request_id,
        session_facts={"session": session},
    )


def _tags_over(own: Iterable[Any], given: Mapping[str, str]) -> dict[str, str]:
    """Session tags over the tags of the role or user, whatever their case (IAM User Guide, «Passing session tags»)."""
    folded = {key.lower() for key in given}
    return {**{tag.key: tag.value for tag in own if tag.key.lower() not in folded}, **given}
