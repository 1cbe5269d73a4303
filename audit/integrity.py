"""Proof that the record is whole: every Event is where it was written, as it was written, and none is missing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.dateparse import parse_datetime

from operations.models import Event, Ledger
from operations.record import link

BATCH = 2000


@dataclass(frozen=True)
class Fault:
    """One place where an account's chain does not hold."""

    account_id: str
    sequence: int
    what: str

    def __str__(self) -> str:
        return f"account {self.account_id}, event {self.sequence}: {self.what}"


def verify(account_id: str) -> Iterator[Fault]:
    """Walk the account's chain from its first Event to its head and name every fault.

    Reads in batches, so a million Events need no more memory than a thousand. A fault does not end the walk: it goes on from the hash
    that is stored, so that one altered Event is named once and not with all that follow it.
    """
    previous, expected = "0" * 64, 1
    for event in _events(account_id):
        while expected < event.sequence:
            yield Fault(account_id, expected, "is missing")
            expected += 1
        if event.previous_hash != previous:
            yield Fault(account_id, event.sequence, "does not follow the event before it")
        if event.hash != link(event.previous_hash, event.account_id, event.sequence, event.record):
            yield Fault(account_id, event.sequence, "was changed after it was written")
        elif column := _differing_column(event):
            yield Fault(account_id, event.sequence, f"has a {column} column that differs from its record")
        previous, expected = event.hash, event.sequence + 1
    ledger = Ledger.objects.filter(pk=account_id).first()
    if ledger and (ledger.sequence, ledger.head) != (expected - 1, previous):
        yield Fault(account_id, ledger.sequence, "is not the end of the chain that the ledger names")


def _events(account_id: str) -> Iterator[Event]:
    last = 0
    while True:
        batch = list(Event.objects.filter(account_id=account_id, sequence__gt=last).order_by("sequence")[:BATCH])
        yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1].sequence


def _differing_column(event: Event) -> str:
    """The first search column that does not say what the record says; a search must not be misled either."""
    record = json.loads(event.record)
    recorded_time = parse_datetime(record["eventTime"])
    copies = {
        "event_id": record["eventID"],
        "name": record["eventName"],
        "source": record["eventSource"],
        "read_only": record["readOnly"],
        "error_code": record.get("errorCode", ""),
        "source_ip": record["sourceIPAddress"],
        "outcome": (record.get("decision") or {}).get("outcome", ""),
        "request_id": record["requestID"],
        "time": recorded_time,
    }
    for column, value in copies.items():
        stored = getattr(event, column)
        if column == "time":
            stored = stored.replace(microsecond=0)
        if stored != value:
            return column
    return ""
