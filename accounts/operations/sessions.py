"""Console sessions: list them and end them. Operations of our own; every user may do both with its own sessions."""

from typing import Any

from accounts import resolve
from accounts.models import ConsoleSession, User
from accounts.sessions import end_sessions
from operations.clock import now
from operations.errors import NoSuchEntity
from operations.gate import Call, Result, operation


@operation("iam:ListConsoleSessions", on=resolve.user_or_self)
def list_console_sessions(call: Call, *, user_name: str | None = None) -> Result:
    """The sessions of a user or of the caller, newest first, with device and address. Raises NoSuchEntity."""
    user = resolve.require_user(call)
    return {"Sessions": sessions_of(user)}


@operation("iam:EndConsoleSessions", on=resolve.user_or_self)
def end_console_sessions(
    call: Call, *, user_name: str | None = None, session_id: str | None = None, except_session_id: str | None = None
) -> Result:
    """End one session of a user, or all of them, or all but one. Raises NoSuchEntity."""
    user = resolve.require_user(call)
    if session_id is None:
        ended = end_sessions(user, except_id=except_session_id or "")
    else:
        ended = ConsoleSession.objects.filter(user=user, public_id=session_id).delete()[0]
        if not ended:
            raise NoSuchEntity(f"The session with id {session_id} cannot be found.")
    call.changed(after={"arn": user.arn, "endedSessions": ended})
    return {"EndedSessions": ended}


def sessions_of(user: User) -> list[dict[str, Any]]:
    """What the operation answers of a user, for a page that has the user already."""
    rows = ConsoleSession.objects.filter(user=user, expire_date__gt=now()).order_by("-created_at", "-public_id")
    return [described(row) for row in rows]


def described(row: ConsoleSession) -> dict[str, Any]:
    return {
        "SessionId": row.public_id,
        "CreateDate": row.created_at,
        "LastUsedDate": row.last_seen_at,
        "SourceIp": row.source_ip,
        "UserAgent": row.user_agent,
    }
