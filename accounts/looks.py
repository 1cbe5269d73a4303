"""The parts of a page about somebody's credentials, each for whoever may see it."""

from collections.abc import Callable
from typing import TypeVar

from accounts.owners import Owner
from accounts.resolve import user_target
from operations.caller import Caller
from operations.gate import Target, authorise_read, refusal_of
from pages.errors import Part, Refusal

T = TypeVar("T")


class Looks:
    """What a reader looks at on one page: a part that is refused leaves no Event, for it was not read; what two parts read by one action
    is recorded once.
    """

    def __init__(self, caller: Caller, owner: Owner) -> None:
        self._caller, self._owner = caller, owner
        self._recorded = set() if owner.is_self else {"iam:GetUser"}  # by which another's page was opened (owner_of)

    def part(self, action: str, read: Callable[[], T]) -> Part[T]:
        """A part that is read by an action."""
        target = self._target(action)
        refused = refusal_of(self._caller, action, target.arn, target.context)
        return Part(self.read(action, read)) if refused is None else Part(refusal=Refusal(refused))

    def read(self, action: str, read: Callable[[], T]) -> T:
        """What the page is about, without which there is none. Raises AccessDenied."""
        if action not in self._recorded:
            target = self._target(action)
            authorise_read(self._caller, action, target.arn, target.context, type=target.type)
            self._recorded.add(action)
        return read()

    def _target(self, action: str) -> Target:
        user = self._owner.user
        return user_target(user.account_id, user.name, user, action)
