"""SSH public keys, by which users reach AWS CodeCommit."""

from django.db import models

from accounts.models.user import User
from operations.clock import now


class SshPublicKey(models.Model):
    """An RSA key as it was uploaded; it is handed out in either encoding."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="ssh_public_keys")
    key_id = models.CharField(max_length=32, unique=True)  # APKA…
    body = models.TextField()
    fingerprint = models.CharField(max_length=48)
    is_active = models.BooleanField(default=True)
    uploaded_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "fingerprint"], name="ssh_public_key_unique")]

    def __str__(self) -> str:
        return self.key_id
