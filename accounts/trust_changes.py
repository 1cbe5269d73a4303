"""Who of an account's users and roles gains or loses a role by another trust policy.

The answer needs everybody's effective policies, which are put together above this app; whoever does that registers here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import ngettext

from accounts.models import Role, User
from pages.components.shell import grouped

SHOWN = 25  # of each sort, with how they can; the rest by name


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
    def sort(self) -> str:
        """Whether they are among those who are `gaining`, `losing` or `differing`: who lacks the device cannot, whatever lets them."""
        if self.after and (self.before is None or (self.after.now and not self.before.now)):
            return "gaining"
        if self.before and (self.after is None or (self.before.now and not self.after.now)):
            return "losing"
        return "differing"

    @property
    def outcome(self) -> str:
        """The name of its colour and icon."""
        return {"gaining": "allowed", "losing": "explicitDeny"}.get(self.sort, "info")


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
    def sorts(self) -> Sequence[tuple[Sequence[Change], Sequence[Change]]]:
        """The first of each sort, and the rest."""
        each = (self.gaining, self.losing, self.differing)
        return [(found[:SHOWN], found[SHOWN:]) for found in each if found]

    @property
    def lead(self) -> str:
        """How many there are of each sort, in words."""
        said = [
            (n := len(self.gaining), ngettext("%(n)s gains it.", "%(n)s gain it.", n)),
            (n := len(self.losing), ngettext("%(n)s loses it.", "%(n)s lose it.", n)),
            (
                n := len(self.differing),
                ngettext(
                    "%(n)s can assume it under other conditions.", "%(n)s can assume it under other conditions.", n
                ),
            ),
            (n := self.keeping, ngettext("For %(n)s it stays as it is.", "For %(n)s it stays as it is.", n)),
        ]
        return " ".join(words % {"n": grouped(number)} for number, words in said if number)

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
