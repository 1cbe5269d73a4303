"""Writing the record: an Event in CloudTrail's shape, linked to the one before it by hash."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from operations import clock
from operations.caller import Caller
from operations.models import Event, Ledger

EVENT_VERSION = "1.11"


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

    def as_record(self, event_id: str, time: datetime) -> dict[str, Any]:
        """The CloudTrail record (aws-cloudtrail «record contents»), with the decision and the change beside AWS's fields."""
        record: dict[str, Any] = {
            "eventVersion": EVENT_VERSION,
            "userIdentity": self.identity if self.identity is not None else self.caller.identity,
            "eventTime": time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": self.source,
            "eventName": self.name,
            "awsRegion": settings.REGION,
            "sourceIPAddress": self.caller.source_ip,
            "userAgent": self.caller.user_agent[:1024],
            "requestParameters": self.request or None,
            "responseElements": None if self.read_only else self.response,
            "requestID": self.caller.request_id,
            "eventID": event_id,
            "readOnly": self.read_only,
            "eventType": self.event_type,
            "managementEvent": True,
            "recipientAccountId": self.caller.account_id,
            "eventCategory": "Management",
        }
        optional = {
            "errorCode": self.error_code,
            "errorMessage": self.error_message,
            "additionalEventData": self.additional,
            "resources": self.resources,
            "decision": self.decision,
            "before": self.before,
            "after": self.after,
        }
        record.update({key: value for key, value in optional.items() if value})
        return record


def append(draft: Draft, *, changed: bool = False) -> Event:
    """Add one Event to the account's record, in the caller's transaction or in one of its own.

    `changed` moves the account's policy stamp. Within a transaction the account's ledger row is locked, so the chain has no fork.
    """
    with transaction.atomic():
        ledger = lock(draft.caller.account_id)
        now = clock.now()
        event_id = str(uuid4())
        text = canonical(draft.as_record(event_id, now))
        ledger.sequence += 1
        event = Event(
            account_id=ledger.account_id,
            sequence=ledger.sequence,
            event_id=event_id,
            time=now,
            name=draft.name,
            source=draft.source,
            read_only=draft.read_only,
            outcome=(draft.decision or {}).get("outcome", ""),
            error_code=draft.error_code,
            principal_arn=str(draft.caller.arn),
            principal_id=str(draft.caller.identity.get("principalId", "")),
            user_name=str((draft.identity or draft.caller.identity).get("userName") or ""),
            access_key_id=draft.caller.access_key_id or "",
            source_ip=draft.caller.source_ip,
            request_id=draft.caller.request_id,
            resource=str(draft.resources[0]["ARN"])[:2048] if draft.resources else "",
            record=text,
            previous_hash=ledger.head,
            hash=link(ledger.head, ledger.account_id, ledger.sequence, text),
        )
        event.save(force_insert=True)
        ledger.head = event.hash
        ledger.stamp += changed
        ledger.save(force_update=True)
    return event


def lock(account_id: str) -> Ledger:
    """The account's ledger row, held until the transaction ends. Must be called within one."""
    rows = Ledger.objects.select_for_update()
    try:
        return rows.get(pk=account_id)
    except Ledger.DoesNotExist:
        Ledger.objects.bulk_create([Ledger(pk=account_id)], ignore_conflicts=True)
        return rows.get(pk=account_id)


def stamp(*account_ids: str) -> tuple[int, ...]:
    """The policy stamps of accounts, in one query; 0 for an account without a record."""
    found = dict(Ledger.objects.filter(pk__in=account_ids).values_list("pk", "stamp"))
    return tuple(found.get(account_id, 0) for account_id in account_ids)


def canonical(record: Mapping[str, Any]) -> str:
    """One spelling for one record: sorted keys, no blanks. This text is stored, hashed and exported."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def link(previous: str, account_id: str, sequence: int, text: str) -> str:
    """The hash of an Event: over the hash before it, its place and its whole text."""
    return hashlib.sha256(f"{previous}\n{account_id}\n{sequence}\n{text}".encode()).hexdigest()
