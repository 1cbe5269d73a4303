"""When a statement of a managed policy last allowed or denied something, kept beside the account's use of it.

Two ways tell of it: every call that comes into the record names the policies that decided it, and so does every question that another
service asks (GetAccessDecisions, GetRequestSigner), of which the record keeps the numbers alone. Each policy is written once an hour and
process at most: for whether it is in use that is fine enough, and no call waits for more.
"""

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from django.db import DatabaseError, transaction
from django.db.models import F, FilteredRelation, Q, Subquery
from django.db.models.functions import Coalesce, Now

from engine import Policies
from operations import record
from operations.models import Event
from operations.record import Entry
from policies.models import AWS, ManagedPolicy, PolicyUsage

EVERY: Final = timedelta(hours=1)
MOST_KEPT: Final = 50_000
KINDS: Final = (
    "aws-managed",
    "user-managed",
    "boundary",
    "session",
)  # of policies in a decision that may be managed ones
# In the text of a record: where its decision begins, and within that the list of what decided. What callers name themselves (a context
# key "matched", say) holds texts, no objects.
DECISION: Final = '"decision":{"action":"'
HEAD: Final = '"matched":[{'
_READER = json.JSONDecoder()

Decider = tuple[str, str]  # the kind and the name of a policy, as a decision names it
_kept: "OrderedDict[tuple[str, str, str], datetime]" = OrderedDict()  # by account and decider
_lock = Lock()


@record.follow
def of_entries(entries: Sequence[Entry]) -> None:
    """Note who decided the calls of an account that come into its record, in the transaction in which they do."""
    account_id = entries[0].account_id
    due: dict[Decider, datetime] = {}
    for entry in entries:
        due |= {found: entry.time for found in deciders_in(entry.text) if _is_due(account_id, found, entry.time)}
    if due:
        _write(account_id, due)


def of_decisions(account_id: str, deciders: Iterable[Decider], moment: datetime) -> None:
    """Note who decided what another service has asked about principals of an account.

    What cannot be written is no reason to leave the question without an answer: the next one writes it.
    """
    due = {each: moment for each in deciders if each[0] in KINDS and _is_due(account_id, each, moment)}
    if not due:
        return
    with suppress(DatabaseError), transaction.atomic():
        record.lock(account_id)  # as every change does, which moves other columns of the same rows
        _write(account_id, due)


def is_worth_asking(account_id: str, policies: Policies, moment: datetime) -> bool:
    """Whether it is to be written soon that one of somebody's policies decided: else nobody needs to find out which did."""
    own = (*policies.identity, *policies.boundaries, *policies.session)
    return any(each.kind in KINDS and _is_due(account_id, (each.kind, each.name), moment) for each in own)


def known_since(account_id: str) -> Coalesce:
    """Since when the last use of an account's policies is known, for an annotation: its record begins then."""
    times = Event.objects.filter(account_id=account_id).order_by("time", "id").values("time")[:1]
    return Coalesce(Subquery(times), Now())


def deciders_in(text: str) -> Iterator[Decider]:
    """The policies that decided, from the text of a record.

    That text is canonical, and a quotation mark within a string is escaped: the list stands where its head is found.
    """
    decision = text.find(DECISION)
    start = text.find(HEAD, decision) if decision >= 0 else -1
    if start < 0:
        return
    for match in _READER.raw_decode(text, start + HEAD.index("["))[0]:
        if match["kind"] in KINDS:
            yield match["kind"], match["policy"]


def forget_all() -> None:
    """Drop what this process remembers: for tests."""
    with _lock:
        _kept.clear()


def _is_due(account_id: str, decider: Decider, moment: datetime) -> bool:
    last = _kept.get((account_id, *decider))
    return last is None or moment - last >= EVERY


def _write(account_id: str, due: dict[Decider, datetime]) -> None:
    """Two queries, whatever the number. A policy that is gone, or came after the decision, is not the one that decided."""
    names = {name.lower() for _kind, name in due}
    here = FilteredRelation("usage", condition=Q(usage__account_id=account_id))
    rows = ManagedPolicy.objects.filter(account_id__in=[account_id, AWS], name_key__in=names).order_by("pk")
    found = rows.annotate(here=here, known=F("here__last_decided_at")).values_list(
        "pk", "account_id", "name", "created_at", "known"
    )
    moved = []
    for pk, owner, name, created, known in found:
        kinds = ("aws-managed" if owner == AWS else "user-managed", "boundary", "session")
        last = max((due[kind, name] for kind in kinds if (kind, name) in due), default=None)
        if last is not None and last >= max(created, known or created):
            moved.append(PolicyUsage(policy_id=pk, account_id=account_id, last_decided_at=last))
    PolicyUsage.objects.bulk_create(
        moved,
        update_conflicts=True,
        unique_fields=["policy", "account_id"],
        update_fields=["last_decided_at"],
    )
    transaction.on_commit(lambda: _keep(account_id, due))


def _keep(account_id: str, due: dict[Decider, datetime]) -> None:
    with _lock:
        for each, moment in due.items():
            _kept[account_id, *each] = moment
            _kept.move_to_end((account_id, *each))
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
