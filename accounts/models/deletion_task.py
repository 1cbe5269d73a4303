"""Deletions of service-linked roles, which AWS carries out as tasks."""

from django.db import models

from operations.clock import now


class RoleDeletionTask(models.Model):
    """What became of one deletion."""

    SUCCEEDED, FAILED = "SUCCEEDED", "FAILED"

    account_id = models.CharField(max_length=12)
    task_id = models.CharField(max_length=512, unique=True)
    role_arn = models.CharField(max_length=2048)
    status = models.CharField(max_length=12)
    reason = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.task_id
