"""When services were last accessed, as far as this installation knows: by its own record, and by the keys that others verified here.

Attempts count, allowed or denied (IAM User Guide, «Refine permissions using last accessed information»).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db.models import Max, Q, QuerySet

from accounts.models import AccessKey, Role, User
from engine import Policy, catalog
from engine.summary import summarise
from governance.subjects import Held
from operations import journal
from operations.clock import now
from operations.ids import sts_arn
from operations.models import Event

TRACKED = timedelta(days=400)


@dataclass(frozen=True)
class Access:
    """One principal's newest attempt on one service, or on one of its actions."""

    service: str
    action: str
    arn: str
    time: datetime
    region: str


def services_of(policies: Iterable[Held]) -> list[str]:
    """The services of which any action is allowed, by prefix."""
    return sorted({service for held in policies for service in allowed_services(held.policy)})


@lru_cache(maxsize=2000)
def allowed_services(policy: Policy) -> frozenset[str]:
    """The prefixes of the services that a policy allows something of."""
    return frozenset(service.prefix for service in summarise(policy).allow)


def service_name(prefix: str) -> str:
    """What AWS calls a service; the prefix itself for one that is not AWS's."""
    return catalog.service(prefix).name if catalog.service_exists(prefix) else prefix


def accesses(account_id: str, principals: Sequence[User | Role]) -> list[Access]:
    """The newest attempts of some principals, by service and action, in a fixed number of queries."""
    users = {row.arn: row for row in principals if isinstance(row, User)}
    roles = {_session_prefix(row): row for row in principals if isinstance(row, Role)}
    found = [*_of_users(account_id, users), *_of_roles(account_id, roles)]
    keys = AccessKey.objects.filter(user__in=list(users.values())).exclude(last_used_at=None).select_related("user")
    return found + [
        Access(key.last_used_service, "", key.user.arn, key.last_used_at, key.last_used_region)
        for key in keys
        if key.last_used_at and key.last_used_service
    ]


def newest(found: Iterable[Access]) -> Mapping[str, Access]:
    """The newest attempt on each service."""
    best: dict[str, Access] = {}
    for access in found:
        known = best.get(access.service)
        if known is None or access.time > known.time:
            best[access.service] = access
    return best


def _events(account_id: str) -> "QuerySet[Event]":
    journal.settle()
    return Event.objects.filter(account_id=account_id, time__gte=now() - TRACKED)


def _of_users(account_id: str, users: Mapping[str, User]) -> list[Access]:
    if not users:
        return []
    rows = _events(account_id).filter(principal_arn__in=list(users)).values_list("source", "name", "principal_arn")
    return [
        Access(_prefix(source), name, arn, time, settings.REGION)
        for source, name, arn, time in rows.annotate(Max("time"))
    ]


def _of_roles(account_id: str, roles: Mapping[str, Role]) -> list[Access]:
    if not roles:
        return []
    mine = Q()
    for prefix in roles:
        mine |= Q(principal_arn__gte=prefix, principal_arn__lt=prefix[:-1] + "0")  # "0" follows "/"
    rows = _events(account_id).filter(mine).values_list("source", "name", "principal_arn")
    return [
        Access(_prefix(source), name, roles[arn.rsplit("/", 1)[0] + "/"].arn, time, settings.REGION)
        for source, name, arn, time in rows.annotate(Max("time"))
    ]


def _session_prefix(role: Role) -> str:
    return sts_arn(role.account_id, f"assumed-role/{role.name}/")


def _prefix(source: str) -> str:
    return source.partition(".")[0]
