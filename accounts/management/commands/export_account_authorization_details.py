"""`manage.py export_account_authorization_details`: print what `aws iam get-account-authorization-details` would print."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Account
from accounts.operations.authorization_details import get_account_authorization_details
from operations.caller import Caller, command_caller

MEMBERS = {
    "UserDetailList": ["User"],
    "GroupDetailList": ["Group"],
    "RoleDetailList": ["Role"],
    "Policies": ["LocalManagedPolicy", "AWSManagedPolicy"],
}
DOCUMENTS = ("AssumeRolePolicyDocument", "PolicyDocument", "Document")
MOST_ITEMS = 1000


class Command(BaseCommand):
    help = "Print an account's users, groups, roles and policies as JSON, as `aws iam get-account-authorization-details` does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", default="-", help="where to write; by default standard output")
        parser.add_argument("--account", help="the account; may be left out when there is only one")

    def handle(self, *args: Any, **options: Any) -> None:
        caller = command_caller(self.account(options["account"]))
        name = options["file"]
        self.stdout.ending = ""
        try:
            with nullcontext(self.stdout) if name == "-" else Path(name).open("w", encoding="utf-8") as file:
                write(file, caller)
        except OSError as error:
            raise CommandError(f"The file {name} cannot be written: {error.strerror}.") from None

    def account(self, wanted: str | None) -> str:
        """The account to print. Raises CommandError when it is not here or not the only one."""
        known = list(Account.objects.filter(**({"pk": wanted} if wanted else {})).values_list("pk", flat=True)[:2])
        if not known:
            raise CommandError(f"There is no account {wanted} here." if wanted else "There is no account here.")
        if len(known) > 1:
            raise CommandError("There are several accounts here. Say with --account which one is to be printed.")
        return str(known[0])


def write(file: Any, caller: Caller) -> None:
    """The four lists as one JSON object, page by page, so that an account of any size fits."""
    for number, (member, filters) in enumerate(MEMBERS.items()):
        opening = "{" if number == 0 else ",\n"
        file.write(f"{opening}{json.dumps(member)}: [")
        for position, entity in enumerate(entities(caller, member, filters)):
            file.write(",\n" if position else "\n")
            file.write(json.dumps(decoded(entity), indent=4, ensure_ascii=False))
        file.write("]")
    file.write("}\n")


def entities(caller: Caller, member: str, filters: list[str]) -> Iterator[dict[str, Any]]:
    """All entities of one list."""
    marker: str | None = None
    while True:
        page = get_account_authorization_details(caller, filter=filters, marker=marker, max_items=MOST_ITEMS)
        yield from page[member]
        marker = page.get("Marker")
        if marker is None:
            return


def decoded(value: Any) -> Any:
    """An answer as the AWS CLI prints it: documents decoded, dates as text."""
    if isinstance(value, dict):
        return {key: json.loads(item) if key in DOCUMENTS else decoded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(microsecond=0).isoformat()
    return value
