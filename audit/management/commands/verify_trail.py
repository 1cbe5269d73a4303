"""`manage.py verify_trail`: prove that no Event was altered, removed or moved."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.integrity import verify
from operations import journal
from operations.models import Event, Ledger


class Command(BaseCommand):
    help = "Verify the hash chain of the record; exit status 1 when a fault is found."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", help="one account; all of them by default")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each account and for each fault."""
        journal.settle()
        known = set(Ledger.objects.values_list("pk", flat=True)) | set(
            Event.objects.values_list("account_id", flat=True).distinct()
        )
        accounts = [options["account"]] if options["account"] else sorted(known)
        broken = False
        for account_id in accounts:
            faults = 0
            for fault in verify(account_id):
                faults += 1
                self.stderr.write(str(fault))
            count = Event.objects.filter(account_id=account_id).count()
            self.stdout.write(f"account {account_id}: {count} events, {'whole' if not faults else f'{faults} faults'}")
            broken = broken or faults > 0
        if broken:
            sys.exit(1)
