"""The temporary credentials of a user, by GetSessionToken and GetFederationToken: listed, and ended one by one.

Operations of our own. They need the permissions for console sessions, which every user has for its own.
"""

from typing import Any

from accounts import resolve
from accounts.models import User
from federation.models import IssuedSession
from federation.operations.role_sessions import ended
from operations.clock import now
from operations.gate import Call, Result, operation
from operations.paging import page

ISSUED_BY = {IssuedSession.USER: "GetSessionToken", IssuedSession.FEDERATED: "GetFederationToken"}


@operation("iam:ListTemporaryCredentials", on=resolve.user_or_self, permission="iam:ListConsoleSessions")
def list_temporary_credentials(
    call: Call, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The credentials of a user or of the caller that have not expired, oldest first. Raises NoSuchEntity."""
    return lasting(resolve.require_user(call), marker, max_items)


@operation("iam:RevokeTemporaryCredentials", on=resolve.user_or_self, permission="iam:EndConsoleSessions")
def revoke_temporary_credentials(call: Call, *, access_key_id: str, user_name: str | None = None) -> Result:
    """End one set of credentials: they are refused from now on, everywhere. Raises NoSuchEntity."""
    user = resolve.require_user(call)
    session, revoked = ended(call.account_id, user.unique_id, access_key_id)
    call.changed(after={"arn": user.arn, "accessKeyId": session.key_id, "revokedAt": revoked})
    return {}


def lasting(user: User, marker: str | None = None, max_items: int | None = None) -> Result:
    """The credentials of a user that have not expired, oldest first, as they are answered."""
    rows = IssuedSession.objects.filter(account_id=user.account_id, subject=user.unique_id, expires_at__gt=now())
    found, paging = page(rows, "id", marker, max_items)
    return {"TemporaryCredentials": [described(row) for row in found], **paging}


def described(row: IssuedSession) -> dict[str, Any]:
    """Credentials as they are listed: never their secret, which is kept nowhere but in their token."""
    shown: dict[str, Any] = {
        "AccessKeyId": row.key_id,
        "IssuedBy": ISSUED_BY[row.kind],
        "IssuedDate": row.issued_at,
        "ExpirationDate": row.expires_at,
    }
    optional = {
        "FederatedUserName": row.name,
        "SourceIp": row.source_ip,
        "UserAgent": row.user_agent,
        "LastUsedDate": row.last_used_at,
        "RevokedDate": row.revoked_at,
    }
    return shown | {name: value for name, value in optional.items() if value}
