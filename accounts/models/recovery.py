"""Recovery codes: the second factor of somebody whose devices are out of reach."""

from django.db import models

from accounts.models.user import User
from operations.clock import now


class RecoveryCode(models.Model):
    """One code of a user's set, stored under its hash. A set counts from the moment when one of its codes was typed back."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_digest"], name="recovery_code_unique")]
