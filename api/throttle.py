"""Throttling: token buckets per principal and per account, in each worker process.

A bucket fills at its rate and holds two seconds' worth. SDKs answer `Throttling` with growing pauses and try again. The buckets live in
the process, so an installation with N workers lets N times the rate pass at most; 0 switches a limit off. (docs/api.md)
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic

from django.conf import settings

from api.errors import Throttling

MOST_BUCKETS = 50_000
BURST_SECONDS = 2


class Buckets:
    """One bucket per key, all of the same rate and size; those that were not used for longest are forgotten first."""

    def __init__(self, rate: float, clock: Callable[[], float] = monotonic, size: float | None = None) -> None:
        self.rate = rate
        self.size = rate * BURST_SECONDS if size is None else size
        self.clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str) -> bool:
        """Take one token; whether there was one."""
        if self.rate <= 0:
            return True
        moment = self.clock()
        with self._lock:
            tokens, since = self._held.pop(key, (self.size, moment))
            tokens = min(self.size, tokens + (moment - since) * self.rate)
            self._held[key] = (tokens - 1 if tokens >= 1 else tokens, moment)
            if len(self._held) > MOST_BUCKETS:
                self._held.popitem(last=False)
        return tokens >= 1


principals = Buckets(settings.API_PRINCIPAL_RATE)
accounts = Buckets(settings.API_ACCOUNT_RATE)
# Refusals of a key whose signature is not proved: so many are recorded at once, and then one a minute. Key ids are no secrets.
unproved = Buckets(1 / 60, size=10)


def admit(account_id: str, principal: str) -> None:
    """Let one request of a principal pass. Raises Throttling."""
    if not principals.take(principal) or not accounts.take(account_id):
        raise Throttling("Rate exceeded")
