"""Access keys: long-term credentials of programs."""

from django.db import models
from django.db.models import Min, OuterRef, Subquery

from accounts.models.user import User
from operations.clock import now
from operations.secrets import EncryptedTextField


class AccessKey(models.Model):
    """An access key of a user or of the root user. The secret is encrypted, because verifying SigV4 needs it again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_keys")
    key_id = models.CharField(max_length=32, unique=True)
    secret = EncryptedTextField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)
    status_changed_at = models.DateTimeField(default=now)
    description = models.CharField(max_length=256, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    allowed_sources = models.JSONField(default=list)  # CIDR texts; empty allows every address
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_service = models.CharField(max_length=64, blank=True)
    last_used_region = models.CharField(max_length=64, blank=True)
    last_used_ip = models.CharField(max_length=64, blank=True)
    last_used_agent = models.CharField(max_length=256, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "created_at"], name="access_key_user")]


def unused_key_at() -> Subquery:
    """For an update of users: when the oldest of their active keys was made that was never used."""
    unused = AccessKey.objects.filter(user=OuterRef("pk"), is_active=True, last_used_at=None).order_by()
    return Subquery(unused.values("user").annotate(first=Min("created_at")).values("first"))
