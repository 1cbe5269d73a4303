"""The traffic of an access key, from the record: by day, service and address."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from accounts.models import AccessKey
from operations import journal
from operations.models import Event

MOST_READ = 2000


@dataclass(frozen=True)
class Traffic:
    """The newest calls of a key within some days, at most two thousand of them. `days` has every day, the oldest first."""

    calls: int = 0
    denied: int = 0
    more: bool = False
    days: list[tuple[date, int]] = field(default_factory=list)
    actions: list[tuple[str, int]] = field(default_factory=list)
    addresses: list[tuple[str, int]] = field(default_factory=list)

    @property
    def counts(self) -> list[int]:
        return [number for _, number in self.days]


def traffic(key: AccessKey, moment: datetime, days: int = 14) -> Traffic:
    """What a key was used for, in one query."""
    journal.settle()
    since = moment - timedelta(days=days)
    newest = Event.objects.filter(account_id=key.user.account_id, access_key_id=key.key_id).order_by("-time", "-id")
    rows = [
        row
        for row in newest.values_list("time", "source", "name", "source_ip", "error_code")[:MOST_READ]
        if row[0] > since
    ]
    by_day = Counter(time.date() for time, *_ in rows)
    span = [(moment - timedelta(days=back)).date() for back in range(days - 1, -1, -1)]
    return Traffic(
        calls=len(rows),
        denied=sum(bool(code) for *_, code in rows),
        more=len(rows) == MOST_READ,
        days=[(day, by_day[day]) for day in span],
        actions=Counter(f"{source.partition('.')[0]}:{name}" for _, source, name, _, _ in rows).most_common(8),
        addresses=Counter(address for _, _, _, address, _ in rows).most_common(8),
    )
