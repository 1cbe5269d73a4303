"""How often somebody has tried in vain: the memory behind growing delays at sign-in."""

from django.db import models


class Throttle(models.Model):
    """Attempts under one key (an address, a user, a user from an address); the key is hashed, so no typed name is kept."""

    key = models.CharField(max_length=64, primary_key=True)
    attempts = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    blocked_until = models.DateTimeField(null=True, blank=True)
