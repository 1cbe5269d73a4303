"""The import as a whole: policies, groups, users, roles, and then the principals of the roles' trust policies."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

from accounts.importing.entries import Entry, Reader
from accounts.importing.identities import import_groups, import_users
from accounts.importing.policies import import_policies
from accounts.importing.report import Report, TooManyProblems
from accounts.importing.roles import import_roles, import_trust
from accounts.importing.rows import BATCH, Importing
from accounts.importing.source import Source, Unreadable
from accounts.importing.summaries import count_anew
from accounts.models import Group
from policies.models import AWS, ManagedPolicy

Stage = Callable[[Importing, Sequence[Entry]], None]
T = TypeVar("T")

STAGES: Final[Sequence[tuple[str, Stage]]] = (
    ("Policies", import_policies),
    ("GroupDetailList", import_groups),
    ("UserDetailList", import_users),
    ("RoleDetailList", import_roles),
    ("RoleDetailList", import_trust),
)


def import_details(account_id: str, source: Source, *, trusted: bool = False) -> Report:
    """Bring an account up to a file of authorization details.

    Must run in a transaction, which the caller rolls back when the report has problems, or for a trial. `trusted`: the importer may
    also complete the AWS managed policies, which all accounts share. Entities that are not in the file stay as they are.
    """
    report = Report()
    try:
        report.sha256 = source.sha256()
        if check_file(account_id, source, report):
            run_stages(Importing(account_id, report, trusted=trusted), source)
        source.done()
    except Unreadable as error:
        report.problems.append(error.remark)
    except TooManyProblems:
        pass
    return report


def check_file(account_id: str, source: Source, report: Report) -> bool:
    """Whether the file is one of authorization details, and of this account."""
    found = source.account_id()
    if found is not None and found != account_id:
        report.problem("", f"The file is of account {found}, not of account {account_id}.")
    elif found is None and not source.has_any_list():
        report.problem("", "The file has none of UserDetailList, GroupDetailList, RoleDetailList and Policies.")
    return not report.problems


def run_stages(importing: Importing, source: Source) -> None:
    """All stages, each over the whole file; without problems the summaries follow."""
    seen = Report()  # what is wrong with an entry is reported by the stage that reads it first
    for number, (member, stage) in enumerate(STAGES):
        again = member in {earlier for earlier, _ in STAGES[:number]}
        reader = Reader(importing.account_id, source, seen if again else importing.report)
        for batch in batches(reader.entries(member)):
            stage(importing, batch)
        look_up(importing, member)
    if not importing.report.problems:
        count_anew(importing.account_id)


def look_up(importing: Importing, member: str) -> None:
    """Remember the database ids that later stages refer to: what the file has brought, and what was there."""
    if member == "Policies":
        rows = ManagedPolicy.objects.filter(account_id__in=[importing.account_id, AWS])
        importing.policies = dict(rows.values_list("arn", "pk"))
    if member == "GroupDetailList":
        importing.groups = dict(Group.objects.filter(account_id=importing.account_id).values_list("name_key", "pk"))


def batches(items: Iterator[T]) -> Iterator[list[T]]:
    """The items, some hundreds at a time."""
    while batch := list(islice(items, BATCH)):
        yield batch
