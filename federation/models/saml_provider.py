"""SAML identity providers."""

from django.db import models

from accounts.models import Account
from operations.clock import now
from operations.ids import iam_arn
from operations.secrets import EncryptedTextField


class SamlProvider(models.Model):
    """An identity provider by its metadata document, with the keys that decrypt its assertions."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="saml_providers")
    name = models.CharField(max_length=128)
    uuid = models.CharField(max_length=64, unique=True)
    metadata = models.TextField()
    entity_id = models.CharField(max_length=1024)
    created_at = models.DateTimeField(default=now)
    valid_until = models.DateTimeField()
    encryption_mode = models.CharField(max_length=8, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="saml_provider_name_unique")]

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        return iam_arn(self.account_id, f"saml-provider/{self.name}")


class SamlPrivateKey(models.Model):
    """A key with which encrypted assertions are read; up to two, so that one can follow the other."""

    provider = models.ForeignKey(SamlProvider, on_delete=models.CASCADE, related_name="private_keys")
    key_id = models.CharField(max_length=64, unique=True)
    private_key = EncryptedTextField()
    added_at = models.DateTimeField(default=now)


class SamlProviderTag(models.Model):
    """A tag on a SAML provider; its key is case-sensitive."""

    provider = models.ForeignKey(SamlProvider, on_delete=models.CASCADE, related_name="tags")
    key = models.CharField(max_length=128)
    value = models.CharField(max_length=256, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "key"], name="saml_provider_tag_unique")]
