"""The sessions of a role: listed, and ended one by one. (AWS ends sessions by their time of issue alone; that is a policy of the role.)"""

from typing import Any

from accounts import resolve
from federation.models import IssuedSession
from operations.clock import now
from operations.errors import NoSuchEntity
from operations.gate import Call, Result, operation
from operations.paging import page


@operation("iam:ListRoleSessions", on=resolve.role, permission="iam:GetRole")
def list_role_sessions(
    call: Call, *, role_name: str, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The role's sessions that have not expired, oldest first, with who opened them. Raises NoSuchEntity."""
    role = resolve.require_role(call)
    rows = IssuedSession.objects.filter(account_id=call.account_id, subject=role.unique_id, expires_at__gt=now())
    found, paging = page(rows, "id", marker, max_items)
    return {"Sessions": [described(row) for row in found], **paging}


@operation("iam:RevokeRoleSession", on=resolve.role, permission="iam:PutRolePolicy")
def revoke_role_session(call: Call, *, role_name: str, access_key_id: str) -> Result:
    """End one session: its credentials are refused from now on, everywhere. Raises NoSuchEntity."""
    role = resolve.require_role(call)
    session, revoked = ended(call.account_id, role.unique_id, access_key_id)
    call.changed(after={"accessKeyId": session.key_id, "roleSessionName": session.name, "revokedAt": revoked})
    return {}


def ended(account_id: str, subject: str, access_key_id: str) -> tuple[IssuedSession, str]:
    """One session of a role or user, revoked now if it was not, and since when it is. Raises NoSuchEntity."""
    session = IssuedSession.objects.filter(account_id=account_id, subject=subject, key_id=access_key_id).first()
    if session is None:
        raise NoSuchEntity(f"The session with access key {access_key_id} cannot be found.")
    if session.revoked_at is None:
        session.revoked_at = now()
        session.save(update_fields=["revoked_at"])
    return session, session.revoked_at.isoformat()


def described(row: IssuedSession) -> dict[str, Any]:
    """A session as it is listed: never its secret, which is kept nowhere but in its token."""
    shown: dict[str, Any] = {
        "AccessKeyId": row.key_id,
        "RoleSessionName": row.name,
        "SourceArn": row.source_arn,
        "IssuedDate": row.issued_at,
        "ExpirationDate": row.expires_at,
    }
    optional = {
        "SourceIdentity": row.source_identity,
        "SourceIp": row.source_ip,
        "LastUsedDate": row.last_used_at,
        "RevokedDate": row.revoked_at,
    }
    return shown | {name: value for name, value in optional.items() if value}
