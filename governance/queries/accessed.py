"""What the tab «Last accessed» shows of a report: its services filtered and sorted, one service's actions, and who used it.

A report is made anew by each look at it and has some hundred services, so this is done in Python.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from engine.summary import allowed_actions
from governance.last_accessed import TRACKED, TRACKED_ACTIONS, Access, Report, ServiceUse
from governance.subjects import Held
from operations.clock import now
from operations.models import Event

NEWEST, OLDEST, NAME = "-last", "last", "name"
SORTS = (NEWEST, OLDEST, NAME)
ACCESSED, NEVER = "accessed", "never"
USES: Mapping[str, Promise] = {
    ACCESSED: _("Accessed in the tracking period"),
    NEVER: _("Not accessed in the tracking period"),
}


@dataclass(frozen=True)
class ActionUse:
    """One action that the policies allow, and the newest attempt on it."""

    name: str
    last: Access | None


@dataclass(frozen=True)
class EntityUse:
    """One of those who can use the permissions, and its newest attempt on a service."""

    row: User | Role
    last: Access | None

    @property
    def kind(self) -> str:
        return "user" if isinstance(self.row, User) else "role"


def tracked_since(account_id: str) -> datetime:
    """From when on attempts are known: the record may be younger than the tracking period."""
    times = Event.objects.filter(account_id=account_id).order_by("time", "id").values_list("time", flat=True)
    first, begin = times.first(), now() - TRACKED
    return max(first, begin) if first else now()


def services_shown(
    services: Iterable[ServiceUse], *, search: str = "", use: str = "", sort: str = NEWEST
) -> list[ServiceUse]:
    """The services whose name or prefix has all words of `search`; `use` keeps those that were accessed, or never were.

    Sorted by name, or by the last attempt: what never was accessed counts as the oldest.
    """
    words = search.lower().split()
    found = [
        one
        for one in services
        if all(word in f"{one.prefix} {one.name}".lower() for word in words)
        and (use not in USES or (one.last is not None) == (use == ACCESSED))
    ]
    found.sort(key=lambda one: (one.name.lower(), one.prefix))
    if sort != NAME:
        found.sort(key=lambda one: one.last.time.timestamp() if one.last else 0.0, reverse=sort == NEWEST)
    return found


def granting(use: ServiceUse) -> list[Held]:
    """The policies that allow something of a service, each once: a policy may reach a user by several groups."""
    different = {held.arn or (held.entity_type, held.entity_name, held.name): held for held in use.granting}
    return sorted(different.values(), key=lambda held: (held.name.lower(), held.entity_name))


def actions_of(use: ServiceUse) -> list[ActionUse]:
    """The allowed actions of a service whose actions are tracked, the last attempted first; none of another service."""
    if use.prefix not in TRACKED_ACTIONS:
        return []
    names = {name for held in use.granting for name in allowed_actions(held.policy, use.prefix)}
    found = [ActionUse(name, use.by_action.get(name)) for name in sorted(names)]
    return sorted(found, key=lambda one: -one.last.time.timestamp() if one.last else 0.0)


def entities_of(report: Report, use: ServiceUse) -> Sequence[EntityUse]:
    """Everybody who can use the permissions on a service, the last who did first."""
    found = [EntityUse(row, use.by_principal.get(row.arn)) for row in report.principals]
    return sorted(found, key=lambda one: -one.last.time.timestamp() if one.last else 0.0)
