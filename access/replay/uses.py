"""When each statement of a policy decided last, as the record's decisions name them.

The record names a deciding statement by its policy and its place. Counted is what was decided since the version in force was saved, where
the statement at that place still has that effect and covers that action. What the record keeps no statement for is not said to be unused.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from django.utils.translation import gettext as _

from access.replay.calls import WINDOW, Call, calls
from access.replay.concerned import concerned
from accounts.models import Group, GroupInlinePolicy, Membership
from engine import PolicySyntaxError
from engine.compiled import CompiledPolicy, CompiledStatement, compiled
from operations.caller import Caller
from operations.clock import now
from operations.gate import authorise_read
from policies.documents import read_document
from policies.statement_use import InlinePolicy, StatementUse, Uses, register_uses

# What allowed calls ask for besides their own action: the record does not keep what allowed it.
BESIDES: Final = ("iam:passrole", "sts:tagsession", "sts:setsourceidentity")


@dataclass(frozen=True)
class _Asked:
    """The policy that is asked about: as decisions name it, since when it says what it says, and the principals of whom the record does not
    tell its decisions from those of another; `is_boundary` of somebody, what it lets through is kept by no statement."""

    name: str
    kind: str
    document: CompiledPolicy
    saved_at: datetime | None
    mistakable: Set[str] = frozenset()
    is_boundary: bool = False
    is_inline: bool = False


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
    asked = _inline(policy, document) if isinstance(policy, InlinePolicy) else _managed(policy, document)
    since = max(now() - WINDOW, asked.saved_at) if asked.saved_at else now() - WINDOW
    whom = concerned(policy.holder if isinstance(policy, InlinePolicy) else policy, caller.account_id)
    covered = cache(lambda action: bool(document.concerning(action)))
    looked = calls(caller.account_id, whom.principals, since, lambda action: covered(action.lower()))
    last: dict[int, datetime] = {}
    doubtful: set[int] = set()
    for call in looked.calls:  # newest first
        for place in _deciding(call, asked):
            if call.principal.unique_id in asked.mistakable:
                doubtful.add(place)
            else:
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
            each.statement.index: _use(
                each,
                last,
                document,
                why=_doubt(asked)
                if each.statement.index in doubtful
                else _untold(asked, whom.total, since, looked.number),
            )
            for each in document.statements
        },
    )


def _managed(policy: Any, document: CompiledPolicy) -> _Asked:
    saved = policy.versions.filter(number=policy.default_version).values_list("created_at", flat=True).first()
    kind = "aws-managed" if policy.is_aws_managed else "user-managed"
    return _Asked(policy.name, kind, document, saved, is_boundary=bool(policy.boundary_count))


def _inline(policy: InlinePolicy, document: CompiledPolicy) -> _Asked:
    """Decisions name an inline policy and the kind of what has it, not the group: who is in two groups that have one of the same name has
    been allowed something by one of them."""
    holder, mistakable = policy.holder, frozenset[str]()
    if isinstance(holder, Group):
        namesakes = GroupInlinePolicy.objects.filter(name=policy.name, group__account=holder.account_id)
        others = Membership.objects.filter(group__in=namesakes.exclude(group=holder).values("group"))
        both = Membership.objects.filter(group=holder, user__in=others.values("user"))
        mistakable = frozenset(both.values_list("user__unique_id", flat=True))
    return _Asked(policy.name, type(holder).__name__.lower(), document, policy.saved_at, mistakable, is_inline=True)


def _deciding(call: Call, asked: _Asked) -> Iterator[int]:
    """The places of the policy's statements that decided a call, and still say what they said then."""
    effects = {each.statement.index: each.statement.effect for each in asked.document.concerning(call.action.lower())}
    for match in call.decision.get("matched", ()):
        place = match.get("statement")
        ours = match.get("policy") == asked.name and match.get("kind") == asked.kind
        if ours and effects.get(place) == match.get("effect"):
            yield place


def _use(each: CompiledStatement, last: dict[int, datetime], document: CompiledPolicy, *, why: str) -> StatementUse:
    """`why` nothing can be told of any statement, or of this one."""
    place = each.statement.index
    if place in last:
        return StatementUse(each.allows, last[place])
    if not why and any(each in document.concerning(action) for action in BESIDES):
        why = _("It allows what calls ask for besides, of which the record does not keep what allowed it.")
    return StatementUse(each.allows, None, why)


def _untold(asked: _Asked, principals: int, since: datetime, calls: int) -> str:
    """Why nothing can be told of a policy: nobody has it, nobody has called since it says so, or the record keeps no statement."""
    if asked.is_boundary:
        return _(
            "It is somebody's permissions boundary, and the record does not keep by statement what a boundary lets through."
        )
    if calls:
        return ""
    if not principals:
        return _("Nobody has the policy.")
    if asked.saved_at is None or since > asked.saved_at:
        return _("Nobody who has the policy has made such a call in the last 90 days.")
    if asked.is_inline:
        return _("No such call has been made since the policy was saved.")
    return _("No such call has been made since this version was saved.")


def _doubt(asked: _Asked) -> str:
    """Why it is not told which of two policies decided."""
    return _("Who made the calls is in another group, too, with an inline policy named %(name)s.") % {
        "name": asked.name
    }
