"""How the numbers of those with standing administrator access move: one measurement a day is kept, by whoever looks or by a command.

A measurement says nothing that the account's policies do not say at that moment, so it is no change that the gate would have to see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from governance.models import PrivilegeSample
from governance.queries.privilege import Administrators, administrators
from operations.clock import now

WEEKS: Final = 12


@dataclass(frozen=True)
class Week:
    """A week by its Monday, and what was measured in it last; no sample where nobody measured."""

    monday: date
    sample: PrivilegeSample | None

    @property
    def total(self) -> int:
        return self.sample.users + self.sample.roles if self.sample else 0


@dataclass(frozen=True)
class Course:
    """The last twelve weeks as far as they were measured, the present one last."""

    weeks: Sequence[Week]

    @property
    def measured(self) -> list[Week]:
        return [week for week in self.weeks if week.sample]

    @property
    def totals(self) -> list[int]:
        return [week.total for week in self.measured]

    @property
    def change(self) -> int:
        """By how many there are more than in the first week that was measured."""
        return self.totals[-1] - self.totals[0] if len(self.totals) > 1 else 0

    @property
    def fewer(self) -> int:
        return -self.change


def course(account_id: str, present: Administrators) -> Course:
    """What was measured in the last twelve weeks. Today's measurement is kept; on most looks it is there already. One query, and on the
    first look of a day, or after a change, another one or two to keep it.

    Nothing is made up: a week in which nobody looked has no number.
    """
    today = now().date()
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=WEEKS - 1)
    samples = {each.day: each for each in PrivilegeSample.objects.filter(account_id=account_id, day__gte=first)}
    known = samples.get(today)
    if known is None or (known.users, known.roles) != (present.users, present.roles):
        samples[today] = keep(account_id, present, today)
    weeks = [first + timedelta(weeks=number) for number in range(WEEKS)]
    last = {day - timedelta(days=day.weekday()): samples[day] for day in sorted(samples)}
    return Course([Week(week, last.get(week)) for week in weeks])


def keep(account_id: str, present: Administrators, day: date) -> PrivilegeSample:
    """Keep a day's measurement in the place of an earlier one of that day."""
    sample = PrivilegeSample(account_id=account_id, day=day, users=present.users, roles=present.roles)
    PrivilegeSample.objects.bulk_create(
        [sample], update_conflicts=True, unique_fields=["account_id", "day"], update_fields=["users", "roles"]
    )
    return sample


def measure(account_id: str) -> Administrators:
    """Measure an account now and keep it: for the command that does so where nobody looks. Two queries."""
    found = administrators(account_id)
    keep(account_id, found, now().date())
    return found
