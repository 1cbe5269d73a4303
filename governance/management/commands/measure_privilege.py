"""`manage.py measure_privilege`: keep how many have standing administrator access today, for the dashboard's course."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from accounts.models import Account
from governance.privilege_course import measure


class Command(BaseCommand):
    help = (
        "Measure how many users and roles have standing administrator access, for the course that the dashboard shows. "
        "A look at the dashboard does the same; run it daily where nobody looks each day."
    )

    def handle(self, *_: Any, **options: Any) -> None:
        """Measure every account; a second run on a day replaces the first."""
        for account_id in Account.objects.order_by("pk").values_list("pk", flat=True):
            total = measure(account_id).total
            if options["verbosity"]:
                said = ngettext("%(n)d administrator", "%(n)d administrators", total) % {"n": total}
                self.stdout.write(f"{account_id}: {said}")
