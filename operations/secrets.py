"""Secrets at rest: encrypted where the clear text is needed again (SigV4, TOTP), hashed where it is not.

Encryption is Fernet with the keys of `ENCRYPTION_KEYS`, newest first: new values use the first key, older values are read
with any of them, and `manage.py rotate_secrets` writes every value again with the first one.
"""

import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _keyring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def keyring() -> MultiFernet:
    """The installation's keys as one cipher."""
    return _keyring(tuple(settings.ENCRYPTION_KEYS))


def encrypt(text: str) -> str:
    """Text → authenticated cipher text under the newest key."""
    return keyring().encrypt(text.encode()).decode()


def decrypt(cipher: str) -> str:
    """Cipher text → text. Raises cryptography.fernet.InvalidToken when no key of the installation fits."""
    return keyring().decrypt(cipher.encode()).decode()


def rotate(cipher: str) -> str:
    """The same secret under the newest key."""
    return keyring().rotate(cipher.encode()).decode()


def digest(token: str) -> str:
    """The hash under which a random token (session key, invitation, setup link) is stored and looked up.

    A keyed hash: somebody who reads the database alone cannot test guesses.
    """
    return hmac.new(settings.SECRET_KEY.encode(), token.encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """A text column whose value is encrypted in the database and clear in Python."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value in (None, "") else encrypt(str(value))

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return value if not value else decrypt(value)
