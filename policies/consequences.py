"""What a document would do, told beside the editor while it is written: the short form of what its review tells.

It costs as much for a policy of ten thousand users as for one of fifty: how many principals and calls are looked at is bounded, and the
answer says so. Who holds what, and what they have called, is known above this package only; `access.live_consequences` registers that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from django.core import signing
from django.utils.translation import gettext as _

from engine.room import Room
from operations.caller import Caller
from operations.gate import Read, authorise_reads, refusal_of
from operations.quotas import enforce
from policies.access_changes import AccessChanges, ChangeRow, access_changes, allowed_at_most
from policies.documents import check_document, size
from policies.facts import gives_everything
from policies.replays import DocumentChange

ROWS: Final = 4  # lines of changed access
# Of comparing, in all: the documents, and whatever those who have them hold besides (engine.room).
STEPS: Final = 500_000
NAMES: Final = 5  # of each kind of holders, and of failing tests
ONE_LOOK: Final = 15 * 60  # seconds for which looking at the same policy again is the same look, recorded once


@dataclass
class Some:
    """Users and roles to whom the same happens: how many, and the kind and name of the first."""

    number: int = 0
    named: list[tuple[str, str]] = field(default_factory=list)

    def add(self, kind: str, name: str) -> None:
        self.number += 1
        if len(self.named) < NAMES:
            self.named.append((kind, name))

    @property
    def more(self) -> int:
        return self.number - len(self.named)


@dataclass
class Compared:
    """Who would gain or lose access once everything else that they hold is counted in, of the `looked` that were active last of all
    `total`; `untold` are those who hold too much that is different to be compared while somebody writes."""

    total: int
    looked: int
    gaining: Some = field(default_factory=Some)
    losing: Some = field(default_factory=Some)
    both: Some = field(default_factory=Some)
    same: Some = field(default_factory=Some)
    untold: Some = field(default_factory=Some)


@dataclass(frozen=True)
class Called:
    """What of the calls that were really made since a moment would be decided otherwise, in sentences; looked at were `number` of them, by
    `principals` of the `total` that have the policy."""

    since: datetime
    sentences: Sequence[str]
    number: int
    principals: int
    total: int
    is_cut: bool


@dataclass(frozen=True)
class Live:
    """What is known of those who have the policy; None for what the caller may not read."""

    compared: Compared | None = None
    called: Called | None = None


Ask = Callable[[Caller, DocumentChange, bool, bool, Room], Live]
_registered: list[Ask] = []


def register_live(ask: Ask) -> Ask:
    """Register who knows it: asked with the caller, the change, and whether the caller may know of the holders and of the
    calls, and the room that is left for comparing."""
    _registered[:] = [ask]
    return ask


@dataclass(frozen=True)
class Known:
    """What the caller may know besides what the documents say: what the holders have besides, and which calls were made."""

    holders: bool
    calls: bool


@dataclass(frozen=True)
class Consequences:
    """What stands beside the editor. `change` is what is new, or of a document that replaces none all that it allows; `live` is None
    where nothing changes."""

    is_new: bool
    change: AccessChanges
    gives_everything: bool
    live: Live | None = None
    known: Known = Known(holders=False, calls=False)

    @property
    def rows(self) -> Sequence[ChangeRow]:
        """The first lines; of many services that change alike it is said once how many they are."""
        return [
            replace(row, levels=[level for level in row.levels if level[0] != _("Services")])
            for row in self.change.rows[:ROWS]
        ]

    @property
    def more(self) -> int:
        return len(self.change.rows) - len(self.rows)


def change_of(before: str, document: str, room: Room | None = None) -> AccessChanges | None:
    """What a document gives and takes compared with the one before; of a document that replaces none, what it allows at most. None where
    one cannot be read.

    Raises MalformedPolicyDocument, ValidationError, LimitExceeded for what AWS would not save: nothing follows from that.
    """
    check_document(document, "identity")
    enforce("PolicySizeQuota", size(document))
    return access_changes(before, document, room) if before else allowed_at_most(document, room)


def consequences_of(caller: Caller, change: DocumentChange, known: Known) -> Consequences | None:
    """The consequences of a change of a policy that somebody has. None where a document cannot be read; raises as `change_of`.

    Five queries at any size, whatever the number of those who have it and the length of the record.
    """
    room = Room(STEPS)
    access = change_of(change.before, change.after, room)
    if access is None:
        return None
    live = None
    if _registered and (access.rows or not access.is_told):
        live = _registered[0](caller, change, known.holders, known.calls, room)
    return Consequences(
        not change.before,
        access,
        gives_everything(change.after) and not (change.before and gives_everything(change.before)),
        live,
        known,
    )


# --- one look, recorded once ----------------------------------------------------------------------------------------------

_SALT: Final = "policies.consequences"


def noted(caller: Caller, about: str, note: str) -> Known | None:
    """What a note says was recorded when the caller looked at this a short while ago; None where it says nothing of that."""
    try:
        found: Any = signing.loads(note, salt=_SALT, max_age=ONE_LOOK)
    except (signing.BadSignature, ValueError):  # ValueError: of what no UTF-8 is
        return None
    return Known(*found[-1]) if found[:-1] == [*_who(caller), about] else None


def _who(caller: Caller) -> list[str]:
    """Who asks: a user of the same name who came later is another."""
    return [str(caller.identity.get("principalId", "")), caller.arn]


def note_of(caller: Caller, about: str, known: Known) -> str:
    """The note of what was recorded just now: it goes with the next questions about the same, until it is too old."""
    return signing.dumps([*_who(caller), about, [known.holders, known.calls]], salt=_SALT)


def read_all(
    caller: Caller, needed: Sequence[Read], holders: Read, calls: Read, recorded: Known | None
) -> tuple[Known, bool]:
    """Authorise what is told: what the caller may know besides what is needed, and whether it was put in the record just now, which all of
    it is where some of it was not `recorded` before.

    Raises AccessDenied for what is needed. What is told besides is not asked for by who may not read it, so no denial is recorded.
    """
    known = Known(*(refusal_of(caller, *each) is None for each in (holders, calls)))
    is_denied = any(refusal_of(caller, *each) is not None for each in needed)
    is_new = recorded is None or (known.holders and not recorded.holders) or (known.calls and not recorded.calls)
    if is_denied or is_new:
        besides = ((holders, known.holders), (calls, known.calls))
        authorise_reads(caller, [*needed, *(each for each, may in besides if may)])
    return known, is_new
