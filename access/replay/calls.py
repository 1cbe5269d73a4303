"""The calls of some principals as the record has them: which were made of late, and what each asked for, with what is known of it."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, NamedTuple

from django.db import connection

from accounts.models import Role, User
from operations import journal
from operations.caller import ContextValue
from operations.gate import REGISTRY
from operations.models import Event
from operations.statistics import planned_by_values

WINDOW: Final = timedelta(days=90)
LOOKED_AT: Final = (
    5_000  # Events in all; of each principal an equal share of the newest, so that a busy program hides nobody
)


@dataclass(frozen=True)
class Found:
    """Calls that were looked at: how many, of how many principals, and those of them that ask for what is changed."""

    number: int = 0
    principals: int = 0
    share: int = LOOKED_AT
    cut: int = 0  # principals who have made more calls than their share
    calls: Sequence["Call"] = ()


class Columns(NamedTuple):
    """What is read of an Event: a tuple for each, for thousands are read at once."""

    pk: int
    event_id: str
    account_id: str
    time: datetime
    name: str
    source: str
    outcome: str
    principal_arn: str
    principal_id: str
    resource: str
    record: str


@dataclass(frozen=True)
class Call:
    """One recorded call: what it asked for, and what the record does not know of it."""

    event: Columns
    principal: User | Role
    record: Mapping[str, Any] = field(repr=False)

    @cached_property
    def decision(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.record.get("decision") or {}
        return found

    @cached_property
    def action(self) -> str:
        return str(self.decision.get("action") or action_of(self.event.source, self.event.name))

    @cached_property
    def resources(self) -> Sequence[str]:
        """What was asked about: of a denied call what was denied, else all that it was about."""
        asked = str(self.decision.get("resource") or self.event.resource or "*")
        all_of_them = [str(each["ARN"]) for each in self.record.get("resources", ())]
        return all_of_them if asked in all_of_them else [asked]

    @cached_property
    def context(self) -> Mapping[str, ContextValue]:
        """The condition keys of the call as the decision had them, and of a denied session's tags what its explanation kept."""
        return {**self._session_tags, **(self.decision.get("context") or {})}

    @property
    def is_session(self) -> bool:
        """Whether a role's session made the call: it may have had tags and policies of its own."""
        return isinstance(self.principal, Role)

    @property
    def source_identity(self) -> str | None:
        session = (self.record.get("userIdentity") or {}).get("sessionContext") or {}
        return session.get("sourceIdentity") or None

    @cached_property
    def stages(self) -> Mapping[str, str] | None:
        """The verdicts of the layers at the time, by name; None where the explanation was not kept."""
        trace = self.decision.get("trace")
        return None if trace is None else {stage["name"]: stage["verdict"] for stage in trace.get("stages", ())}

    @property
    def is_whole(self) -> bool:
        """Whether the record knows all that the decision was made from, so that an absent condition key was absent then."""
        return "context" in self.decision and not (self.is_session and self.stages is None)

    def does_not_know(self, key: str) -> bool:
        """Whether the record leaves open what value an absent condition key had."""
        return "context" not in self.decision or key.lower().startswith("aws:principaltag/")

    @property
    def _session_tags(self) -> dict[str, ContextValue]:
        derived = self.decision.get("trace", {}).get("request", {}).get("derived_context", {})
        if not self.is_session:
            return {}
        return {key: values[0] for key, values in derived.items() if key.startswith("aws:principaltag/") and values}


def action_of(source: str, name: str) -> str:
    """The action that a call of that name asks for."""
    service = source.partition(".")[0]
    known = REGISTRY.get(f"{service}:{name}")
    return known.action if known else f"{service}:{name}"


def calls(
    account_id: str,
    principals: Sequence[User | Role],
    since: datetime,
    touched: Callable[[str], bool],
    most: int | None = None,
) -> Found:
    """The newest decided calls of some principals since a moment, and of these the ones whose action is `touched`. Two queries.

    `most` are the Events that are looked at in all, LOOKED_AT without it.

    Denied calls are read all: what was denied may be another action than the call's own.
    """
    if not principals:
        return Found()
    journal.settle()
    share = (most or LOOKED_AT) // len(principals)
    rows = list(_newest(account_id, principals, since, share))
    numbers: dict[int, int] = {}
    wanted = {}
    for pk, place, source, name, outcome in rows:
        numbers[place] = numbers.get(place, 0) + 1
        if outcome and (outcome != "allowed" or touched(action_of(source, name))):
            wanted[pk] = principals[place]
    rows_of = Event.objects.filter(pk__in=wanted).order_by("-time", "-id").values_list(*Columns._fields)
    events = map(Columns._make, rows_of) if wanted else ()
    read = (Call(event, wanted[event.pk], json.loads(event.record)) for event in events)
    decided = [row for row in rows if row[4]]
    return Found(
        number=len(decided),
        principals=len({row[1] for row in decided}),
        share=share,
        cut=sum(number == share for number in numbers.values()),
        calls=[call for call in read if touched(call.action)],
    )


Row = tuple[int, int, str, str, str]


def _newest(account_id: str, principals: Sequence[User | Role], since: datetime, share: int) -> Iterable[Row]:
    """Key, place of the principal, source, name and outcome of the newest Events of each.

    Each principal's are a stretch of an index that leads on to the time. A session's principal id is the role's, a colon and its name.
    """
    moment = connection.ops.adapt_datetimefield_value(since)
    parts, values = [], []
    for place, principal in enumerate(principals):
        whose, ids = "principal_id = %s", [principal.unique_id]
        if isinstance(principal, Role):
            whose, ids = "principal_id >= %s AND principal_id < %s", _sessions(principal)
        parts.append(
            f"SELECT * FROM (SELECT id, {place} AS place FROM operations_event WHERE account_id = %s AND {whose} "  # noqa: S608 - fixed names
            f"AND time >= %s ORDER BY time DESC, id DESC LIMIT {share}) AS part{place}"
        )
        values += [account_id, *ids, moment]
    sql = (
        "SELECT event.id, newest.place, event.source, event.name, event.outcome "  # noqa: S608 - fixed names
        f"FROM ({' UNION ALL '.join(parts)}) AS newest JOIN operations_event AS event ON event.id = newest.id"
    )
    with planned_by_values(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Row] = cursor.fetchall()
    return rows


def _sessions(role: Role) -> list[str]:
    """The first principal id of a role's sessions, and the first that is none."""
    return [f"{role.unique_id}:", f"{role.unique_id};"]
