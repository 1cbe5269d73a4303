"""Where the page of a policy asks what the record says of its statements: when each of them decided a call last.

The record is known above this package only; `access.replay` registers the answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operations.caller import Caller
from pages.errors import Part, part


@dataclass(frozen=True)
class StatementUse:
    """One statement: when it decided a call last, or None; `unknown` says why where the record could not show that it did.

    What has denied nothing may be the very reason that nobody tries: only what allows is called unused.
    """

    allows: bool
    last: datetime | None = None
    unknown: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the record could show that it decided."""
        return not self.unknown

    @property
    def decided_nothing(self) -> bool:
        """Whether it has decided nothing of what was looked at."""
        return self.is_known and self.last is None

    @property
    def is_unused(self) -> bool:
        """Whether nothing speaks for keeping it."""
        return self.allows and self.decided_nothing


@dataclass(frozen=True)
class Uses:
    """What was looked at, and the use of each statement by its place.

    `since` when, how many calls (`number`) of how many principals, which of `total` were active last; `cut` principals have made more
    calls than the newest `share` that are looked at of each.
    """

    since: datetime
    number: int
    principals: int
    looked_at: int
    total: int
    cut: int
    share: int
    of: Mapping[int, StatementUse]


@dataclass(frozen=True)
class InlinePolicy:
    """A policy that is written into a user, group or role, as it was saved last."""

    holder: Any
    name: str
    document: str
    saved_at: datetime


Ask = Callable[[Caller, Any], Uses | None]
_registered: list[Ask] = []


def register_uses(ask: Ask) -> Ask:
    """Register who answers; it raises AccessDenied for who may not read the trail."""
    _registered.append(ask)
    return ask


def uses_of(caller: Caller, policy: Any) -> Part[Any] | None:
    """The answer for a managed policy (a row of `policy_row`) or an InlinePolicy, or the refusal in its place; None where the document
    cannot be read."""
    found = part(_registered[0], caller, policy) if _registered else None
    return found if found is not None and (found.refusal or found.value is not None) else None
