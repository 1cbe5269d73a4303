"""The parts of a page about somebody's credentials, each for whoever may see it."""

from collections.abc import Callable
from typing import TypeVar

from accounts.owners import Owner
from accounts.resolve import user_target
from operations.caller import Caller
from operations.gate import authorise_read, refusal_of
from pages.errors import Part, Refusal

T = TypeVar("T")


class Looks:
    """What a reader looks at on one page: a part that is refused leaves no Event, for it was not read; what two parts read by one action
    is recorded once.
    """

    def __init__(self, caller: Caller, owner: Owner) -> None:
        self._caller, self._owner = caller, owner
        self._recorded = set() if owner.is_self else {"iam:GetUser"}  # by which another's page was opened (owner_of)

    def part(self, action: str, read: Callable[[], T], *, records: bool = False) -> Part[T]:
        """A part that is read by an action; `records` where the reading itself is an operation that is recorded."""
        user = self._owner.user
        target = user_target(user.account_id, user.name, user, action)
        refused = refusal_of(self._caller, action, target.arn, target.context)
        if refused is not None:
            return Part(refusal=Refusal(refused))
        if not records and action not in self._recorded:
            authorise_read(self._caller, action, target.arn, target.context, type=target.type)
        self._recorded.add(action)
        return Part(read())
