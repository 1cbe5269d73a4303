"""Secrets that are shown once: kept encrypted in the creator's own session until they are acknowledged, for ten minutes at most, or
as long as whoever keeps them says. They end with the session, too.

So a page with a secret survives a refresh, and nothing is created a second time by one.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from operations.clock import now
from operations.secrets import decrypt, encrypt

LASTS = timedelta(minutes=10)
PASSWORDS_LAST = timedelta(hours=1)  # those of new users, which are many to pass on
INVITATIONS = "created-users"  # the links or first passwords of new users


def keep(request: HttpRequest, name: str, value: Any, *, until: datetime | None = None) -> None:
    """Keep a new secret under a name, until a moment, without one for ten minutes; an earlier one of that name is gone."""
    ends = until or now() + LASTS
    request.session[f"once:{name}"] = {"until": ends.isoformat(), "value": encrypt(json.dumps(value))}


def read(request: HttpRequest, name: str) -> Any:
    """The secret, or None when it was acknowledged or its time has passed."""
    if until(request, name) is None:
        return None
    return json.loads(decrypt(request.session[f"once:{name}"]["value"]))


def until(request: HttpRequest, name: str) -> datetime | None:
    """Until when the secret is shown; None when there is none. What has had its time is forgotten."""
    kept = request.session.get(f"once:{name}")
    ends = datetime.fromisoformat(kept["until"]) if kept and "until" in kept else None
    if kept and (ends is None or now() >= ends):
        forget(request, name)
        return None
    return ends


def forget(request: HttpRequest, name: str) -> None:
    """The creator has acknowledged it."""
    request.session.pop(f"once:{name}", None)
