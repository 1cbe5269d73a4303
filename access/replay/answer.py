"""The answer to a change, as `templates/access/replay.html` shows it beside what the change does to access."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from access.bundles import Key
from access.replay.calls import WINDOW, Call, Found, calls
from access.replay.concerned import Concerned, concerned
from access.replay.deciding import BOUNDARY, Effect, Touched, decided
from engine import Policy, PolicySyntaxError
from engine.bounded_difference import WITHOUT
from operations.caller import Caller
from operations.clock import now
from operations.gate import authorise_read
from pages.components.shell import grouped
from policies.documents import read_document
from policies.models import ManagedPolicy
from policies.replays import BoundaryChange, DocumentChange, register_replay

SHOWN: Final = 25  # rows of each table


@dataclass
class Row:
    """Calls of one principal that asked the same: how many, the newest of them, and the filters that find them in the trail."""

    principal_arn: str
    action: str
    resource: str
    name: str
    last: datetime
    event_id: str  # of that call
    number: int = 0
    keys: Sequence[str] = ()

    @property
    def query(self) -> str:
        """The part of the trail's address after the question mark."""
        filters = [("principal", self.principal_arn), ("name", self.name), ("resource", self.resource)]
        return urlencode([("f", f"{key}:eq:{value}") for key, value in filters if value])

    def described(self, outcome: str) -> dict[str, Any]:
        """The row as the API gives it."""
        return {
            "Outcome": outcome,
            "PrincipalArn": self.principal_arn,
            "ActionName": self.action,
            "ResourceArn": self.resource,
            "Calls": self.number,
            "LastCallDate": self.last,
            "LastEventId": self.event_id,
        }


@dataclass
class Side:
    """Calls that fare alike: their rows, the most frequent first."""

    rows: list[Row] = field(default_factory=list)
    principals: int = 0

    @property
    def number(self) -> int:
        return sum(row.number for row in self.rows)

    @property
    def shown(self) -> Sequence[Row]:
        return self.rows[:SHOWN]

    @property
    def more(self) -> int:
        return len(self.rows) - len(self.shown)

    def said(self, words: Any) -> str:
        """How many calls of how many principals, in a sentence with both."""
        who = ngettext("%(n)s principal", "%(n)s principals", self.principals) % {"n": grouped(self.principals)}
        return str(words % {"number": self.number, "calls": grouped(self.number), "who": who})


_WORDS: Final = (
    ("losses", "explicitDeny", gettext_lazy("Would be denied")),
    ("gains", "allowed", gettext_lazy("Would be allowed")),
    ("unknown", "neutral", gettext_lazy("Cannot be told")),
)
_MEMBERS: Final = {  # of the API's answer: how many there are, and what each is called
    "losses": ("NewlyDenied", "newlyDenied"),
    "gains": ("NewlyAllowed", "newlyAllowed"),
    "unknown": ("Unknown", "unknown"),
}
_SAID: Final = (
    ngettext_lazy(
        "%(calls)s call by %(who)s that was allowed would be denied.",
        "%(calls)s calls by %(who)s that were allowed would be denied.",
        "number",
    ),
    ngettext_lazy(
        "%(calls)s call by %(who)s that was denied would be allowed.",
        "%(calls)s calls by %(who)s that were denied would be allowed.",
        "number",
    ),
    ngettext_lazy(
        "Of %(calls)s call by %(who)s it cannot be told: the answer depends on what the record does not have.",
        "Of %(calls)s calls by %(who)s it cannot be told: the answer depends on what the record does not have.",
        "number",
    ),
)


