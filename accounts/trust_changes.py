"""Who of an account's users and roles gains or loses a role by another trust policy.

The answer needs everybody's effective policies, which are put together above this app; whoever does that registers here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accounts.models import Role, User

SHOWN = 100


@dataclass(frozen=True)
class Way:
    """How somebody can assume a role: what is needed besides, in words or an empty text; not `now` where they lack the device."""

    needs: str
    now: bool = True


@dataclass(frozen=True)
class Change:
    """One user or role for whom it is not the same: how they can assume the role before and after, None where they cannot."""

    row: User | Role
    before: Way | None
    after: Way | None

    @property
    def is_user(self) -> bool:
        return isinstance(self.row, User)

    @property
    def outcome(self) -> str:
        """The name of its colour and icon."""
        return "info" if self.before and self.after else "allowed" if self.after else "explicitDeny"


@dataclass(frozen=True)
class Changes:
    """Those for whom it changes (`gaining`, `losing`, `differing`: by other conditions) and for how many it stays as it is (`keeping`).

    `asked` of the account's users and roles were asked about; where that is not the `total`, there may be more.
    """

    gaining: Sequence[Change]
    losing: Sequence[Change]
    differing: Sequence[Change]
    keeping: int
    asked: int
    total: int

    @property
    def all(self) -> Sequence[Change]:
        """All of them: what somebody gains stands first, because it is what cannot be taken back."""
        return (*self.gaining, *self.losing, *self.differing)

    @property
    def shown(self) -> Sequence[Change]:
        return self.all[:SHOWN]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return max(len(self.all) - SHOWN, 0)

    @property
    def is_cut(self) -> bool:
        return self.asked < self.total


Finder = Callable[[Role, str], Changes]
_finders: list[Finder] = []


def register_finder(finder: Finder) -> Finder:
    """Register the function that finds for whom it changes: of a role, with a trust policy in its stored form."""
    _finders[:] = [finder]
    return finder


def changes_by(role: Role, document: str) -> Changes:
    """For whom of the role's account it changes when the role has another trust policy (in its stored form). A fixed number of queries."""
    return _finders[0](role, document)
