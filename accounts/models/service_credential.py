"""Service-specific credentials: names and passwords for services that do not take signed requests."""

from django.db import models

from accounts.models.user import User
from operations.clock import now


class ServiceSpecificCredential(models.Model):
    """A user's name and password at one service, or its API key there. Of the secret only a hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="service_credentials")
    credential_id = models.CharField(max_length=32, unique=True)  # ACCA…
    service = models.CharField(max_length=128)
    service_user_name = models.CharField(max_length=200)
    secret_digest = models.CharField(max_length=64)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "service", "service_user_name"], name="service_credential_name_unique"
            )
        ]

    def __str__(self) -> str:
        return self.credential_id
