"""Why a change was made, beside the other columns to search the record by: its values are kept as terms, too.

The column may be missing, so that neither database writes the table anew; its index holds the Events that have a reason alone.
"""

from django.db import migrations, models

_COLUMNS = "INSERT INTO operations_eventterm (account_id, field, value, folded)"
REMOVE = {
    "sqlite": ["DROP TRIGGER event_terms"],
    "postgresql": ["DROP TRIGGER event_terms ON operations_event", "DROP FUNCTION keep_event_terms()"],
}


def adding(fields):
    """The statements of a trigger that keeps the values of these columns as terms."""
    selected = " UNION ALL ".join(f"SELECT '{field}' AS field, NEW.{field} AS value" for field in fields)
    values = ", ".join(f"('{field}', NEW.{field})" for field in fields)
    return {
        "sqlite": [
            f"CREATE TRIGGER event_terms AFTER INSERT ON operations_event BEGIN {_COLUMNS} "
            f"SELECT NEW.account_id, field, value, LOWER(value) FROM ({selected}) "
            "WHERE value <> '' ON CONFLICT DO NOTHING; END"
        ],
        "postgresql": [
            f"CREATE FUNCTION keep_event_terms() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_COLUMNS} "
            "SELECT NEW.account_id, field, value, LOWER(value) "
            f"FROM (VALUES {values}) AS term (field, value) WHERE value <> '' ON CONFLICT DO NOTHING; RETURN NULL; END $$",
            "CREATE TRIGGER event_terms AFTER INSERT ON operations_event FOR EACH ROW EXECUTE FUNCTION keep_event_terms()",
        ],
    }


BEFORE = adding(("name", "user_name", "resource"))
AFTER = adding(("name", "user_name", "resource", "reason"))


def run(connection, *lists):
    """Execute the statements of this database's kind."""
    with connection.cursor() as cursor:
        for statements in lists:
            for statement in statements[connection.vendor]:
                cursor.execute(statement)


def with_reason(apps, schema_editor):
    run(schema_editor.connection, REMOVE, AFTER)


def without_reason(apps, schema_editor):
    run(schema_editor.connection, REMOVE, BEFORE)


class Migration(migrations.Migration):
    dependencies = [("operations", "0005_event_use")]
    operations = [
        migrations.AddField("event", "reason", models.CharField(max_length=1000, null=True)),
        migrations.AddIndex(
            "event",
            models.Index(
                fields=["account_id", "reason", "time", "id"],
                name="event_reason",
                condition=models.Q(("reason__isnull", False)),
            ),
        ),
        migrations.RunPython(with_reason, without_reason),
    ]
