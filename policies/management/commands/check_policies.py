"""`manage.py check_policies`: keep beside each policy what the checks of this release find in it."""

from typing import Any

from django.core.management.base import BaseCommand

from policies.facts import check_again


class Command(BaseCommand):
    help = "Check the managed policies that another release has checked. Safe to run at any time: a second run changes nothing."

    def handle(self, *_: Any, **options: Any) -> None:
        """Check, and say how many there were; nothing where there were none."""
        self.verbosity = options["verbosity"]
        done = check_again(self.progress)
        if done and self.verbosity:
            self.stdout.write(f"{done} policies checked anew.")

    def progress(self, done: int, total: int) -> None:
        """One line that counts up, for a person who watches; nothing in a log."""
        if self.verbosity and self.stdout.isatty():
            self.stdout.write(f"\rChecking policies: {done}/{total}", ending="\n" if done == total else "")
            self.stdout.flush()
