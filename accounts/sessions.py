"""Django's session store over ConsoleSession: the database holds only a hash of the key that the browser has."""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from accounts.models import ConsoleSession, User
from operations.clock import now
from operations.secrets import digest


class SessionStore(DatabaseStore):
    """Keeps the clear key in the cookie and in memory; every look-up goes by its hash."""

    last_seen_at: datetime | None = None  # of the row that was read: idle time is measured without writing the session

    @classmethod
    def get_model_class(cls) -> type[ConsoleSession]:
        return ConsoleSession

    def _get_session_from_db(self) -> Any:
        try:
            row = ConsoleSession.objects.get(session_key=digest(self.session_key or ""), expire_date__gt=now())
        except ConsoleSession.DoesNotExist:
            self._session_key = None
            return None
        self.last_seen_at = row.last_seen_at
        return row

    def exists(self, session_key: str) -> bool:
        return bool(self.model.objects.filter(session_key=digest(session_key)).exists())

    def create_model_instance(self, data: dict[str, Any]) -> ConsoleSession:
        """The row for this session: the columns of «my sessions» are filled from the session's own data."""
        began = datetime.fromisoformat(data["signed_in_at"]) if "signed_in_at" in data else None
        return ConsoleSession(
            session_key=digest(self._get_or_create_session_key()),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            user_id=data.get("user_id"),
            public_id=data.get("session_id", data.get("kept_for", "")),
            created_at=began,
            last_seen_at=self.last_seen_at or began,
            source_ip=data.get("source_ip", ""),
            user_agent=data.get("user_agent", "")[:512],
        )

    def flush(self) -> None:
        """Begin anew: what follows has not been seen when this session was."""
        super().flush()
        self.last_seen_at = None

    def touch(self, moment: datetime) -> None:
        """Note that the session is in use, without writing its data: a session that was ended meanwhile stays ended."""
        self.last_seen_at = moment
        ConsoleSession.objects.filter(session_key=digest(self.session_key or "")).update(last_seen_at=moment)

    def delete(self, session_key: str | None = None) -> None:
        key = session_key if session_key is not None else self.session_key
        if key is not None:
            self.model.objects.filter(session_key=digest(key)).delete()


def end_sessions(user: User, *, except_id: str = "") -> int:
    """End a user's console sessions, but the one with this public id; how many were ended. They are gone on their next request."""
    rows = ConsoleSession.objects.filter(user=user)
    if except_id:
        rows = rows.exclude(public_id=except_id)
    return rows.delete()[0]
