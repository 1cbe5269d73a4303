"""The roles that a person switched to of late, kept on the server with the person's other preferences."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from django.http import HttpRequest

from federation.switching import COLOURS, LONGEST_NAME
from pages import preferences

KEY = "recent_roles"
MOST = 5


@dataclass(frozen=True)
class RecentRole:
    """A role as it was switched to: how it was called and coloured then."""

    arn: str
    display_name: str = ""
    colour: str = COLOURS[0]

    @property
    def account_id(self) -> str:
        return self.arn.split(":")[4]

    @property
    def name(self) -> str:
        return self.arn.rpartition("/")[2]


def recent_roles(request: HttpRequest) -> list[RecentRole]:
    """The newest first."""
    return list(_read(request))


def remember(request: HttpRequest, role: RecentRole) -> None:
    """Put a role in front; the oldest beyond five is forgotten."""
    _write(request, [role, *(other for other in recent_roles(request) if other.arn != role.arn)])


def forget(request: HttpRequest, arn: str) -> None:
    """Take a role off the list."""
    _write(request, [other for other in recent_roles(request) if other.arn != arn])


def _read(request: HttpRequest) -> Iterator[RecentRole]:
    kept = preferences.read(request).get(KEY)
    for entry in kept if isinstance(kept, list) else []:
        arn = str(entry.get("arn", ""))
        if arn.count(":") == 5:
            colour = entry.get("colour") if entry.get("colour") in COLOURS else COLOURS[0]
            yield RecentRole(arn, str(entry.get("display_name", ""))[:LONGEST_NAME], str(colour))


def _write(request: HttpRequest, roles: list[RecentRole]) -> None:
    preferences.save(request, {KEY: [asdict(role) for role in roles[:MOST]]})
