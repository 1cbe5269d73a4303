"""The values to search the record by, each once; those of the Events that are there already are filled in."""

from django.db import migrations, models

FIELDS = ("name", "user_name", "resource")
PIECE = 2000


def fill(apps, schema_editor):
    events, terms = (apps.get_model("operations", name) for name in ("Event", "EventTerm"))
    for field in FIELDS:
        values = events.objects.exclude(**{field: ""}).order_by().values_list("account_id", field).distinct()
        piece = []
        for account_id, value in values.iterator(PIECE):
            piece.append(terms(account_id=account_id, field=field, value=value, folded=value.lower()))
            if len(piece) == PIECE:
                terms.objects.bulk_create(piece)
                piece = []
        terms.objects.bulk_create(piece)


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
                    models.UniqueConstraint(fields=("account_id", "field", "folded", "value"), name="event_term_unique")
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
