"""Access keys as requests present them: whose they are, whether they count, and the Caller that they make.

What a key resolves to is kept per process until the policy stamp of its account (or of the AWS managed policies) moves. Every change of
keys, users, roles, tags and policies moves it, so what is taken away is gone on the next request, in every process. A request that only
reads may begin on what is kept, until the database tells (operations.presumption).
"""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from threading import Lock

from access.callers import (
    Connection,
    federated_caller,
    former_holder,
    role_caller,
    session_keys,
    token_caller,
    user_caller,
)
from accounts.models import AccessKey, Role, User
from engine import Principal
from federation.errors import ExpiredToken, InvalidClientTokenId
from federation.models import DeletedAccessKey, IssuedSession
from federation.tokens import Session, unseal
from operations.caller import Caller
from operations.presumption import holds
from operations.stamps import stamp
from policies.models import AWS

INVALID = "The security token included in the request is invalid."
EXPIRED = "The security token included in the request is expired"
SUBJECT_GONE = "The role or user of the session was deleted."
SESSION_EXPIRED = "The session has expired."
MOST_CREDENTIALS = 20_000
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
NOWHERE = Connection(door="api", request_id="")


@dataclass(frozen=True, eq=False)
class Credential:
    """A key that is good for signing: its secret, and the Caller that it makes of a request."""

    key_id: str
    secret: str
    holder: Caller  # without the facts of one request
    stamps: tuple[int, ...]
    expires_at: datetime | None = None
    sources: tuple[Network, ...] = ()
    session: Session | None = None

    def caller(self, connection: Connection, now: datetime) -> Caller:
        """The Caller of one request that was signed with this key."""
        context = connection.context(now)
        if self.session is not None:
            context |= session_keys(self.session, now)
        return self.holder.at(
            context, connection.source_ip, connection.user_agent, connection.door, connection.request_id
        )

    def may_come_from(self, address: str) -> bool:
        """Whether the key may be used from an address: from any, unless the key names its sources."""
        if not self.sources:
            return True
        try:
            given = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(given in network for network in self.sources if network.version == given.version)


_held: "OrderedDict[tuple[str, str], Credential]" = OrderedDict()
_lock = Lock()


def credential(key_id: str, token: str | None, now: datetime) -> Credential:
    """The credential that a key id and a session token stand for.

    Raises InvalidClientTokenId (unknown, inactive or revoked key; wrong, missing or superfluous token; its role or user gone) and
    ExpiredToken, before any signature is looked at, as AWS does. Where the holder is known the error's `details["holder"]` is its Caller.
    """
    found = _from_memory(key_id, token)
    if found is None:
        found = _of_session(key_id, token, now) if token else _of_key(key_id, now)
        with _lock:
            _held[key_id, token or ""] = found
            while len(_held) > MOST_CREDENTIALS:
                _held.popitem(last=False)
    if found.expires_at is not None and found.expires_at <= now:
        if found.session is not None:
            raise ExpiredToken(EXPIRED, holder=found.holder, reason=SESSION_EXPIRED)
        raise InvalidClientTokenId(INVALID, holder=found.holder, reason="The access key has expired.")
    return found


def forget_all() -> None:
    """Drop what this process holds: for tests, whose rollbacks take the stamps back."""
    with _lock:
        _held.clear()


def _from_memory(key_id: str, token: str | None) -> Credential | None:
    with _lock:
        found = _held.get((key_id, token or ""))
    if found is None or not holds(found.stamps, found.holder.account_id, AWS):
        return None
    return found


def _of_key(key_id: str, now: datetime) -> Credential:
    """A long-term key. The stamp is read before the key, so that a change in between is noticed next time."""
    rows = AccessKey.objects.filter(key_id=key_id)
    account_id = rows.values_list("user__account_id", flat=True).first()
    stamps = stamp(account_id or "", AWS)
    key = rows.select_related("user__boundary", "user__account").prefetch_related("user__tags").first()
    if key is None:
        raise _unknown(key_id)
    holder = user_caller(key.user, NOWHERE, now, access_key_id=key_id)
    if not key.is_active:
        raise InvalidClientTokenId(INVALID, holder=holder, reason="The access key is inactive.")
    return Credential(
        key_id=key_id,
        secret=key.secret,
        holder=holder,
        stamps=stamps,
        expires_at=key.expires_at,
        sources=tuple(ipaddress.ip_network(text) for text in key.allowed_sources),
    )


def _unknown(key_id: str) -> InvalidClientTokenId:
    """The error for a key that is not there; for one that was there, with its former holder."""
    row = DeletedAccessKey.objects.filter(key_id=key_id).first()
    if row is None:
        return InvalidClientTokenId(INVALID)
    principal = Principal.from_arn(row.user_arn, user_id=row.unique_id)
    identity = {
        "type": "Root" if principal.kind == "root" else "IAMUser",
        "principalId": row.unique_id,
        "arn": row.user_arn,
        "accountId": row.account_id,
        "accessKeyId": key_id,
    }
    if principal.username:
        identity["userName"] = principal.username
    holder = Caller(row.account_id, principal, identity, access_key_id=key_id, door="api")
    return InvalidClientTokenId(INVALID, holder=holder, reason="The access key was deleted.")


def _of_session(key_id: str, token: str, now: datetime) -> Credential:
    session = unseal(token)
    if session is None or not compare_digest(session.key_id.encode(), key_id.encode("utf-8", "replace")):
        raise InvalidClientTokenId(INVALID)
    stamps = stamp(session.account_id, AWS)
    holder = _holder(session, now)
    if session.expires <= now:
        raise ExpiredToken(EXPIRED, holder=holder or former_holder(session), reason=SESSION_EXPIRED)
    if holder is None:
        raise InvalidClientTokenId(INVALID, holder=former_holder(session), reason=SUBJECT_GONE)
    if not IssuedSession.objects.filter(key_id=key_id, revoked_at=None).exists():
        raise InvalidClientTokenId(INVALID, holder=holder, reason="The session was revoked.")
    return Credential(
        key_id=key_id, secret=session.secret, holder=holder, stamps=stamps, expires_at=session.expires, session=session
    )


def _holder(session: Session, now: datetime) -> Caller | None:
    """The Caller behind a session; None when the role or user has been deleted since, a namesake notwithstanding."""
    if session.kind == IssuedSession.ROLE:
        roles = Role.objects.select_related("boundary").prefetch_related("tags")
        role = roles.filter(account_id=session.account_id, unique_id=session.subject).first()
        return role_caller(session, role, NOWHERE, now) if role else None
    users = User.everyone.select_related("boundary", "account").prefetch_related("tags")
    user = users.filter(account_id=session.account_id, unique_id=session.subject).first()
    if user is None:
        return None
    make = federated_caller if session.kind == IssuedSession.FEDERATED else token_caller
    return make(session, user, NOWHERE, now)
