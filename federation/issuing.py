"""Issuing temporary credentials: the token for the caller, and the row by which the session is listed and ended."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from federation.models import IssuedSession
from federation.tokens import Session, new_secret, seal, utilisation
from operations import clock
from operations.caller import Caller
from operations.clock import now
from operations.ids import access_key_id

KEPT_AFTER_EXPIRY = timedelta(days=1)
SWEPT_AT_ONCE = 100


@dataclass(frozen=True)
class Issued:
    """Fresh credentials: the session, its token, and the members of AWS's answer."""

    session: Session
    token: str

    def members(self) -> dict[str, Any]:
        return {
            "Credentials": {
                "AccessKeyId": self.session.key_id,
                "SecretAccessKey": self.session.secret,
                "SessionToken": self.token,
                "Expiration": self.session.expires,
            },
            "SessionTokenUtilization": utilisation(self.token),
            "SessionTokenSize": len(self.token),
        }

    def noted(self) -> dict[str, Any]:
        """What the record says of the credentials: never the secret, never the token."""
        return {"accessKeyId": self.session.key_id, "expiration": clock.text(self.session.expires)}


def issue(
    caller: Caller,
    *,
    kind: str,
    account_id: str,
    subject: str,
    name: str,
    seconds: int,
    at_least: int = 0,
    **facts: Any,
) -> Issued:
    """Make credentials for a session and list them. `facts` are further members of the Session."""
    moment = now()
    session = Session(
        key_id=access_key_id("ASIA"),
        secret=new_secret(),
        kind=kind,
        account_id=account_id,
        subject=subject,
        name=name,
        issued_at=int(moment.timestamp()),
        expires_at=int(moment.timestamp()) + seconds,
        source_arn=caller.arn,
        **facts,
    )
    IssuedSession.objects.create(
        account_id=account_id,
        key_id=session.key_id,
        kind=kind,
        subject=subject,
        name=name,
        source_arn=caller.arn,
        source_identity=session.source_identity,
        source_ip=caller.source_ip,
        user_agent=caller.user_agent[:256],
        issued_at=session.issued,
        expires_at=session.expires,
    )
    _sweep()
    return Issued(session, seal(session, at_least=at_least))


def _sweep() -> None:
    """Forget a few sessions that ended long ago; their tokens have expired."""
    old = (
        IssuedSession.objects.filter(expires_at__lt=now() - KEPT_AFTER_EXPIRY)
        .order_by("expires_at")
        .values_list("pk", flat=True)
    )
    keys = list(old[:SWEPT_AT_ONCE])
    if keys:
        IssuedSession.objects.filter(pk__in=keys).delete()
