"""A trail of any length, filled in bulk: true CloudTrail records, chained by hash as the record chains them."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from bench.population import ACCOUNT, admin_caller
from operations.clock import now
from operations.ids import iam_arn

if TYPE_CHECKING:
    from operations.models import Event

PIECE = 5_000
DENIED, FAILED = 0.05, 0.03  # shares of calls, the rest went well
NAMES = (
    ("GetUser", True), ("ListUsers", True), ("ListRoles", True), ("GetPolicyVersion", True), ("SimulatePrincipalPolicy", True),
    ("CreateUser", False), ("AttachUserPolicy", False), ("CreateAccessKey", False), ("UpdateLoginProfile", False),
)  # fmt: skip
RARE = "DeleteAccountPasswordPolicy"  # one call in ten thousand
ACTORS = 500


def grow_trail(total: int, seed: int = 7) -> None:
    """Bring the account's record to `total` Events: two years of calls by some hundred callers, the newest now."""
    from django.db import transaction

    from operations.models import Event, Ledger
    from operations.record import lock
    from operations.statistics import analyse

    have = Event.objects.filter(account_id=ACCOUNT).count()
    if have >= total:
        return
    dice, present = random.Random(seed), now()
    with transaction.atomic():
        sequence, head = lock(ACCOUNT)
        rows = _rows(total - have, present, sequence, head, dice)
        while piece := list(islice(rows, PIECE)):
            Event.objects.bulk_create(piece)
            Ledger.objects.filter(pk=ACCOUNT).update(sequence=piece[-1].sequence, head=piece[-1].hash)
    analyse()


def _rows(number: int, present: datetime, sequence: int, head: str, dice: random.Random) -> "Iterator[Event]":
    from operations.models import Event
    from operations.record import Draft, canonical, link

    caller = admin_caller()
    step = timedelta(days=730) / max(number, 1)
    for place in range(number):
        sequence += 1
        name, read_only = (RARE, False) if dice.random() < 0.0001 else dice.choice(NAMES)
        chance, who = dice.random(), f"user{dice.randrange(ACTORS):06}"
        error = "AccessDenied" if chance < DENIED else "NoSuchEntity" if chance < DENIED + FAILED else ""
        outcome = "implicitDeny" if error == "AccessDenied" else "allowed"
        arn, resource = iam_arn(ACCOUNT, f"user/{who}"), iam_arn(ACCOUNT, f"user/user{dice.randrange(100_000):06}")
        draft = Draft(
            name,
            replace(caller, request_id=f"{dice.getrandbits(128):032x}"),
            read_only=read_only,
            request={"userName": resource.rpartition("/")[2]},
            resources=[{"ARN": resource, "type": "AWS::IAM::User"}],
            error_code=error,
            decision={"outcome": outcome},
            identity={"type": "IAMUser", "arn": arn, "accountId": ACCOUNT, "userName": who},
        )
        moment = present - step * (number - 1 - place)
        text = canonical(draft.as_record(moment))
        previous, head = head, link(head, ACCOUNT, sequence, text)
        yield Event(
            account_id=ACCOUNT,
            sequence=sequence,
            event_id=draft.event_id,
            time=moment,
            name=name,
            source=draft.source,
            read_only=read_only,
            outcome=outcome,
            error_code=error,
            principal_arn=arn,
            principal_id=str(caller.identity.get("principalId", "")),
            user_name=who,
            access_key_id=caller.access_key_id or "",
            source_ip=caller.source_ip,
            request_id=draft.caller.request_id,
            resource=resource,
            record=text,
            previous_hash=previous,
            hash=head,
        )
