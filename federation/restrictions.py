"""What temporary credentials may not call, whatever their policies say (IAM User Guide, «Compare AWS STS credentials»)."""

from federation.errors import InvalidClientTokenId
from federation.models import IssuedSession
from federation.tokens import Session
from operations.errors import AccessDenied

_OPEN = {
    IssuedSession.USER: frozenset({"AssumeRole", "GetCallerIdentity", "GetSessionToken", "GetFederationToken"}),
    IssuedSession.FEDERATED: frozenset({"GetCallerIdentity", "GetSessionToken", "GetFederationToken"}),
}


def check(session: Session | None, service: str, action: str) -> None:
    """Refuse what a kind of session may not call.

    GetSessionToken's credentials reach IAM only with a second factor, those of GetFederationToken never; both reach two operations of
    STS. (GetSessionToken and GetFederationToken refuse temporary credentials themselves, in words of their own.)
    Raises InvalidClientTokenId for IAM, as AWS does, and AccessDenied for STS.
    """
    if session is None or session.kind == IssuedSession.ROLE:
        return
    if service != "sts":
        if session.kind == IssuedSession.FEDERATED or session.mfa_at is None:
            raise InvalidClientTokenId("The security token included in the request is invalid")
    elif action not in _OPEN[session.kind]:
        raise AccessDenied(f"Cannot call {action} with session credentials")
