"""`manage.py check_trust_policies`: keep beside each role what the checks of this release find in its trust policy."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.trust_facts import check_again


class Command(BaseCommand):
    help = "Check the trust policies that another release has checked. Safe to run at any time: a second run changes nothing."

    def handle(self, *_: Any, **options: Any) -> None:
        """Check, and say how many there were; nothing where there were none."""
        done = check_again()
        if done and options["verbosity"]:
            self.stdout.write(f"{done} trust policies checked anew.")
