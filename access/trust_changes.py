"""Finding who gains or loses a role by another trust policy: everybody's effective policies, asked with the one and with the other.

Whom one of the policies names is asked about first; of all others, as many as a page can wait for.
"""

from copy import copy
from time import monotonic
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When, prefetch_related_objects

from access.assuming import tags_of
from access.shared_bundles import shared_bundles
from access.step import Step
from access.step import Way as Possible
from accounts.models import Role, User
from accounts.trust_changes import Change, Changes, Way, register_finder
from federation.assuming import Assumer

ASKED = 1000  # users, and as many roles
MOST_SECONDS = 2.0


@register_finder
def find(role: Role, document: str) -> Changes:
    """Those for whom it changes. Six queries at most."""
    prefetch_related_objects([role], "tags")
    other = copy(role)
    other.trust_policy = document
    before, after = Step(role), Step(other)
    rows, is_cut = _candidates(role, before, after)
    shared = shared_bundles(rows)
    until, asked, keeping = monotonic() + MOST_SECONDS, 0, 0
    found: dict[str, list[Change]] = {"gaining": [], "losing": [], "differing": []}
    for row in rows:
        bundle, tags = shared.of[row.unique_id], tags_of(row, shared)
        old, new = (_said(row, step.way_of(row, bundle, tags)) for step in (before, after))
        asked += 1
        if old == new:
            keeping += new is not None
        else:
            change = Change(row, old, new)
            found[change.sort].append(change)
        if monotonic() > until:
            break
    is_cut = is_cut or asked < len(rows)
    return Changes(**found, keeping=keeping, asked=asked, total=_number(role) if is_cut else asked)


def _said(row: User | Role, way: Possible | None) -> Way | None:
    if way is None:
        return None
    assumer = Assumer(row, way.needs, ())
    return Way(assumer.condition, now=not assumer.lacks_device)


def _candidates(role: Role, before: Step, after: Step) -> tuple[list[Any], bool]:
    """Whom to ask about, those who are named first, and whether there are more. Who is not named by policies that name all cannot."""
    ones = [step.named_one_by_one for step in (before, after)]
    only = None if None in ones else {name for names in ones for name in names or ()}
    named = Q(unique_id__in=before.names | after.names)
    first = Case(When(named, then=Value(0)), default=Value(1), output_field=IntegerField())
    users: Any = User.objects.filter(account_id=role.account_id)
    roles: Any = Role.objects.filter(account_id=role.account_id).exclude(pk=role.pk).prefetch_related("tags")
    found: list[Any] = []
    is_cut = False
    for rows in (users, roles):
        chosen = rows if only is None else rows.filter(unique_id__in=only)
        some = list(chosen.annotate(place=first).order_by("place", "name_key")[: ASKED + 1])
        is_cut = is_cut or len(some) > ASKED
        found += some[:ASKED]
    return sorted(found, key=lambda row: row.place), is_cut


def _number(role: Role) -> int:
    """How many users and other roles the account has. One query."""
    roles = Role.objects.filter(account_id=role.account_id).exclude(pk=role.pk).order_by().values("pk")
    return User.objects.filter(account_id=role.account_id).order_by().values("pk").union(roles, all=True).count()
