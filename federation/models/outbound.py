"""Outbound web identity: the issuer of an account, by whose tokens its principals show other services who they are."""

from django.db import models

from accounts.models import Account
from operations.clock import now
from operations.secrets import EncryptedTextField


class OutboundIssuer(models.Model):
    """An account's issuer. It stays when the feature is disabled, so that enabling it again gives the same URL."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="outbound_issuer")
    public_id = models.CharField(max_length=36, unique=True)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.public_id


class OutboundKey(models.Model):
    """A signing key of an issuer; its public half is published under the issuer's URL."""

    issuer = models.ForeignKey(OutboundIssuer, on_delete=models.CASCADE, related_name="keys")
    key_id = models.CharField(max_length=64, unique=True)
    algorithm = models.CharField(max_length=5)
    private_key = EncryptedTextField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "algorithm"], name="outbound_key_unique")]
