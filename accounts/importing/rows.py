"""Bringing rows up to the file in bulk: entities by their unique ids, and what hangs on them by their keys."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.importing.entries import Entry, same_document
from accounts.importing.report import Counts, Report

BATCH = 500
Columns = Mapping[str, Any]


class Importing:
    """What every stage of an import needs: where it is, what it has found, and how far it trusts the file."""

    def __init__(self, account_id: str, report: Report, *, trusted: bool) -> None:
        self.account_id = account_id
        self.report = report
        self.trusted = trusted
        self.policies: dict[str, int] = {}  # database id by ARN
        self.groups: dict[str, int] = {}  # database id by name without case
        self.profiles: set[str] = set()  # names of the instance profiles that have had their turn

    def policy(self, place: str, arn: str) -> int | None:
        """The database id of a managed policy that an entry names; a problem when there is none."""
        found = self.policies.get(arn)
        if found is None:
            self.report.problem(place, f"The policy {arn} is neither in the file nor in this installation.")
        return found

    def group(self, place: str, name: str) -> int | None:
        """The database id of a group that an entry names; a problem when there is none."""
        found = self.groups.get(name.lower())
        if found is None:
            self.report.problem(place, f"The group {name} is neither in the file nor in this account.")
        return found


def sync_entities(
    importing: Importing, rows: Any, entries: Sequence[Entry], columns: Callable[[Entry, Any], Columns], counts: Counts
) -> dict[str, Any]:
    """Create or change the rows of some entries; answers the rows by name without case.

    An entity is known by its unique id, so that one which was renamed is renamed here too. `rows` is the model's manager; `columns`
    gives the columns of an entry, from the row that is there or None.
    """
    ids, keys = [entry.unique_id for entry in entries], [entry.key for entry in entries]
    by_id = {row.unique_id: row for row in rows.filter(unique_id__in=ids)}
    by_key = {row.name_key: row for row in rows.filter(account_id=importing.account_id, name_key__in=keys)}
    made, moved, found = [], [], {}
    counts.seen += len(entries)
    for entry in entries:
        row = by_id.get(entry.unique_id)
        refusal = _refusal(importing.account_id, entry, row, by_key.get(entry.key))
        if refusal:
            importing.report.problem(entry.place, refusal)
            continue
        wanted = {
            "name": entry.name,
            "name_key": entry.key,
            "path": entry.path,
            "created_at": entry.created_at,
            **columns(entry, row),
        }
        if row is None:
            row = rows.model(account_id=importing.account_id, unique_id=entry.unique_id, **wanted)
            made.append(row)
        elif assign(row, wanted):
            moved.append(row)
        found[entry.key] = row
    rows.bulk_create(made, batch_size=BATCH)
    if moved:
        rows.bulk_update(moved, [*wanted], batch_size=BATCH)
    counts.created.update(row.pk for row in made)
    counts.changed.update(row.pk for row in moved)
    counts.arns.update((found[entry.key].pk, entry.arn) for entry in entries if entry.key in found)
    return found


def _refusal(account_id: str, entry: Entry, row: Any, namesake: Any) -> str | None:
    if row is not None and row.account_id != account_id:
        return f"The unique id {entry.unique_id} belongs to an entity of another account."
    if namesake is not None and (row is None or row.pk != namesake.pk):
        return f"The name {entry.name} is taken here by another entity, with the unique id {namesake.unique_id}."
    return None


def assign(row: Any, wanted: Columns) -> bool:
    """Set columns; whether any of them was different."""
    different = [column for column, value in wanted.items() if differs(getattr(row, column), value)]
    for column in different:
        setattr(row, column, wanted[column])
    return bool(different)


def differs(stored: Any, wanted: Any) -> bool:
    """Whether a stored value is another one than the file's. AWS prints dates to the second."""
    if isinstance(stored, datetime) and isinstance(wanted, datetime):
        return stored.replace(microsecond=0) != wanted.replace(microsecond=0)
    return bool(stored != wanted)


def sync_children(
    model: Any, parent: str, parents: Iterable[int], wanted: Mapping[tuple[int, Any], Columns], key: str
) -> set[int]:
    """Make the children of some parents equal to `wanted`, which holds their columns by parent and key.

    Children that are not wanted are deleted. Answers the parents of which something has changed.
    """
    parent_id = f"{parent}_id"
    stored = {
        (getattr(row, parent_id), getattr(row, key)): row
        for row in model.objects.filter(**{f"{parent}__in": list(parents)})
    }
    made = [
        model(**{parent_id: owner, key: value, **columns})
        for (owner, value), columns in wanted.items()
        if (owner, value) not in stored
    ]
    moved = [row for place, row in stored.items() if place in wanted and _assign_child(row, wanted[place])]
    gone = [row for place, row in stored.items() if place not in wanted]
    model.objects.bulk_create(made, batch_size=BATCH)
    if moved:
        model.objects.bulk_update(moved, [*next(iter(wanted.values()))], batch_size=BATCH)
    for start in range(0, len(gone), BATCH):
        model.objects.filter(pk__in=[row.pk for row in gone[start : start + BATCH]]).delete()
    return {getattr(row, parent_id) for row in (*made, *moved, *gone)}


def _assign_child(row: Any, wanted: Columns) -> bool:
    if "document" in wanted and same_document(row.document, wanted["document"]):
        wanted = {column: value for column, value in wanted.items() if column != "document"}
    return assign(row, wanted)
