"""Console sessions, in the database under the hash of their key."""

from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from accounts.models.user import User


class ConsoleSession(AbstractBaseSession):
    """A browser's session. `session_key` holds a hash: who reads the database cannot take a session over.

    The columns beside Django's are what «my sessions» shows and what ends a user's sessions at once.
    """

    session_key = models.CharField(max_length=64, primary_key=True)  # longer than Django's: a hash in hexadecimal
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="console_sessions")
    public_id = models.CharField(max_length=36, blank=True, db_index=True)
    created_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    source_ip = models.CharField(max_length=64, blank=True)
    user_agent = models.CharField(max_length=512, blank=True)

    @classmethod
    def get_session_store_class(cls) -> Any:
        # Django's contract: the model names its store, and the store its model.
        from accounts.sessions import SessionStore  # noqa: PLC0415

        return SessionStore
