"""Writing the record: an Event in CloudTrail's shape, linked to the one before it by hash."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from operations import clock, presumption, reasons, stamps
from operations.caller import Caller
from operations.ids import uuid
from operations.models import Ledger

EVENT_VERSION = "1.11"
MOST_INDEXED = 1_000  # bytes; an ARN of AWS IAM has at most 700


@dataclass
class Draft:
    """What is known about one call before it is recorded. Parameters and answers must already be free of secrets."""

    name: str
    caller: Caller
    source: str = "iam.amazonaws.com"
    read_only: bool = False
    request: Mapping[str, Any] | None = None
    response: Mapping[str, Any] | None = None
    resources: list[Mapping[str, Any]] = field(default_factory=list)
    decision: Mapping[str, Any] | None = None
    before: Any = None
    after: Any = None
    additional: Mapping[str, Any] | None = None
    error_code: str = ""
    error_message: str = ""
    event_type: str = "AwsApiCall"
    identity: Mapping[str, Any] | None = None
    event_id: str = field(default_factory=uuid)

    @property
    def notes(self) -> dict[str, Any]:
        """CloudTrail's `additionalEventData`: what the operation noted, and why the caller makes the change."""
        return {**reasons.recorded(self.caller.reason), **(self.additional or {})}

    def as_record(self, time: datetime) -> dict[str, Any]:
        """The CloudTrail record (aws-cloudtrail «record contents»), with the decision and the change beside AWS's fields."""
        record: dict[str, Any] = {
            "eventVersion": EVENT_VERSION,
            "userIdentity": self.identity if self.identity is not None else self.caller.identity,
            "eventTime": clock.text(time),
            "eventSource": self.source,
            "eventName": self.name,
            "awsRegion": settings.REGION,
            "sourceIPAddress": self.caller.source_ip,
            "userAgent": self.caller.user_agent[:1024],
            "requestParameters": self.request or None,
            "responseElements": None if self.read_only else self.response,
            "requestID": self.caller.request_id,
            "eventID": self.event_id,
            "readOnly": self.read_only,
            "eventType": self.event_type,
            "managementEvent": True,
            "recipientAccountId": self.caller.account_id,
            "eventCategory": "Management",
        }
        optional = {
            "errorCode": self.error_code,
            "errorMessage": self.error_message,
            "additionalEventData": self.notes,
            "resources": self.resources,
            "decision": self.decision,
            "before": self.before,
            "after": self.after,
        }
        record.update({key: value for key, value in optional.items() if value})
        return record


def append(draft: Draft, *, changed: bool = False) -> str:
    """Add one Event to the account's record, in the caller's transaction or in one of its own; the id of the Event.

    `changed` moves the account's policy stamp. Within a transaction the account's ledger row is locked, so the chain has no fork.
    """
    return append_all([draft], changed=changed)[0]


def append_all(drafts: Sequence[Draft], *, changed: bool = False) -> list[str]:
    """Add several Events of one account at once, in their order."""
    add([entry(draft) for draft in drafts], changed=changed)
    return [draft.event_id for draft in drafts]


class Entry(NamedTuple):
    """An Event before it has its place in the chain: the columns to search by, in the table's order, and the text that is hashed."""

    account_id: str
    event_id: str
    time: datetime
    name: str
    source: str
    read_only: bool
    outcome: str
    error_code: str
    principal_arn: str
    principal_id: str
    user_name: str
    access_key_id: str
    source_ip: str
    request_id: str
    resource: str
    reason: str | None
    text: str


def entry(draft: Draft) -> Entry:
    """What is recorded of a call that ends now. Raises Outdated where the caller was presumed, and does not hold any more."""
    presumption.confirm()
    caller, moment = draft.caller, clock.now()
    return Entry(
        caller.account_id,
        draft.event_id,
        moment,
        draft.name,
        draft.source,
        draft.read_only,
        (draft.decision or {}).get("outcome", ""),
        draft.error_code,
        _indexed(str(caller.arn)),
        str(caller.identity.get("principalId", ""))[:256],
        str((draft.identity or caller.identity).get("userName") or "")[:128],
        caller.access_key_id or "",
        caller.source_ip[:64],
        caller.request_id[:64],
        _indexed(str(draft.resources[0]["ARN"])) if draft.resources else "",
        _indexed(str(draft.notes.get("reason", ""))) or None,
        canonical(draft.as_record(moment)),
    )


