"""Everything about an account's identities and policies in one answer, and the way back (IAM API Reference)."""

from typing import Any

from django.db import transaction

from accounts import resolve
from accounts.importing import Report, Source, import_details
from accounts.queries.authorization_details import details_page
from operations.errors import InvalidInput
from operations.gate import Call, Result, operation


@operation("iam:GetAccountAuthorizationDetails", on=resolve.whole_account)
def get_account_authorization_details(
    call: Call, *, filter: list[str] | None = None, marker: str | None = None, max_items: int | None = None
) -> Result:
    """A page of users, groups, roles and policies with all that hangs on them; `filter` names the kinds that are wanted."""
    return details_page(call.account_id, filter or (), marker, max_items)


@operation("iam:ImportAccountAuthorizationDetails", on=resolve.whole_account)
def import_account_authorization_details(call: Call, *, authorization_details: Any, dry_run: bool = False) -> Result:
    """Bring the account up to a file that GetAccountAuthorizationDetails has printed; all of it or nothing.

    An operation of our own. `authorization_details` is a Source, a binary file or bytes. A dry run does everything and takes it back; its
    answer holds the problems. The operator at the machine may also complete the AWS managed policies, which all accounts share.
    Raises InvalidInput with the first problem; the error's details hold all of them (`problems`, a list of Remark).
    """
    source = Source.of(authorization_details)
    with transaction.atomic():
        report = import_details(call.account_id, source, trusted=call.caller.door == "command")
        if dry_run or report.problems:
            transaction.set_rollback(True)
    call.note(sha256=report.sha256, size=source.size)
    if report.problems and not dry_run:
        raise refusal(report)
    answer = report.as_dict() | {"DryRun": dry_run}
    if not dry_run:
        call.changed(after={kind: answer[kind] for kind in report.counts})
    return answer


def refusal(report: Report) -> InvalidInput:
    """The error that names the first problem and how many more there are."""
    more = len(report.problems) - 1
    others = f" ({more} more problem{'s' if more > 1 else ''})" if more else ""
    return InvalidInput(f"The file cannot be imported. {report.problems[0]}{others}", problems=report.problems)
