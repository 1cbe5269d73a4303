"""The Events that changed one user, group or role, under whatever name, with the memberships of a user."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from audit.earlier_names import DELETIONS, RENAMES, Name, names_of
from operations.caller import Caller
from operations.gate import authorise_read
from operations.models import Event

LOOK_UP = "cloudtrail:LookupEvents"
IAM = "iam.amazonaws.com"
MEMBERSHIPS = ("AddUserToGroup", "RemoveUserFromGroup")  # are about the group, and name the user


def history_of(caller: Caller, row: Any) -> "QuerySet[Event]":
    """What changed a user, group or role or was to, also what was refused, with the records; for who may read the trail.

    At most two queries before the rows are read, and recorded as reading the trail is. Changes are recorded at once, so that no reads
    that wait in the journal need to be written first. Raises AccessDenied.
    """
    authorise_read(caller, LOOK_UP, "*")
    return _changes_of(row, names_of(row.account_id, row.arn))


def one_of(caller: Caller, row: Any, event_id: str) -> tuple[Event | None, "QuerySet[Event]"]:
    """One change of that history, or None for what is not in it, and the changes that came after it, for who may read the trail.

    One query, and two more where the name was another one or somebody else's since. Recorded as reading the trail is. Raises AccessDenied.
    """
    authorise_read(caller, LOOK_UP, "*")
    moved = Exists(given_up([row.arn]).filter(time__gte=OuterRef("time")).exclude(pk=OuterRef("pk")))
    event = _changes(row).filter(event_id=event_id).annotate(moved=moved).first()
    if event is None:
        return None, Event.objects.none()
    names = [Name(row.arn, event.time, None)]
    if event.moved or row.created_at > event.time or not _is_about(row, names, event):
        names = names_of(row.account_id, row.arn)
    if not _is_about(row, names, event):
        return None, Event.objects.none()
    return event, _changes_of(row, names).filter(sequence__gt=event.sequence)


def given_up(arns: Collection[str]) -> "QuerySet[Event]":
    """By what some ARNs ceased to be those of whom they were: deletions, and renames of users and groups."""
    accounts = {arn.split(":")[4] for arn in arns}
    names = (*RENAMES, *DELETIONS)
    return Event.objects.filter(account_id__in=accounts, error_code="", name__in=names, resource__in=arns).order_by()


def _changes(row: Any) -> "QuerySet[Event]":
    return Event.objects.filter(account_id=row.account_id, source=IAM, read_only=False).order_by()


def _changes_of(row: Any, names: Sequence[Name]) -> "QuerySet[Event]":
    changes = _changes(row)
    about = changes.filter(_any(name.condition() for name in names)).values("pk")
    if isinstance(row, User):
        # A question of its own: these are found by what they are called, and only then read for whom they are about.
        joined = changes.filter(_any(map(_membership, names)), name__in=MEMBERSHIPS).values("pk")
        about = about.union(joined, all=True)
    return Event.objects.filter(pk__in=about)


def _is_about(row: Any, names: Sequence[Name], event: Event) -> bool:
    """Whether a change is about a row that had these names: the same as `_changes_of` asks of many."""
    borne = [name for name in names if name.bore_at(event.time)]
    if any(name.arn == event.resource for name in borne):
        return True
    is_membership = isinstance(row, User) and event.name in MEMBERSHIPS
    return is_membership and any(_named(name).lower() in event.record.lower() for name in borne)


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
    """Calls that name a user."""
    found = Q(record__icontains=_named(name))
    if name.since is not None:
        found &= Q(time__gte=name.since)
    return found & Q(time__lte=name.until) if name.until is not None else found


def _named(name: Name) -> str:
    """How the record of a membership names a user: it has one spelling (operations.record.canonical), a quote within a text is escaped."""
    return f',"userName":"{name.arn.rpartition("/")[2]}"}},"resources":['
