"""The database itself refuses to change or delete an Event, whoever asks."""

from django.db import migrations

ADD = {
    "sqlite": [
        "CREATE TRIGGER event_no_update BEFORE UPDATE ON operations_event BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END",
        "CREATE TRIGGER event_no_delete BEFORE DELETE ON operations_event BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END",
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the record is append-only'; END $$",
        "CREATE TRIGGER event_no_change BEFORE UPDATE OR DELETE ON operations_event "
        "FOR EACH ROW EXECUTE FUNCTION refuse_event_change()",
        "CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON operations_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_change()",
    ],
}
REMOVE = {
    "sqlite": ["DROP TRIGGER event_no_update", "DROP TRIGGER event_no_delete"],
    "postgresql": [
        "DROP TRIGGER event_no_truncate ON operations_event",
        "DROP TRIGGER event_no_change ON operations_event",
        "DROP FUNCTION refuse_event_change()",
    ],
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


class Migration(migrations.Migration):
    dependencies = [("operations", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
