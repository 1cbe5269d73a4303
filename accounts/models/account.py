"""Accounts: the twelve-digit boundary around everything else."""

from django.db import models

from operations.clock import now


class Account(models.Model):
    """An account with its alias and its own settings. Its root user is the User with `is_root`."""

    id = models.CharField(max_length=12, primary_key=True)
    alias = models.CharField(max_length=63, unique=True, null=True, blank=True)
    name = models.CharField(max_length=50, blank=True)
    created_at = models.DateTimeField(default=now)
    user_count = models.PositiveIntegerField(default=0)  # kept: creating a user costs the same at any size
    require_mfa = models.BooleanField(default=False)
    session_idle_minutes = models.PositiveIntegerField(default=60)
    global_endpoint_token_version = models.CharField(max_length=8, default="v1Token")

    def __str__(self) -> str:
        return self.alias or self.id
