"""Signing certificates: X.509 credentials of users."""

from django.db import models

from accounts.models.user import User
from operations.clock import now


class SigningCertificate(models.Model):
    """A certificate as it was uploaded. One certificate belongs to one user of the account."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="signing_certificates")
    certificate_id = models.CharField(max_length=32, unique=True)
    body = models.TextField()
    fingerprint = models.CharField(max_length=64)  # SHA-256
    is_active = models.BooleanField(default=True)
    status_changed_at = models.DateTimeField(default=now)
    uploaded_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["fingerprint"], name="signing_certificate_print")]

    def __str__(self) -> str:
        return self.certificate_id
