"""Who can really assume a role: the users and roles of its account whom their own policies and the role's trust policy together allow it.

The answer needs everybody's effective policies, which are put together above this app; whoever does that registers here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accounts.models import Role, User
from pages.errors import Text

USER, ROLE = "user", "role"
KINDS = (USER, ROLE)


@dataclass(frozen=True)
class Assumer:
    """Somebody who can assume a role. `needs` says with what besides: `mfa`, `external` (an external id); `by` has the policies that
    allow it, each by name and what it is."""

    row: User | Role
    needs: Sequence[str]
    by: Sequence[tuple[str, Text]]


@dataclass(frozen=True)
class Assumers:
    """A page of the answer: those found among the `asked` that were asked about, and after which name the next page begins.

    On a page of its own, `asked` are all of the kind that the account has.
    """

    found: Sequence[Assumer]
    asked: int
    following: str


Finder = Callable[[Role, str, str], Assumers]
_finders: list[Finder] = []


def register_finder(finder: Finder) -> Finder:
    """Register the function that finds a page of those who can assume a role: of one kind, after a name (in lower case)."""
    _finders[:] = [finder]
    return finder


def who_can_assume(role: Role, kind: str, after: str = "") -> Assumers:
    """A page of the users or roles of the account that can assume a role, by name."""
    return _finders[0](role, kind, after)