def _indexed(text: str) -> str:
    """The text as far as an index takes it (PostgreSQL, «B-Tree»: a third of a page); the record itself has the whole."""
    return (
        text
        if len(text) <= MOST_INDEXED // 4
        else text.encode("utf-8", "replace")[:MOST_INDEXED].decode("utf-8", "ignore")
    )


Follower = Callable[[Sequence[Entry]], None]
_followers: list[Follower] = []


def follow(follower: Follower) -> Follower:
    """Have whatever comes into a record told, in the transaction in which it does: entries of one account, at least one. A decorator."""
    _followers.append(follower)
    return follower


def add(entries: Sequence[Entry], *, changed: bool = False) -> None:
    """Chain entries of one account to its record, in the caller's transaction or in one of its own.

    Every call of every door comes by here, hence plain SQL: building these three statements costs more than running them. Whoever has begun
    a transaction for a change wants it with its record or not at all, so within one no savepoint is made.
    """
    account_id = entries[0].account_id
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        sequence, head = lock(account_id)
        lines = []
        for one in entries:
            sequence += 1
            previous, head = head, link(head, account_id, sequence, one.text)
            moment = connection.ops.adapt_datetimefield_value(one.time)
            lines.append([sequence, previous, head, one.account_id, one.event_id, moment, *one[3:]])
        if len(lines) == 1:
            cursor.execute(_INSERT, lines[0])
        elif connection.vendor == "postgresql":
            _copy(cursor, lines)
        else:
            cursor.executemany(_INSERT, lines)
        cursor.execute(_ADVANCE, [sequence, head, int(changed), account_id])
        for follower in _followers:
            follower(entries)


def _copy(cursor: Any, lines: Sequence[Sequence[Any]]) -> None:
    """Many rows in one statement of PostgreSQL's: half of what one statement for each takes it. Raises Django's database errors."""
    with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
        for line in lines:
            copy.write_row(line)


_COLUMNS = ", ".join(["sequence", "previous_hash", "hash", *Entry._fields[:-1], "record"])
_INSERT = f"INSERT INTO operations_event ({_COLUMNS}) VALUES ({', '.join(['%s'] * 20)})"  # noqa: S608 - fixed names
_COPY = f"COPY operations_event ({_COLUMNS}) FROM STDIN"
_ADVANCE = "UPDATE operations_ledger SET sequence = %s, head = %s, stamp = stamp + %s WHERE account_id = %s"


def lock(account_id: str) -> tuple[int, str]:
    """Hold the account's ledger row until the transaction ends; the sequence and hash of its last Event."""
    hold = (
        " FOR UPDATE" if connection.features.has_select_for_update else ""
    )  # SQLite's transaction holds the whole file
    stamps.forget()
    with connection.cursor() as cursor:
        for _ in range(2):
            cursor.execute(f"SELECT sequence, head FROM operations_ledger WHERE account_id = %s{hold}", [account_id])  # noqa: S608
            row = cursor.fetchone()
            if row is not None:
                return row[0], row[1]
            Ledger.objects.bulk_create([Ledger(pk=account_id)], ignore_conflicts=True)
    raise RuntimeError(f"the ledger of account {account_id} cannot be made")


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def canonical(record: Mapping[str, Any]) -> str:
    """One spelling for one record: sorted keys, no blanks. This text is stored, hashed and exported.

    Half a character (a lone surrogate, as JSON can name it) cannot be stored and stands as a question mark: nothing goes unrecorded for it.
    """
    text = _CANONICAL.encode(record)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def link(previous: str, account_id: str, sequence: int, text: str) -> str:
    """The hash of an Event: over the hash before it, its place and its whole text."""
    return hashlib.sha256(f"{previous}\n{account_id}\n{sequence}\n{text}".encode()).hexdigest()
