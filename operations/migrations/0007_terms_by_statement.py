"""PostgreSQL looks at all Events of a statement at once when it keeps their terms: most of them are the same."""

from django.db import migrations

FIELDS = ("name", "user_name", "resource", "reason")
REMOVE = ["DROP TRIGGER event_terms ON operations_event", "DROP FUNCTION keep_event_terms()"]
_TERMS = "INSERT INTO operations_eventterm (account_id, field, value, folded)"


def adding(rows, each):
    """The function and its trigger: over `rows`, for each row or each statement."""
    values = ", ".join(f"('{field}', fresh.{field})" for field in FIELDS)
    table = " REFERENCING NEW TABLE AS fresh" if each == "STATEMENT" else ""
    return [
        f"CREATE FUNCTION keep_event_terms() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_TERMS} "
        "SELECT DISTINCT fresh.account_id, term.field, term.value, LOWER(term.value) "
        f"FROM {rows} CROSS JOIN LATERAL (VALUES {values}) AS term (field, value) WHERE term.value <> '' "
        "ON CONFLICT DO NOTHING; RETURN NULL; END $$",
        f"CREATE TRIGGER event_terms AFTER INSERT ON operations_event{table} FOR EACH {each} EXECUTE FUNCTION keep_event_terms()",
    ]


def run(schema_editor, statements):
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def by_statement(apps, schema_editor):
    run(schema_editor, [*REMOVE, *adding("fresh", "STATEMENT")])


def by_row(apps, schema_editor):
    run(schema_editor, [*REMOVE, *adding("(SELECT NEW.*) AS fresh", "ROW")])


class Migration(migrations.Migration):
    dependencies = [("operations", "0006_event_reason")]
    operations = [migrations.RunPython(by_statement, by_row)]
