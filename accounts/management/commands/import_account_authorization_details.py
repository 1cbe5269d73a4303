"""`manage.py import_account_authorization_details`: load what `aws iam get-account-authorization-details` printed."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from accounts.importing import Remark, Source
from accounts.importing.report import KINDS
from accounts.importing.source import Unreadable
from accounts.models import Account
from accounts.operations.authorization_details import import_account_authorization_details
from operations.caller import command_caller
from operations.errors import ServiceError
from operations.statistics import analyse

WIDTH = 40


class Command(BaseCommand):
    help = (
        "Load the users, groups, roles and policies of an AWS account from the JSON that "
        "`aws iam get-account-authorization-details` prints. All or nothing; a second run changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the JSON file; - reads standard input")
        parser.add_argument("--account", help="the account to load it into; by default the one that the file is of")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        with opened(options["file"]) as file:
            source = Source(file, self.progress if sys.stderr.isatty() else None)
            caller = command_caller(self.account(source, options["account"]))
            try:
                answer = import_account_authorization_details(
                    caller, authorization_details=source, dry_run=options["dry_run"]
                )
            except ServiceError as error:
                self.tell(error.details.get("problems", ()), self.stderr)
                raise CommandError(str(error)) from None
        if not options["dry_run"]:
            analyse()
        self.report(answer)

    def account(self, source: Source, wanted: str | None) -> str:
        """The account to load into. Raises CommandError when it is not known or not here."""
        try:
            account_id = wanted or source.account_id()
        except Unreadable as error:
            raise CommandError(f"The file cannot be imported. {error.remark}") from None
        if account_id is None:
            raise CommandError("The file names no account. Say with --account into which one it is to be loaded.")
        if not Account.objects.filter(pk=account_id).exists():
            raise CommandError(
                f"There is no account {account_id} here. Create it first: manage.py create_account --account-id {account_id} …"
            )
        return account_id

    def progress(self, done: int, total: int) -> None:
        """A bar that fills, for a person who watches."""
        share = done / max(total, 1)
        bar = "█" * int(share * WIDTH)
        self.stderr.write(f"\r{bar:·<{WIDTH}} {share:4.0%}", ending="\n" if done == total else "")
        self.stderr.flush()

    def report(self, answer: dict[str, Any]) -> None:
        """What was done, kind by kind, and what there is to know about it."""
        for kind in KINDS:
            counts = answer[kind]
            numbers = ", ".join(f"{counts[state]} {state.lower()}" for state in ("Created", "Changed", "Unchanged"))
            self.stdout.write(f"{kind + ':':18}{numbers}")
        self.tell([Remark(row["Place"], row["Message"]) for row in answer["Notices"]], self.stdout)
        if answer["DryRun"]:
            self.tell([Remark(row["Place"], row["Message"]) for row in answer["Problems"]], self.stderr)
            self.stdout.write("This was a dry run: nothing has changed.")
            if answer["Problems"]:
                raise CommandError("The file cannot be imported as it is.")

    def tell(self, remarks: Any, out: Any) -> None:
        """One line for each remark."""
        for remark in remarks:
            out.write(str(remark))


def opened(name: str) -> IO[bytes]:
    """The file, to be read more than once: standard input is kept in a temporary file. Raises CommandError."""
    try:
        if name != "-":
            return Path(name).open("rb")
        copy: IO[bytes] = TemporaryFile()  # noqa: SIM115 - closed by the caller
        copyfileobj(sys.stdin.buffer, copy)
    except OSError as error:
        raise CommandError(f"The file {name} cannot be read: {error.strerror}.") from None
    return copy
