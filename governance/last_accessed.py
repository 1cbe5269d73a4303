"""When services were last accessed, as far as this installation knows: by its own record, and by the keys that others verified here.

Attempts count, allowed or denied (IAM User Guide, «Refine permissions using last accessed information»).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.db.models import F, Max, Q, Value
from django.db.models.functions import StrIndex, Substr

from accounts.models import AccessKey, Role, User
from engine import Policy, catalog, summary
from governance import subjects
from governance.subjects import Entity, Held
from operations import journal
from operations.clock import now
from operations.models import Event

TRACKED = timedelta(days=400)
TRACKED_ACTIONS = frozenset({"iam", "sts"})  # the services whose actions are recorded here one by one
# So many principals are asked for by their ids; of more, all of the account are read. A database takes no list or condition of any length.
MOST_NAMED = 500


@dataclass(frozen=True)
class Access:
    """One principal's newest attempt on one service, or on one of its actions."""

    service: str
    action: str
    principal: User | Role
    time: datetime
    region: str

    @property
    def arn(self) -> str:
        return self.principal.arn


@dataclass(frozen=True)
class ServiceUse:
    """A service that an entity's policies allow: which of them do, and the attempts on it, oldest first."""

    prefix: str
    granting: Sequence[Held]
    attempts: Sequence[Access]

    @property
    def name(self) -> str:
        """What AWS calls the service."""
        return catalog.service(self.prefix).name

    @property
    def last(self) -> Access | None:
        return self.attempts[-1] if self.attempts else None

    @cached_property
    def by_principal(self) -> Mapping[str, Access]:
        """The newest attempt of each principal, by ARN."""
        return {access.arn: access for access in self.attempts}

    @cached_property
    def by_action(self) -> Mapping[str, Access]:
        """The newest attempt on each action; a key's last use does not tell the action."""
        return {access.action: access for access in self.attempts}


@dataclass(frozen=True)
class Report:
    """What an entity's policies allow and what of it was used, by whom of those who can use it."""

    principals: Sequence[User | Role]
    services: Sequence[ServiceUse]

    def service(self, prefix: str) -> ServiceUse | None:
        return next((one for one in self.services if one.prefix == prefix), None)


def report(entity: Entity, account_id: str) -> Report:
    """The report about an entity, its services by prefix, in a fixed number of queries."""
    principals = subjects.principals_of(entity, account_id)
    attempts: dict[str, list[Access]] = {}
    for access in sorted(accesses(account_id, principals), key=lambda one: one.time):
        attempts.setdefault(access.service, []).append(access)
    granting: dict[str, list[Held]] = {}
    for held in subjects.policies_of(entity):
        for prefix in allowed_services(held.policy):
            granting.setdefault(prefix, []).append(held)
    return Report(
        principals, [ServiceUse(prefix, granting[prefix], attempts.get(prefix, ())) for prefix in sorted(granting)]
    )


@lru_cache(maxsize=2000)
def allowed_services(policy: Policy) -> frozenset[str]:
    """The prefixes of the services that a policy allows something of."""
    return summary.allowed_services(policy)


def accesses(account_id: str, principals: Sequence[User | Role]) -> list[Access]:
    """The newest attempts of some principals, by service and action, in a fixed number of queries.

    The record knows them by their unique ids, which a new name or path leaves as they are and no other entity ever gets.
    """
    users = {row.unique_id: row for row in principals if isinstance(row, User)}
    roles = {row.unique_id: row for row in principals if isinstance(row, Role)}
    if principals:
        journal.settle()
    return [*_of_users(account_id, users), *_of_roles(account_id, roles), *_of_keys(account_id, users)]


def _of_users(account_id: str, users: Mapping[str, User]) -> Iterator[Access]:
    named = Q(principal_id__in=list(users)) if len(users) <= MOST_NAMED else _beginning("AIDA")
    return _newest(account_id, users, named, F("principal_id"))


def _of_roles(account_id: str, roles: Mapping[str, Role]) -> Iterator[Access]:
    """A session's principal id is the role's, a colon and the session's name."""
    named = Q() if len(roles) <= MOST_NAMED else _beginning("AROA")
    if len(roles) <= MOST_NAMED:
        for unique_id in roles:
            named |= _beginning(f"{unique_id}:")
    colon = StrIndex("principal_id", Value(":"))
    return _newest(account_id, roles, named & Q(principal_id__contains=":"), Substr("principal_id", 1, colon - 1))


def _beginning(text: str) -> Q:
    """Events of principals whose ids begin with a text, as a stretch of the index."""
    return Q(principal_id__gte=text, principal_id__lt=text[:-1] + chr(ord(text[-1]) + 1))


def _newest(account_id: str, rows: Mapping[str, User | Role], named: Q, whose: Any) -> Iterator[Access]:
    """The newest Event of each principal, service and action; `whose` tells the unique id from an Event."""
    if not rows:
        return
    events = Event.objects.filter(named, account_id=account_id, time__gte=now() - TRACKED).annotate(whose=whose)
    for unique_id, source, name, time in events.values_list("whose", "source", "name").annotate(Max("time")):
        if unique_id in rows:
            yield Access(source.partition(".")[0], name, rows[unique_id], time, settings.REGION)


def _of_keys(account_id: str, users: Mapping[str, User]) -> Iterator[Access]:
    """What access keys were last used for, which other services have verified here too."""
    if not users:
        return
    keys = AccessKey.objects.filter(last_used_at__gte=now() - TRACKED).exclude(last_used_service="")
    mine = Q(user__in=[row.pk for row in users.values()]) if len(users) <= MOST_NAMED else Q(user__account=account_id)
    fields = ("last_used_service", "user__unique_id", "last_used_at", "last_used_region")
    for service, unique_id, time, region in keys.filter(mine).values_list(*fields):
        if unique_id in users and time is not None:
            yield Access(service, "", users[unique_id], time, region)
