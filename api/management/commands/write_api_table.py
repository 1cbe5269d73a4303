"""`manage.py write_api_table`: bring the table of operations in docs/api.md up to date."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from api.table import within


class Command(BaseCommand):
    help = "Write the table of all operations into docs/api.md."

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "api.md"
        path.write_text(within(path.read_text(encoding="utf-8")), encoding="utf-8")
        self.stdout.write(f"{path} is up to date.")
