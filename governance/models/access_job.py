"""Reports of when services were last accessed."""

from django.db import models

from operations.clock import now


class AccessJob(models.Model):
    """A report about one user, group, role or policy. Only the principal that asked for it may read it."""

    job_id = models.CharField(max_length=36, unique=True)
    account_id = models.CharField(max_length=12)
    asked_by = models.CharField(max_length=2048)
    arn = models.CharField(max_length=2048)
    by_action = models.BooleanField(default=False)
    services = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now, db_index=True)

    def __str__(self) -> str:
        return self.job_id
