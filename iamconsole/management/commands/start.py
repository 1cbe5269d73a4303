"""`manage.py start`: bring the console up, whatever state the machine is in, and serve it."""

import os
import secrets
import sys
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Account, LoginProfile, User
from accounts.operations.account import create_account
from accounts.setup_link import make_setup_link
from operations.statistics import analyse
from policies.models import AWS, ManagedPolicy

DEFAULT_BIND = "127.0.0.1:8000"


def base_of(binds: Sequence[str]) -> str:
    """The address at which a browser on this machine finds what is bound there. Raises CommandError for sockets that have none."""
    host, _colon, port = next((bind for bind in binds if not bind.startswith(("unix:", "fd:"))), "").rpartition(":")
    if not port:
        raise CommandError("Behind a socket of this machine nobody knows the console's address: set BASE_URL to it.")
    return f"http://{'127.0.0.1' if host in ('', '0.0.0.0', '[::]') else host}:{port}"  # noqa: S104 - compared, not bound


class Command(BaseCommand):
    help = "Migrate, load and check the managed policies, create the first account when there is none, and serve the console."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--bind", action="append", help=f"where to listen; may be given several times (default {DEFAULT_BIND})"
        )
        parser.add_argument("--workers", default="2")
        parser.add_argument("--demo", action="store_true", help="fill a new installation with a sample organisation")
        parser.add_argument("--prepare-only", action="store_true", help="set everything up and stop before serving")

    def handle(self, *args: Any, **options: Any) -> None:
        """A second start changes nothing: every step first looks whether it is needed."""
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        if not ManagedPolicy.objects.filter(account_id=AWS).exists():
            call_command("load_managed_policies")
        call_command("check_policies")
        call_command("check_trust_policies")
        account = Account.objects.order_by("created_at", "id").first() or self.first_account()
        if options["demo"]:
            call_command("load_demo", account=account.pk)
        analyse()
        binds = options["bind"] or [DEFAULT_BIND]
        self.tell(account, binds)
        if not options["prepare_only"]:
            self.serve(binds, options["workers"])

    def first_account(self) -> Account:
        """An account with a random number and a root user who has no password yet."""
        number = os.environ.get("ACCOUNT_ID") or str(secrets.randbelow(9 * 10**11) + 10**11)
        return create_account(number)

    def tell(self, account: Account, binds: Sequence[str]) -> None:
        """Where to sign in; and, until the root user has a password, the one-time link on which to choose it."""
        base = settings.BASE_URL if "BASE_URL" in os.environ else base_of(binds)
        self.stdout.write(f"IAM console: {base}/ (account {account.pk})")
        root = User.everyone.get(account=account, is_root=True)
        if not LoginProfile.objects.filter(user=root).exclude(password_hash="").exists():
            self.stdout.write(
                "Choose the root user's email address and password on this page (the link works once, for 24 hours):"
            )
            self.stdout.write(f"  {base}{make_setup_link(root)}")
        self.stdout.flush()

    def serve(self, binds: Sequence[str], workers: str) -> None:
        """Become gunicorn: no process of ours stays in between, so signals reach the server."""
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "iamconsole.wsgi",
            *(part for bind in binds for part in ("--bind", bind)),
            "--workers",
            workers,
            "--preload",
            "--config",
            "python:iamconsole.server",
        ]
        if "BASE_URL" not in os.environ:
            os.environ["BASE_URL"] = base_of(binds)  # links that are sent must lead to where it is served
        os.execv(sys.executable, command)  # noqa: S606 - our own interpreter, a fixed command