@dataclass(frozen=True)
class Answer:
    """What was looked at, and what would be decided otherwise or cannot be told."""

    since: datetime
    concerned: Concerned
    looked: Found
    losses: Side
    gains: Side
    unknown: Side
    is_boundary: bool = False  # of one user or role
    is_trial: bool = False  # of a version, since it began

    @property
    def sides(self) -> Sequence[tuple[Side, str, Promise]]:
        """The tables' rows with the outcome that gives colour and icon, and its word."""
        return [(getattr(self, name), outcome, word) for name, outcome, word in _WORDS if getattr(self, name).rows]

    @property
    def lead(self) -> str:
        """The answer in a sentence or a few."""
        if not self.concerned.total:
            return _("No user and no role has the policy: no call would be decided otherwise.")
        if self.is_boundary and not self.looked.number:
            return _("No call was made in the last 90 days.")
        if self.is_trial and not self.looked.number:
            return _("Nobody who has the policy has made a call since the trial began.")
        if not self.looked.number:
            return _("Nobody who has the policy made a call in the last 90 days.")
        return " ".join(self.sentences) or _("No call that was made would be decided otherwise.")

    @property
    def sentences(self) -> Sequence[str]:
        """What would be decided otherwise, and what cannot be told, a sentence each; nothing where there is no such call."""
        sides = (self.losses, self.gains, self.unknown)
        return [side.said(words) for side, words in zip(sides, _SAID, strict=True) if side.rows]

    @property
    def described(self) -> dict[str, Any]:
        """The answer as the API gives it: of each side as many rows as a page shows."""
        return {
            "Since": self.since,
            "Calls": self.looked.number,
            "Principals": self.looked.principals,
            "PrincipalsInAll": self.concerned.total,
            **{member: getattr(self, name).number for name, (member, _outcome) in _MEMBERS.items()},
            "Differences": [
                row.described(outcome)
                for name, (_member, outcome) in _MEMBERS.items()
                for row in getattr(self, name).shown
            ],
        }


@register_replay
def replay(caller: Caller, change: DocumentChange | BoundaryChange) -> Answer | None:
    """The answer for who may read the trail. None where a document cannot be read. Raises AccessDenied.

    Four queries besides recording that it was read, whatever the policy, the number of principals and the length of the record.
    """
    account_id, is_boundary = caller.account_id, isinstance(change, BoundaryChange)
    nothing = WITHOUT if is_boundary else None
    try:
        before, after = (read_document(text) if text else nothing for text in (change.before, change.after))
    except PolicySyntaxError:
        return None
    if after is None:
        return None
    authorise_read(caller, "cloudtrail:LookupEvents", "*")
    since, whom = now() - WINDOW, concerned(change.holder, account_id)
    began = change.since if isinstance(change, DocumentChange) else None
    since = max(since, began) if began else since
    looked = calls(account_id, whom.principals, since, Touched(before, after))
    losses, gains, unknown = sides(looked, key_of(change), after)
    return Answer(since, whom, looked, losses, gains, unknown, is_boundary, began is not None)


def key_of(change: DocumentChange | BoundaryChange) -> Key:
    """The policy that is changed, as the bundles of its holders name it."""
    if isinstance(change, BoundaryChange):
        return BOUNDARY, change.holder.pk, ""
    kind = "managed" if isinstance(change.holder, ManagedPolicy) else type(change.holder).__name__.lower()
    return kind, change.holder.pk, change.name


def sides(looked: Found, key: Key, after: Policy) -> Iterable[Side]:
    """The calls that would be denied, that would be allowed, and of which it cannot be told. One query."""
    found = decided(looked.calls, key, after)
    for wanted in ("loss", "gain", "unknown"):
        yield _side(wanted, found)


def _side(wanted: str, found: Iterable[tuple[Effect, Call, Sequence[str]]]) -> Side:
    rows: dict[tuple[str, ...], Row] = {}
    principals = set()
    for effect, call, keys in found:
        if effect != wanted:
            continue
        event = call.event  # newest first: the first of a row is the last
        same = (event.principal_arn, call.action, event.resource, event.name)
        row = rows.setdefault(same, Row(*same[:3], event.name, event.time, event.event_id))
        row.number += 1
        row.keys = list(dict.fromkeys((*row.keys, *keys)))
        principals.add(call.principal.unique_id)
    return Side(sorted(rows.values(), key=lambda row: -row.number), len(principals))
