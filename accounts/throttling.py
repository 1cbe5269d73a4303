"""Growing delays for those who guess, without locking anybody out for good.

An attempt is counted before it is tested and forgiven when it succeeds, so that attempts side by side cannot slip through. Three counts
are kept: per user and address (strict), per address (many users tried from one place) and per user over all addresses (one user tried
from many places). The last one never delays a browser in which this user has signed in before, so an attacker can slow down a user's
first sign-in from a new browser, by a minute at most, and never one from a known browser.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Throttle
from operations.secrets import digest

FORGOTTEN_AFTER = timedelta(hours=12)  # a count without new attempts starts again
SWEPT_AT_ONCE = 50


@dataclass(frozen=True)
class Limit:
    """How many attempts under a key are free, and how long the longest delay is; in between it doubles from one second."""

    key: str
    free: int
    longest: int  # seconds

    def delay(self, attempts: int) -> int:
        """Seconds to wait after so many attempts."""
        over = attempts - self.free
        return 0 if over < 0 else min(self.longest, 2 ** min(over, 30))

    @property
    def stored_key(self) -> str:
        return digest(f"throttle:{self.key}")


class TooManyAttempts(Exception):
    """The attempt was not tested: `seconds` have to pass first."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} seconds")
        self.seconds = seconds


def sign_in_limits(account: str, name: str, source_ip: str, *, known_browser: bool) -> list[Limit]:
    """What an attempt with a password is counted under; names as typed, whether or not they exist."""
    who, source_ip = f"{account}/{name.lower()}", neighbourhood(source_ip)
    if known_browser:
        return [Limit(f"known:{who}", 5, 300)]
    return [
        Limit(f"pair:{who}:{source_ip}", 3, 900),
        Limit(f"address:{source_ip}", 20, 900),
        Limit(f"user:{who}", 30, 60),
    ]


def neighbourhood(address: str) -> str:
    """What counts as one place: an IPv4 address, or the /64 that a provider gives to one customer (RFC 6177)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return address


def factor_limits(user_id: int, *, known_browser: bool) -> list[Limit]:
    """What an attempt with a second factor, or with a password asked for again, is counted under."""
    return [Limit(f"factor:{user_id}:{'known' if known_browser else 'new'}", 5, 900)]


def admit(limits: Sequence[Limit], now: datetime) -> None:
    """Count one attempt under each limit. Raises TooManyAttempts, and counts nothing, while one of them still waits."""
    with transaction.atomic():
        rows = {limit: _locked(limit, now) for limit in limits}
        waits = [row.blocked_until - now for row in rows.values() if row.blocked_until and row.blocked_until > now]
        if waits:
            raise TooManyAttempts(max(1, -(-max(waits) // timedelta(seconds=1))))
        for limit, row in rows.items():
            row.attempts = 1 if now - row.last_at > FORGOTTEN_AFTER else row.attempts + 1
            row.last_at = now
            row.blocked_until = (
                now + timedelta(seconds=limit.delay(row.attempts)) if limit.delay(row.attempts) else None
            )
            row.save(force_update=True)
        _sweep(now)


def forgive(limits: Sequence[Limit]) -> None:
    """The attempt succeeded: forget what was counted for this user. The address's own count stays, it may be trying others."""
    own = [limit.stored_key for limit in limits if not limit.key.startswith("address:")]
    Throttle.objects.filter(key__in=own).delete()
    for limit in limits:
        if limit.key.startswith("address:"):
            _take_back(limit)


def wait_of(limits: Sequence[Limit], now: datetime) -> int:
    """Seconds until the next attempt is admitted; 0 when it would be admitted now."""
    until = Throttle.objects.filter(key__in=[limit.stored_key for limit in limits], blocked_until__gt=now)
    waits = [row.blocked_until - now for row in until if row.blocked_until]
    return -(-max(waits) // timedelta(seconds=1)) if waits else 0


def _locked(limit: Limit, now: datetime) -> Throttle:
    Throttle.objects.bulk_create([Throttle(key=limit.stored_key, last_at=now)], ignore_conflicts=True)
    return Throttle.objects.select_for_update().get(pk=limit.stored_key)


def _take_back(limit: Limit) -> None:
    with transaction.atomic():
        row = Throttle.objects.select_for_update().filter(pk=limit.stored_key, attempts__gt=0).first()
        if row is not None:
            row.attempts -= 1
            row.blocked_until = None
            row.save(force_update=True)


def _sweep(now: datetime) -> None:
    old = Throttle.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).values("pk")[:SWEPT_AT_ONCE]
    Throttle.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
