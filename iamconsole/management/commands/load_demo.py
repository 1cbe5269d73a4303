"""`manage.py load_demo`: fill an account with the sample organisation."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.models import Group
from iamconsole.demo.organisation import SampleOrganisation


class Command(BaseCommand):
    help = "Fill an empty account with a sample organisation of sixty people. A second run changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Leave an account alone that has groups already."""
        if Group.objects.filter(account_id=options["account"]).exists():
            self.stdout.write("The account is not empty; nothing was added.")
            return
        SampleOrganisation(options["account"], lambda step: self.stdout.write(f"sample organisation: {step}")).make()
