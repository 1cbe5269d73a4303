"""The values to search the record by, each once: the database itself keeps them as Events come, and those of older Events are filled in.

`LOWER` folds ASCII letters on SQLite, and all letters on PostgreSQL.
"""

from django.db import migrations, models

FIELDS = ("name", "user_name", "resource")
_COLUMNS = "INSERT INTO operations_eventterm (account_id, field, value, folded)"
ADD = {
    "sqlite": [
        f"CREATE TRIGGER event_terms AFTER INSERT ON operations_event BEGIN {_COLUMNS} "
        "SELECT NEW.account_id, field, value, LOWER(value) FROM (SELECT 'name' AS field, NEW.name AS value "
        "UNION ALL SELECT 'user_name', NEW.user_name UNION ALL SELECT 'resource', NEW.resource) "
        "WHERE value <> '' ON CONFLICT DO NOTHING; END"
    ],
    "postgresql": [
        f"CREATE FUNCTION keep_event_terms() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_COLUMNS} "
        "SELECT NEW.account_id, field, value, LOWER(value) "
        "FROM (VALUES ('name', NEW.name), ('user_name', NEW.user_name), ('resource', NEW.resource)) AS term (field, value) "
        "WHERE value <> '' ON CONFLICT DO NOTHING; RETURN NULL; END $$",
        "CREATE TRIGGER event_terms AFTER INSERT ON operations_event FOR EACH ROW EXECUTE FUNCTION keep_event_terms()",
    ],
}
REMOVE = {
    "sqlite": ["DROP TRIGGER event_terms"],
    "postgresql": ["DROP TRIGGER event_terms ON operations_event", "DROP FUNCTION keep_event_terms()"],
}


def run(statements, connection):
    """Execute the statements of this database's kind."""
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)


def add(apps, schema_editor):
    run(ADD, schema_editor.connection)


def remove(apps, schema_editor):
    run(REMOVE, schema_editor.connection)


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for field in FIELDS:
            chosen = f"SELECT DISTINCT account_id, '{field}', {field}, LOWER({field}) FROM operations_event WHERE {field} <> ''"
            cursor.execute(f"{_COLUMNS} {chosen} ON CONFLICT DO NOTHING")


class Migration(migrations.Migration):
    dependencies = [("operations", "0003_event_indexes_by_time")]
    operations = [
        migrations.CreateModel(
            name="EventTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.CharField(max_length=12)),
                ("field", models.CharField(max_length=16)),
                ("value", models.CharField(max_length=2048)),
                ("folded", models.CharField(max_length=2048)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account_id", "field", "folded", "value"), name="event_term_unique"
                    )
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(add, remove),
    ]
