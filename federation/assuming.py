"""Who can really assume a role: the users and roles of its account whom their own policies and the role's trust policy together allow it,
directly or through other roles.

The answer needs everybody's effective policies, which are put together above this app; whoever does that registers here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role, User
from pages.refusing import Text

USER, ROLE = "user", "role"
KINDS = (USER, ROLE)
CHAINS: Mapping[str, str] = {"user-chain": USER, "role-chain": ROLE}  # by other roles, whoever begins
# What a step may need besides the policies.
NEEDS: Mapping[str, Text] = {
    "mfa": gettext_lazy("MFA"),
    "external": gettext_lazy("the external ID"),
    "name": gettext_lazy("the session name that is asked for"),
    "source": gettext_lazy("the source identity that is asked for"),
    "address": gettext_lazy("an allowed source IP address"),
}
BY_THE_API = {"external", "name"}  # the console gives no external ID, and names sessions itself


def listed(needs: Sequence[str]) -> str:
    """What is needed besides, in a row."""
    words = [str(NEEDS[each]) for each in needs]
    return (
        _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}
        if len(words) > 1
        else "".join(words)
    )


@dataclass(frozen=True)
class Source:
    """A policy that allows it: its name, what it is, the page that shows it (or an empty text), and the group by which a user has it."""

    policy: str
    kind: Text
    href: str = ""
    group: str = ""


@dataclass(frozen=True)
class Assumer:
    """Somebody who can assume a role. `needs` says with what besides (the keys of NEEDS); `by` has the policies that allow it."""

    row: User | Role
    needs: Sequence[str]
    by: Sequence[Source]

    @property
    def lacks_device(self) -> bool:
        """Whether it needs MFA and the user has no device for that, so that nothing of it can be done now."""
        return "mfa" in self.needs and isinstance(self.row, User) and not self.row.mfa_device_count

    @property
    def condition(self) -> str:
        """What is needed besides, in words; an empty text where nothing is."""
        if not self.needs:
            return ""
        words = {"needs": listed(self.needs)}
        if BY_THE_API & set(self.needs):
            return (
                _("Only with %(needs)s, by the API") if self.lacks_device else _("With %(needs)s, by the API")
            ) % words
        return (_("Only with %(needs)s") if self.lacks_device else _("With %(needs)s")) % words


@dataclass(frozen=True)
class Assumers:
    """A page of the answer: those found among the `asked` that were asked about, and after which name the next page begins.

    On a page of its own, `asked` are all of the kind that the account has.
    """

    found: Sequence[Assumer]
    asked: int
    following: str


@dataclass(frozen=True)
class Link:
    """One step of a chain: the role that is assumed, and how."""

    role: Role
    how: Assumer


@dataclass(frozen=True)
class Chain:
    """A way to a role through others: who begins, and the roles that are assumed one after the other, the last being the role itself."""

    row: User | Role
    links: Sequence[Link]
    is_direct: bool  # they can assume the role directly too


@dataclass(frozen=True)
class Chains:
    """A page of chains, the shortest of each who begins one. `is_cut` says that the search had to stop before it was at its end, so that
    there may be more than it knows."""

    found: Sequence[Chain]
    asked: int
    following: str
    is_cut: bool


Finder = Callable[[Role, str, str], Assumers]
ChainFinder = Callable[[Role, str, str], Chains]
_finders: list[Finder] = []
_chain_finders: list[ChainFinder] = []


def register_finder(finder: Finder) -> Finder:
    """Register the function that finds a page of those who can assume a role: of one kind, after a name (in lower case)."""
    _finders[:] = [finder]
    return finder


def register_chain_finder(finder: ChainFinder) -> ChainFinder:
    """Register the function that finds a page of those who reach a role through others."""
    _chain_finders[:] = [finder]
    return finder


def who_can_assume(role: Role, kind: str, after: str = "") -> Assumers:
    """A page of the users or roles of the account that can assume a role, by name."""
    return _finders[0](role, kind, after)


def who_can_reach(role: Role, kind: str, after: str = "") -> Chains:
    """A page of the users or roles of the account that can assume a role through other roles, by name."""
    return _chain_finders[0](role, kind, after)
