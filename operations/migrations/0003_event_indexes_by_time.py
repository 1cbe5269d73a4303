"""The indexes of the record lead on to the time, in which order it is read."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('operations', '0002_append_only'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='event',
            name='event_name',
        ),
        migrations.RemoveIndex(
            model_name='event',
            name='event_principal',
        ),
        migrations.RemoveIndex(
            model_name='event',
            name='event_principal_id',
        ),
        migrations.RemoveIndex(
            model_name='event',
            name='event_user',
        ),
        migrations.RemoveIndex(
            model_name='event',
            name='event_error',
        ),
        migrations.RemoveIndex(
            model_name='event',
            name='event_key',
        ),
        migrations.RemoveIndex(
            model_name='event',
            name='event_resource',
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['account_id', 'name', 'time', 'id'], name='event_name'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['account_id', 'principal_arn', 'time', 'id'], name='event_principal'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['account_id', 'principal_id', 'time', 'id'], name='event_principal_id'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['account_id', 'user_name', 'time', 'id'], name='event_user'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['account_id', 'error_code', 'time', 'id'], name='event_error'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['account_id', 'access_key_id', 'time', 'id'], name='event_key'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['account_id', 'resource', 'time', 'id'], name='event_resource'),
        ),
    ]
