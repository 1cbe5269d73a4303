"""Where pages that change what a policy says ask what the record says to it: which calls of late would be decided otherwise.

The record and everybody's policies are known above this package only; `access.replay` registers the answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operations.caller import Caller
from pages.errors import Part, part


@dataclass(frozen=True)
class DocumentChange:
    """A policy that is about to say something else.

    `holder` is the managed policy itself, or the user, group or role that an inline policy of that `name` is in. An empty `before` is an
    inline policy that is not there yet. `since` is when a trial of it began: earlier calls are not looked at.
    """

    holder: Any
    before: str
    after: str
    name: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class BoundaryChange:
    """Another permissions boundary of a user or role, as documents; an empty text is none."""

    holder: Any
    before: str
    after: str


Replay = Callable[[Caller, DocumentChange | BoundaryChange], Any]
_registered: list[Replay] = []


def register_replay(replay: Replay) -> Replay:
    """Register who answers; it raises AccessDenied for who may not read the trail. `templates/access/replay.html` shows the answer."""
    _registered.append(replay)
    return replay


def replayed(caller: Caller, change: DocumentChange | BoundaryChange) -> Part[Any] | None:
    """The answer, or the refusal in its place; None where the documents cannot be read, or nobody answers."""
    found = part(_registered[0], caller, change) if _registered else None
    return found if found is not None and (found.refusal or found.value is not None) else None
