"""`manage.py load_managed_policies`: bring the AWS managed policies up to the data of the installed packages."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policies.aws_managed import DataMissing, data_file, load, read


class Command(BaseCommand):
    help = "Load the AWS managed policies. Safe to run at any time: a second run changes nothing."

    def handle(self, *_: Any, **options: Any) -> None:
        """Read, load, and say what has changed. Raises CommandError when the data is not there."""
        self.verbosity = options["verbosity"]
        try:
            published = read(data_file())
        except DataMissing as error:
            raise CommandError(str(error)) from error
        outcome = load(published, self.progress)
        if self.verbosity:
            self.stdout.write(
                f"{outcome.total} AWS managed policies: {len(outcome.added)} added, {len(outcome.changed)} changed, "
                f"{len(outcome.retired)} retired."
            )

    def progress(self, done: int, total: int) -> None:
        """One line that counts up, for a person who watches; nothing in a log."""
        if self.verbosity and self.stdout.isatty():
            self.stdout.write(f"\rLoading AWS managed policies: {done}/{total}", ending="\n" if done == total else "")
            self.stdout.flush()
