"""The review of a bulk action: how many of the selected rows can be done, which cannot, and why.

What a condition can say is counted in the database, at any size. What only the engine can say, whether the caller may do it to a row, is
asked of so many rows as a page has time for; beyond them the review says that it has not looked.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pages.listing.selection import Selection
from pages.listing.spec import Listing

if TYPE_CHECKING:
    from pages.listing.bulk import BulkRun

CHECKED = 5_000  # rows that are asked one by one: as many users as AWS gives an account
SHOWN = 100  # rows listed in the review
NAMED = 5  # rows that a reason names


@dataclass(frozen=True)
class Refused:
    """Rows that the caller may not do, by primary key, with the reason; `complete` is false where not all about them was looked at."""

    why: Mapping[Any, str] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True)
class Reason:
    """Why rows are left out: in words, how many they are, and the first names."""

    text: str
    number: int
    names: Sequence[str]

    @property
    def unnamed(self) -> int:
        return self.number - len(self.names)


@dataclass(frozen=True)
class Outlook:
    """What is known of a selection before anything is done: how many rows, those looked at (as the list has them), why some of these are
    left out, how many are left out in all, and whether every row was looked at.
    """

    count: int
    rows: Sequence[Any]
    why: Mapping[Any, str]
    left: int
    is_whole: bool
    refused: Collection[Any] = ()  # the keys of those that the caller may not do

    def reasons(self, listing: Listing) -> list[Reason]:
        """The reasons, each once."""
        names: dict[str, list[str]] = defaultdict(list)
        for row in self.rows:
            if row.pk in self.why:
                names[self.why[row.pk]].append(listing.row_name(row))
        return [Reason(text, len(found), found[:NAMED]) for text, found in names.items()]


def look_ahead(run: "BulkRun", chosen: Selection) -> Outlook:
    """Ask for a selection what can be done of it; a fixed number of queries at any size."""
    most = CHECKED if run.blocked or run.refused or run.hindered else SHOWN
    rows = chosen.first(most)
    count = len(rows) if len(rows) < most else chosen.rows.count()
    blocked = {row.pk: reason for row in rows if (reason := run.why_blocked(row))}
    refused = run.refused(rows) if run.refused else Refused()
    able = [row for row in rows if row.pk not in blocked and row.pk not in refused.why]
    hindered = run.hindered(able) if run.hindered else Refused()
    why = {**blocked, **hindered.why, **refused.why}  # who may not do it is told that, and nothing about the row
    left, beyond = len(why), count > len(rows)
    if beyond and run.left_out is not None:
        left += max(0, chosen.rows.filter(run.left_out).count() - len(blocked))
    unknown = beyond and bool(run.refused or run.hindered or (run.blocked and run.left_out is None))
    is_whole = refused.complete and hindered.complete and not unknown
    return Outlook(count, rows, why, left, is_whole, refused.why.keys())
