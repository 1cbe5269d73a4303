"""The record: one Event per call, append-only and chained by hash within its account."""

from collections.abc import Iterable
from typing import Any, NoReturn

from django.db import models

from operations import lookups  # noqa: F401 - known to every query from now on


class Ledger(models.Model):
    """The head of an account's record, and the lock under which the account changes.

    Every write holds this row for the length of its transaction, so that two callers at once end as one of the two serial
    orders. `stamp` moves with every write: a process that holds prepared policies compares it and drops what is stale.
    """

    account_id = models.CharField(max_length=12, primary_key=True)
    sequence = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default="0" * 64)
    stamp = models.BigIntegerField(default=0)


class AppendOnly(Exception):
    """An Event was to be changed or deleted."""


class EventQuerySet(models.QuerySet["Event"]):
    """Refuses what would alter the record; the database's triggers refuse it again for whoever comes by SQL."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("an event cannot be changed")

    def delete(self) -> NoReturn:
        raise AppendOnly("an event cannot be deleted")

    def bulk_update(self, objs: Any, fields: Iterable[str], batch_size: int | None = None) -> NoReturn:
        raise AppendOnly("an event cannot be changed")


class Event(models.Model):
    """One call, allowed, denied or failed, shaped like a CloudTrail record.

    `record` is the whole record as canonical JSON, which the hash covers; the columns beside it are copies to search by.
    """

    account_id = models.CharField(max_length=12)
    sequence = models.BigIntegerField()
    event_id = models.CharField(max_length=36, unique=True)
    time = models.DateTimeField()
    name = models.CharField(max_length=128)
    source = models.CharField(max_length=128)
    read_only = models.BooleanField()
    outcome = models.CharField(
        max_length=16, blank=True
    )  # allowed, explicitDeny, implicitDeny; empty where nothing was asked
    error_code = models.CharField(max_length=128, blank=True)
    principal_arn = models.CharField(max_length=2048, blank=True)
    principal_id = models.CharField(max_length=256, blank=True)
    user_name = models.CharField(max_length=128, blank=True)
    access_key_id = models.CharField(max_length=128, blank=True)
    source_ip = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    resource = models.CharField(max_length=2048, blank=True)
    # Of few Events, hence missing rather than empty: a table of millions takes a column more without being written anew.
    reason = models.CharField(max_length=1000, null=True)  # noqa: DJ001
    record = models.TextField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "sequence"], name="event_sequence_unique")]
        # Each leads on to the time: what one of them finds stands in the order in which the trail is read.
        indexes = [
            models.Index(fields=["account_id", "time", "id"], name="event_time"),
            models.Index(fields=["account_id", "name", "time", "id"], name="event_name"),
            models.Index(fields=["account_id", "principal_arn", "time", "id"], name="event_principal"),
            models.Index(fields=["account_id", "principal_id", "time", "id"], name="event_principal_id"),
            models.Index(fields=["account_id", "user_name", "time", "id"], name="event_user"),
            models.Index(fields=["account_id", "error_code", "time", "id"], name="event_error"),
            models.Index(fields=["account_id", "access_key_id", "time", "id"], name="event_key"),
            models.Index(fields=["account_id", "resource", "time", "id"], name="event_resource"),
            models.Index(fields=["account_id", "request_id"], name="event_request"),
            models.Index(
                fields=["account_id", "reason", "time", "id"],
                name="event_reason",
                condition=models.Q(reason__isnull=False),
            ),
            # The order of outcomes: most Events have no error, and the last page of these is found as soon as the first.
            models.Index(fields=["account_id", "error_code", "id"], name="event_error_id"),
            # Answers alone when somebody last did what: the rows with their long records stay unread.
            models.Index(fields=["account_id", "principal_id", "source", "name", "time"], name="event_use"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("an event cannot be changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("an event cannot be deleted")


class EventTerm(models.Model):
    """A value that stands in a column of the account's Events, once: some thousands stand for a million Events.

    Who looks for a part of a name looks it up here first, and then finds the Events of the whole names along the record's indexes. The
    database keeps them by a trigger. `field` is the column, `folded` the value in lower case.
    """

    account_id = models.CharField(max_length=12)
    field = models.CharField(max_length=16)
    value = models.CharField(max_length=2048)
    folded = models.CharField(max_length=2048)

    class Meta:
        # The folded value follows from the value; with it in the index, that alone answers a search.
        constraints = [
            models.UniqueConstraint(fields=["account_id", "field", "folded", "value"], name="event_term_unique")
        ]
