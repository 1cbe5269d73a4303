"""The Events that changed one user, group or role, under whatever name, with the memberships of a user."""

import json
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from audit.earlier_names import Name, names_of
from operations import journal
from operations.caller import Caller
from operations.gate import authorise_read
from operations.models import Event

LOOK_UP = "cloudtrail:LookupEvents"
IAM = "iam.amazonaws.com"
MEMBERSHIPS = ("AddUserToGroup", "RemoveUserFromGroup")  # are about the group, and name the user


def history_of(caller: Caller, row: Any) -> "QuerySet[Event]":
    """What changed a user, group or role or was to, also what was refused, with the records; for who may read the trail.

    At most two queries before the rows are read, and recorded as reading the trail is. Raises AccessDenied.
    """
    authorise_read(caller, LOOK_UP, "*")
    journal.settle()
    changes = Event.objects.filter(account_id=row.account_id, source=IAM, read_only=False).order_by()
    names = names_of(row.account_id, row.arn)
    about = changes.filter(_any(name.condition() for name in names)).values("pk")
    if isinstance(row, User):
        # A question of its own: these are found by what they are called, and only then read for whom they are about.
        joined = changes.filter(_any(map(_membership, names)), name__in=MEMBERSHIPS).values("pk")
        about = about.union(joined, all=True)
    return Event.objects.filter(pk__in=about)


def record_of(event: Event) -> dict[str, Any]:
    """The record of an Event, read once."""
    if not hasattr(event, "read_record"):
        event.read_record = json.loads(event.record)  # type: ignore[attr-defined]
    found: dict[str, Any] = event.read_record  # type: ignore[attr-defined]
    return found


def _any(conditions: Any) -> Q:
    found = Q(pk__in=[])
    for condition in conditions:
        found |= condition
    return found


def _membership(name: Name) -> Q:
    """Calls that name a user. The record has one spelling (operations.record.canonical), and a quote within a text is escaped."""
    user_name = name.arn.rpartition("/")[2]
    found = Q(record__icontains=f',"userName":"{user_name}"}},"resources":[')
    if name.since is not None:
        found &= Q(time__gte=name.since)
    return found & Q(time__lte=name.until) if name.until is not None else found
