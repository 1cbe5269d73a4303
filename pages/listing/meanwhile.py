"""What somebody else changed between the review of a bulk action and its doing: one mark of the record's length says when it was reviewed.

So it costs the same for any number of rows, and a review need not carry what each of them had. The mark is encrypted: how much an account
has recorded is not for everybody.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.http import HttpRequest

from operations.clock import now
from operations.models import Event, Ledger
from operations.secrets import decrypt, encrypt

FIELD = "seen"
CLOCKS = timedelta(minutes=5)  # by which those of two machines may differ


def mark(account_id: str) -> tuple[str, str]:
    """The form field that says up to where in the record the reader of a review has seen it. One query."""
    length = Ledger.objects.filter(account_id=account_id).values_list("sequence", flat=True).first() or 0
    return FIELD, encrypt(f"{account_id} {length} {now().isoformat()}")


def changed_since(
    request: HttpRequest, account_id: str, operations: Sequence[str], rows: Sequence[Any]
) -> Collection[str]:
    """The ARNs of those rows that one of some operations has changed since the review; none without a review. One query."""
    try:
        owner, length, moment = decrypt(request.POST.get(FIELD, "")).split(" ")
    except (InvalidToken, ValueError):
        return ()
    since = datetime.fromisoformat(moment) - CLOCKS
    changes = Event.objects.filter(account_id=account_id, resource__in=[row.arn for row in rows], time__gte=since)
    changes = changes.filter(sequence__gt=int(length), name__in=operations, read_only=False, error_code="")
    return set(changes.values_list("resource", flat=True)) if owner == account_id else ()
