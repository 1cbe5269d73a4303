"""Secrets that are shown once: kept encrypted in the creator's own session until they are acknowledged, for ten minutes at most.

So a page with a secret survives a refresh, and nothing is created a second time by one.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from operations.clock import now
from operations.secrets import decrypt, encrypt

LASTS = timedelta(minutes=10)
INVITATIONS = "created-users"  # the links or first passwords of new users


def keep(request: HttpRequest, name: str, value: Any) -> None:
    """Keep a new secret under a name; an earlier one of that name is gone."""
    request.session[f"once:{name}"] = {"at": now().isoformat(), "value": encrypt(json.dumps(value))}


def read(request: HttpRequest, name: str) -> Any:
    """The secret, or None when it was acknowledged or ten minutes have passed."""
    kept = request.session.get(f"once:{name}")
    if kept is None:
        return None
    if now() - datetime.fromisoformat(kept["at"]) >= LASTS:
        forget(request, name)
        return None
    return json.loads(decrypt(kept["value"]))


def until(request: HttpRequest, name: str) -> datetime | None:
    """Until when the secret is shown; None when there is none."""
    if read(request, name) is None:
        return None
    return datetime.fromisoformat(request.session[f"once:{name}"]["at"]) + LASTS


def forget(request: HttpRequest, name: str) -> None:
    """The creator has acknowledged it."""
    request.session.pop(f"once:{name}", None)
