"""Reading the record: the trail's rows and one Event with what it says."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet

from audit.earlier_names import about_entity
from audit.endings import with_sign_ins
from operations import journal
from operations.caller import Caller
from operations.gate import authorise_read
from operations.models import Event, Ledger


def trail(account_id: str) -> "QuerySet[Event]":
    """The account's Events without their long record text, for lists; complete up to this moment."""
    journal.settle()
    return with_sign_ins(Event.objects.filter(account_id=account_id))


def length_of(account_id: str) -> int:
    """How many Events the account's record has: they are numbered, and none is ever taken out."""
    return Ledger.objects.filter(pk=account_id).values_list("sequence", flat=True).first() or 0


def find_event(account_id: str, event_id: str) -> Event | None:
    rows = Event.objects.filter(account_id=account_id, event_id=event_id)
    found = rows.first()
    return found if found or not journal.settle() else rows.first()


def last_change(caller: Caller, arn: str) -> Event | None:
    """The newest Event that changed an entity of the Caller's account, under whatever name; None when there is none, or the Caller may not
    read the trail.
    """
    return _newest(caller, about_entity(caller.account_id, arn), read_only=False)


def last_call(caller: Caller, names: Sequence[str]) -> Event | None:
    """The newest Event of these names, of what the account has once; None when there is none, or the Caller may not read the trail."""
    return _newest(caller, name__in=names)


def _newest(caller: Caller, *about: Q, **given: object) -> Event | None:
    action = "cloudtrail:LookupEvents"
    if not caller.may(action):
        return None
    authorise_read(caller, action, "*")
    made = Event.objects.filter(*about, account_id=caller.account_id, error_code="", **given)
    return made.defer("record").order_by("-time", "-id").first()


@dataclass(frozen=True)
class Related:
    """Other Events of a request: the first of them, and how many there are."""

    events: Sequence[Event] = ()
    count: int = 0


def related(event: Event, limit: int = 20) -> Related:
    """Other Events of the same request: a page or a batch often makes several calls."""
    if not event.request_id:
        return Related()
    rows = trail(event.account_id).filter(request_id=event.request_id).exclude(pk=event.pk)
    return Related(list(rows.order_by("sequence")[:limit]), rows.count())


def simulation_query(event: Event, decision: Mapping[str, Any]) -> str:
    """The simulator's address for the question that an Event's decision answered, after the question mark; empty without one."""
    if not decision or ":" not in event.principal_arn:
        return ""
    given = decision.get("context", {}).items()
    pairs = [(key, text) for key, value in given for text in ([value] if isinstance(value, str) else value)]
    context = [field for key, text in pairs for field in (("key", key), ("value", text))]
    asked = [(name, decision[name]) for name in ("action", "resource")]
    return urlencode([("principal", event.principal_arn), *asked, *context])


def record_of(event: Event) -> dict[str, Any]:
    """The whole CloudTrail record."""
    found: dict[str, Any] = json.loads(event.record)
    return found
