"""What the checks find in trust policies, found anew where another edition of them has looked.

The operations keep it as they write a trust policy. The checks move with each release, as those of managed policies (policies.facts).
"""

from collections.abc import Callable

from accounts import trust
from accounts.models import Role
from policies.facts import edition

BATCH = 500


def check_again(progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Look at the trust policies that another edition of the checks has looked at, or none; how many there were.

    One that is written meanwhile is left as the operation that writes it has it.
    """
    stale = Role.objects.exclude(trust_checked_with=edition()).order_by("pk").only("pk", "trust_policy")
    total, done, last = stale.count(), 0, 0
    while batch := list(stale.filter(pk__gt=last)[:BATCH]):
        for is_open in (True, False):
            same = {row.pk for row in batch if trust.trusts_anybody(row.trust_policy) is is_open}
            found = Role.objects.filter(pk__in=same).exclude(trust_checked_with=edition())
            found.update(trusts_anybody=is_open, trust_checked_with=edition())
        done, last = done + len(batch), batch[-1].pk
        progress(done, total)
    return done
