"""`manage.py create_account`: an account and its root user, without questions, for automation."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import AccessKey, Account, User
from accounts.operations.account import describe_account, new_account
from operations.caller import command_caller
from operations.errors import ServiceError


class Command(BaseCommand):
    help = "Create an account with its root user and print it as JSON. A second run says that it exists and changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account-id", required=True, help="twelve digits")
        parser.add_argument("--alias", help="a name for the account's sign-in address")
        parser.add_argument("--name", help="the account's name")
        parser.add_argument("--root-email", required=True, help="the address with which the root user signs in")
        file = "a file with the root user's password in its first line; - reads standard input"
        parser.add_argument("--root-password-file", required=True, help=file)
        parser.add_argument("--with-access-key", action="store_true", help="also make an access key of the root user")

    def handle(self, *args: Any, **options: Any) -> None:
        account_id: str = options["account_id"]
        account = Account.objects.filter(pk=account_id).first()
        made = self.existing(account) if account else self.made(account_id, options)
        self.stdout.write(json.dumps(made, indent=2))

    def existing(self, account: Account) -> dict[str, Any]:
        """What is there already; the secret of a key is shown at its creation only."""
        root = User.everyone.get(account=account, is_root=True)
        keys = AccessKey.objects.filter(user=root).order_by("id").values_list("key_id", flat=True)
        return {"Created": False, "Account": describe_account(account, root), "AccessKeyIds": list(keys)}

    def made(self, account_id: str, options: dict[str, Any]) -> dict[str, Any]:
        """The new account, and the root user's access key with its secret if one was wanted."""
        try:
            answer = new_account(
                command_caller(account_id),
                account_id=account_id,
                account_name=options["name"],
                account_alias=options["alias"],
                root_email=options["root_email"],
                root_password=read_password(options["root_password_file"]),
                with_access_key=options["with_access_key"],
            )
        except ServiceError as error:
            raise CommandError(str(error)) from None
        return {"Created": True, **answer}


def read_password(file: str) -> str:
    """The first line of the file. Raises CommandError when it cannot be read or is empty."""
    try:
        text = sys.stdin.readline() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The password file {file} cannot be read: {error}.") from None
    password = text.splitlines()[0] if text else ""
    if not password:
        raise CommandError(f"The password file {file} is empty.")
    return password
