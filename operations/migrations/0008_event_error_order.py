"""An index in whose order the trail is read by outcome: the many Events without an error are one value, and their last page is read as their
first.

Its rows are counted at once, as those of the index before it.
"""

from django.db import migrations, models

from operations.statistics import analyse


def count(apps, schema_editor):
    analyse()


class Migration(migrations.Migration):
    dependencies = [("operations", "0007_terms_by_statement")]
    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["account_id", "error_code", "id"], name="event_error_id"),
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
