"""The database itself refuses to change or delete an Event, whoever asks."""

from django.db import migrations

SQLITE = [
    "CREATE TRIGGER event_no_update BEFORE UPDATE ON operations_event BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END",
    "CREATE TRIGGER event_no_delete BEFORE DELETE ON operations_event BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END",
]
POSTGRESQL = [
    "CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the record is append-only'; END $$",
    "CREATE TRIGGER event_no_change BEFORE UPDATE OR DELETE ON operations_event "
    "FOR EACH ROW EXECUTE FUNCTION refuse_event_change()",
    "CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON operations_event "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_change()",
]


def add(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER event_no_update")
        schema_editor.execute("DROP TRIGGER event_no_delete")
    else:
        schema_editor.execute("DROP TRIGGER event_no_truncate ON operations_event")
        schema_editor.execute("DROP TRIGGER event_no_change ON operations_event")
        schema_editor.execute("DROP FUNCTION refuse_event_change()")


class Migration(migrations.Migration):
    dependencies = [("operations", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
