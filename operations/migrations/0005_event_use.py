"""An index that answers alone when a principal last did what: for reports of when services were last accessed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('operations', '0004_event_terms'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['account_id', 'principal_id', 'source', 'name', 'time'], name='event_use'),
        ),
    ]
