"""When each statement of a policy decided last, as the record's decisions name them.

The record names a deciding statement by its policy and its place. Counted is what was decided since the version in force was saved, where
the statement at that place still has that effect and covers that action. What the record keeps no statement for is not said to be unused.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any, Final

from access.replay.calls import WINDOW, Call, calls
from access.replay.concerned import concerned
from engine import PolicySyntaxError
from engine.compiled import CompiledPolicy, CompiledStatement, compiled
from operations.caller import Caller
from operations.clock import now
from operations.gate import authorise_read
from policies.documents import read_document
from policies.statement_use import StatementUse, Uses, register_uses

KINDS: Final = {True: "aws-managed", False: "user-managed"}  # as a decision names the kinds of managed policies
# What allowed calls ask for besides their own action: the record does not keep what allowed it.
BESIDES: Final = ("iam:passrole", "sts:tagsession", "sts:setsourceidentity")


@register_uses
def uses(caller: Caller, policy: Any) -> Uses | None:
    """The answer for who may read the trail. None where the document cannot be read. Raises AccessDenied.

    Four queries besides recording that it was read, whatever the policy, the number of principals and the length of the record.
    """
    try:
        document = compiled(read_document(policy.document))
    except PolicySyntaxError:
        return None
    authorise_read(caller, "cloudtrail:LookupEvents", "*")
    saved = policy.versions.filter(number=policy.default_version).values_list("created_at", flat=True).first()
    since = max(now() - WINDOW, saved) if saved else now() - WINDOW
    whom = concerned(policy, caller.account_id)
    covered = cache(lambda action: bool(document.concerning(action)))
    looked = calls(caller.account_id, whom.principals, since, lambda action: covered(action.lower()))
    last: dict[int, datetime] = {}
    for call in looked.calls:  # newest first
        for place in _deciding(call, policy, document):
            last.setdefault(place, call.event.time)
    return Uses(
        since=since,
        number=looked.number,
        principals=looked.principals,
        looked_at=len(whom.principals),
        total=whom.total,
        cut=looked.cut,
        share=looked.share,
        of={
            each.statement.index: _use(each, last, document, is_told=bool(looked.number) and not policy.boundary_count)
            for each in document.statements
        },
    )


def _deciding(call: Call, policy: Any, document: CompiledPolicy) -> Iterator[int]:
    """The places of the policy's statements that decided a call, and still say what they said then."""
    effects = {each.statement.index: each.statement.effect for each in document.concerning(call.action.lower())}
    for match in call.decision.get("matched", ()):
        place = match.get("statement")
        ours = match.get("policy") == policy.name and match.get("kind") == KINDS[policy.is_aws_managed]
        if ours and effects.get(place) == match.get("effect"):
            yield place


def _use(
    each: CompiledStatement, last: dict[int, datetime], document: CompiledPolicy, *, is_told: bool
) -> StatementUse:
    """`is_told`: calls were looked at, and the record keeps what allowed them."""
    place = each.statement.index
    besides = any(each in document.concerning(action) for action in BESIDES)
    return StatementUse(each.allows, last.get(place), is_known=place in last or (is_told and not besides))
