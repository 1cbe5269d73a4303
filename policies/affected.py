"""Who is met by a change of a policy, in words and by name, for the pages that show it before it is made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from policies.models import ManagedPolicy
from policies.queries import first_using

SHOWN: Final = 20  # names on a page; the list of entities has them all
WORDS: Final[Mapping[str, Callable[[int], str]]] = {
    "group": lambda n: ngettext("%(n)d group", "%(n)d groups", n) % {"n": n},
    "role": lambda n: ngettext("%(n)d role", "%(n)d roles", n) % {"n": n},
    "user": lambda n: ngettext("%(n)d user", "%(n)d users", n) % {"n": n},
}


@dataclass(frozen=True)
class Affected:
    """How many there are, in words (`1 group and 2 users`), and the first of them as rows of first_using."""

    number: int
    words: str
    shown: Sequence[Mapping[str, Any]]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.number - len(self.shown)

    def losing(self) -> str:
        """The sentence before the names of those who lose what the policy gives."""
        said = ngettext("%(who)s loses these permissions:", "%(who)s lose these permissions:", self.number)
        return said % {"who": self.words} if self.number else ""


def affected_by(policy: ManagedPolicy, account_id: str) -> tuple[Affected, Affected]:
    """Those in the account who have a policy attached, and those whose boundary it is; one query at any size."""
    rows = list(first_using(policy, account_id, SHOWN))
    return _affected(rows, "attached"), _affected(rows, "boundary")


def _affected(rows: Sequence[Mapping[str, Any]], usage: str) -> Affected:
    using = [row for row in rows if row["usage"] == usage]
    counts = {row["kind"]: row["number"] for row in using}
    words = [said(counts[kind]) for kind, said in WORDS.items() if kind in counts]
    return Affected(sum(counts.values()), get_text_list(words, _("and")), using[:SHOWN])
