"""What an import has done, or would do: counts per kind, problems that forbid it, and notices that do not."""

from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any, Final

KINDS: Final = ("Users", "Groups", "Roles", "InstanceProfiles", "Policies")
MOST_PROBLEMS: Final = 100
MOST_NAMED: Final = 50  # of each kind, of what is created and of what is changed


def name_in(arn: str) -> str:
    """The name that an entity's ARN ends with."""
    return arn.rsplit("/", 1)[-1]


class TooManyProblems(Exception):
    """There are so many problems that looking for more helps nobody."""


@dataclass(frozen=True)
class Remark:
    """One sentence about one place of the file, such as `RoleDetailList[3] (Admin)`."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message

    def as_dict(self) -> dict[str, str]:
        return {"Place": self.place, "Message": self.message}


@dataclass
class Counts:
    """The database ids of what was created and changed, the ARNs by these ids, and how many entities there were in all."""

    seen: int = 0
    created: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    arns: dict[int, str] = field(default_factory=dict)

    def entities(self) -> dict[str, list[str]]:
        """The ARNs of what was created and changed, the first of each by name."""
        return {"Created": self._first(self.created), "Changed": self._first(self.changed - self.created)}

    def _first(self, ids: set[int]) -> list[str]:
        return nsmallest(MOST_NAMED, (self.arns[each] for each in ids), key=lambda arn: (name_in(arn).lower(), arn))

    def as_dict(self) -> dict[str, int]:
        changed = len(self.changed - self.created)
        created = len(self.created)
        return {"Created": created, "Changed": changed, "Unchanged": self.seen - created - changed}


@dataclass
class Report:
    """The outcome of an import."""

    sha256: str = ""
    counts: dict[str, Counts] = field(default_factory=lambda: {kind: Counts() for kind in KINDS})
    problems: list[Remark] = field(default_factory=list)
    notices: list[Remark] = field(default_factory=list)

    def problem(self, place: str, message: str) -> None:
        """Note what forbids the import. Raises TooManyProblems when it is time to stop."""
        self.problems.append(Remark(place, message))
        if len(self.problems) >= MOST_PROBLEMS:
            raise TooManyProblems

    def notice(self, place: str, message: str) -> None:
        """Note what the importer should know and what does not forbid the import."""
        if len(self.notices) < MOST_PROBLEMS:
            self.notices.append(Remark(place, message))

    @property
    def anything(self) -> bool:
        """Whether anything was created or changed."""
        return any(counts.created or counts.changed for counts in self.counts.values())

    def as_dict(self) -> dict[str, Any]:
        """The members of the operation's answer."""
        return {
            "Sha256": self.sha256,
            **{kind: counts.as_dict() for kind, counts in self.counts.items()},
            "Entities": {kind: counts.entities() for kind, counts in self.counts.items()},
            "Problems": [remark.as_dict() for remark in self.problems],
            "Notices": [remark.as_dict() for remark in self.notices],
        }
