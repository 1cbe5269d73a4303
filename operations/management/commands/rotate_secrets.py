"""`manage.py rotate_secrets`: write every encrypted value again under the newest key."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import connection, transaction

from operations.secrets import EncryptedTextField, rotate

BATCH = 500


class Command(BaseCommand):
    help = (
        "Encrypt every stored secret anew with the first of ENCRYPTION_KEYS. To replace a key: put the new one first, restart, "
        "run this command, then remove the old one and restart."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate column by column; each batch is one transaction, so an interrupted run is simply run again."""
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, EncryptedTextField):
                    count = self.rotate_column(model._meta.db_table, str(field.column), str(model._meta.pk.column))
                    self.stdout.write(f"{model._meta.label}.{field.name}: {count} rotated")

    def rotate_column(self, table: str, column: str, key: str) -> int:
        """Work on the cipher text itself, below the ORM, which would decrypt it."""
        quote = connection.ops.quote_name
        table, column, key = quote(table), quote(column), quote(key)
        last, count = None, 0
        while True:
            where = f"WHERE {key} > %s" if last is not None else ""
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(  # the names are the models' own
                    f"SELECT {key}, {column} FROM {table} {where} ORDER BY {key} LIMIT {BATCH}",  # noqa: S608
                    [last] if last is not None else [],
                )
                rows = cursor.fetchall()
                for row_key, cipher in rows:
                    if cipher:
                        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", [rotate(cipher), row_key])  # noqa: S608
                        count += 1
            if len(rows) < BATCH:
                return count
            last = rows[-1][0]
