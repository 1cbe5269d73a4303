"""Keeping when a key, a role or a session was last used, without slowing requests: each at most once a minute and process.

AWS tracks the last use of keys in steps of 15 minutes (IAM User Guide, «Manage access keys»), so a minute is fine enough.
"""

from collections import OrderedDict
from datetime import datetime
from threading import Lock
from time import monotonic

from django.db import DatabaseError

from accounts.models import AccessKey, Role, User
from accounts.models.access_key import unused_key_at
from federation.models import IssuedSession
from federation.tokens import Session
from operations.caller import Caller

EVERY_SECONDS = 60
MOST_KEPT = 50_000

_kept: "OrderedDict[str, float]" = OrderedDict()
_lock = Lock()


def note(caller: Caller, service: str, region: str, now: datetime) -> None:
    """Note that the caller's key was used. What cannot be written is no reason to refuse the request: the next one writes it."""
    key_id = caller.access_key_id or ""
    if not _is_due(key_id):
        return
    try:
        _write(caller, key_id, service[:64], region[:64], now)
    except DatabaseError:
        with _lock:
            _kept.pop(key_id, None)


def forget_all() -> None:
    """Drop what this process remembers: for tests."""
    with _lock:
        _kept.clear()


def _is_due(key_id: str) -> bool:
    moment = monotonic()
    with _lock:
        last = _kept.get(key_id)
        if last is not None and moment - last < EVERY_SECONDS:
            return False
        _kept[key_id] = moment
        _kept.move_to_end(key_id)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return True


def _write(caller: Caller, key_id: str, service: str, region: str, now: datetime) -> None:
    session: Session | None = caller.session_facts.get("session")
    if session is None:
        AccessKey.objects.filter(key_id=key_id).update(
            last_used_at=now,
            last_used_service=service,
            last_used_region=region,
            last_used_ip=caller.source_ip[:64],
            last_used_agent=caller.user_agent[:256],
        )
    else:
        IssuedSession.objects.filter(key_id=key_id).update(last_used_at=now)
        if session.kind == IssuedSession.ROLE:
            Role.objects.filter(unique_id=session.subject).update(last_used_at=now, last_used_region=region)
    if caller.user_id is not None:
        User.everyone.filter(pk=caller.user_id).update(last_activity_at=now, unused_key_at=unused_key_at())
