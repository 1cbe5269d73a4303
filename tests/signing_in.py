"""A signed-in browser for page tests, without going through the sign-in page each time."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.test import Client

from accounts.models import User
from accounts.sessions import SessionStore
from operations.clock import now


def sign_in(client: Client, user: User, *, mfa: bool = False, at: datetime | None = None) -> SessionStore:
    """Give the client a session as the sign-in begins one; `mfa` says that a second factor was given."""
    moment = (at or now()).isoformat()
    session = SessionStore()
    session.update(
        {
            "user_id": user.pk,
            "session_id": str(uuid4()),
            "signed_in_at": moment,
            "factor_at": moment,
            "source_ip": "192.0.2.10",
        }
    )
    if mfa:
        session.update({"mfa_at": moment, "mfa_by": "totp"})
    session.create()
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return session
