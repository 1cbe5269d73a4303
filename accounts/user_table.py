"""Users as they are typed, pasted or read from a file: a name a line, or a table (CSV) whose heading says what else stands beside the name.

    user_name,path,groups,tags
    ann.lee,/people/,Auditors; On-call,team = ops; cost = 12

What a line says of one user adds to what the form says of all: its path instead of the form's, its groups besides, its tags over them.
A name that holds a comma stands in quotation marks.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from itertools import islice

from accounts.models import Group, User
from policies.tag_lines import pair_of

NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
PATH = re.compile(r"/(?:[!-~]{1,510}/)?", re.ASCII)  # API Reference, CreateUser, «Path»
COLUMNS = {
    "username": "name",
    "usernames": "name",
    "path": "path",
    "group": "groups",
    "groups": "groups",
    "tag": "tags",
    "tags": "tags",
}
SEPARATOR = re.compile(r"[,;\t]")
DIALECT = re.compile(r"sep=[,;\t]?", re.IGNORECASE)  # the first line of some spreadsheets: what sets the cells apart
QUOTED = re.compile(r'\s*"([^"]*)"\s*(?:[,;\t]|$)')  # the first cell of a line
LIST = re.compile(r"[;|\n]")  # between the groups or the tags of a cell: a name of a group may hold a comma


@dataclass(frozen=True)
class Row:
    """One user: where it was typed, what it is to have of its own, and what is wrong with it (empty: nothing).

    `path` is empty where the table says none.
    """

    number: int
    name: str
    path: str = ""
    groups: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Sentences:
    """What is said of a line, each after its number and name."""

    taken: str
    malformed: str
    twice: str
    more: str
    cells: str
    path: str
    group: Callable[[str], str]
    tag: Callable[[str], str]
    column: Callable[[str], str]


def rows_of(text: str, say: Sentences, most: int) -> list[Row]:
    """The users in a text, checked against each other; a heading is no user. Nothing is read beyond one more than `most`."""
    found: list[Row] = []
    seen = set()
    for row in islice(_read(text, say), most + 1):
        key = row.name.lower()
        problem = row.problem or (
            say.malformed
            if not NAME.fullmatch(row.name)
            else say.twice
            if key in seen
            else say.path
            if row.path and not PATH.fullmatch(row.path)
            else ""
        )
        seen.add(key)
        found.append(replace(row, problem=problem))
    return found


def groups_in(text: str, most: int) -> set[str]:
    """The groups that the users in a text are to join, as they are typed in it. A line that is wrong makes none of its own."""
    return {group for row in rows_of(text, _SILENT, most) for group in row.groups}


def _nothing(_typed: str) -> str:
    return ""


_SILENT = Sentences("", "", "", "", "", "", _nothing, _nothing, _nothing)


def compared(rows: Sequence[Row], account_id: str, say: Sentences, *, names_groups: bool) -> list[Row]:
    """The rows, those without a problem checked against the account; `names_groups` is whether the Caller may learn which groups exist.

    Two queries at most.
    """
    keys = [row.name.lower() for row in rows]
    known = set(User.everyone.filter(account_id=account_id, name_key__in=keys).values_list("name_key", flat=True))
    groups = {group for row in rows for group in row.groups}
    absent = groups - _groups(account_id, groups) if groups and names_groups else set()
    return [
        replace(
            row,
            problem=row.problem
            or (
                say.taken
                if row.name.lower() in known
                else next((say.group(group) for group in row.groups if group in absent), "")
            ),
        )
        for row in rows
    ]


def _groups(account_id: str, names: set[str]) -> set[str]:
    """Those of the names that are groups, as they were typed: names are told apart without regard to case."""
    keys = {name.lower() for name in names}
    there = set(Group.objects.filter(account_id=account_id, name_key__in=keys).values_list("name_key", flat=True))
    return {name for name in names if name.lower() in there}


def _read(text: str, say: Sentences) -> Iterator[Row]:
    """Each line as a row. Without a heading it holds a name and empty columns at most."""
    text = text.lstrip("\ufeff")
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if lines and DIALECT.fullmatch(lines[0][1].strip()):
        del lines[0]
    heading = [cell for cell in _cells(lines[0][1]) if cell] if lines else []
    if any(COLUMNS.get(_key(column)) == "name" for column in heading):
        if len(heading) > 1:
            yield from _table(text, lines[0], say)
            return
        if len(lines) > 1:
            del lines[0]
    for number, line in lines:
        name, *others = _cells(line)
        yield Row(number, name, problem=say.more if any(others) else "")


def _cells(line: str) -> list[str]:
    """What stands in a line between any of the separators; the first cell may hold one in quotation marks."""
    if quoted := QUOTED.match(line):
        return [quoted[1].strip(), *map(_plain, SEPARATOR.split(line[quoted.end() :]))]
    return [_plain(cell) for cell in SEPARATOR.split(line)]


def _table(text: str, first: tuple[int, str], say: Sentences) -> Iterator[Row]:
    """The rows below a heading, whose separator is the first that stands in it (a spreadsheet writes what its country is used to)."""
    separator = SEPARATOR.search(first[1])[0]  # type: ignore[index]
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    columns: list[str] | None = None
    begun = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a cell of more than 131,072 characters: somewhere a quotation mark is not closed
            yield Row(begun, "", problem=say.malformed)
            return
        number, begun = begun, reader.line_num + 1
        cells = [cell.strip() for cell in cells]
        if not any(cells) or (columns is None and DIALECT.fullmatch(cells[0]) and not any(cells[1:])):
            continue
        if columns is None:
            columns = [COLUMNS.get(_key(cell), "") for cell in cells]
            unknown = [
                cell
                for n, (cell, column) in enumerate(zip(cells, columns, strict=True))
                if cell and (not column or column in columns[:n])
            ]
            if unknown:
                yield Row(number, unknown[0], problem=say.column(unknown[0]))
                return
            continue
        yield _row(number, cells, columns, say)


def _row(number: int, cells: list[str], columns: list[str], say: Sentences) -> Row:
    if any(cells[len(columns) :]) or any(
        cell for cell, column in zip(cells, columns, strict=False) if cell and not column
    ):
        return Row(number, cells[0], problem=say.cells)
    given = {column: cell for column, cell in zip(columns, cells, strict=False) if column}
    groups = tuple(dict.fromkeys(_items(given.get("groups", ""))))
    tags: dict[str, str] = {}
    problem = ""
    for item in _items(given.get("tags", "")):
        key, value = pair_of(item)
        if not key or key.lower() in map(str.lower, tags):  # keys of users are told apart without regard to case
            problem = problem or say.tag(item)
        tags[key] = value
    return Row(number, given.get("name", ""), given.get("path", ""), groups, tags, problem)


def _items(cell: str) -> list[str]:
    return [item.strip() for item in LIST.split(cell) if item.strip()]


def _plain(cell: str) -> str:
    return cell.strip().strip('"').strip()


def _key(heading: str) -> str:
    return re.sub(r"[\s_-]", "", heading).lower()
