"""OIDC identity providers."""

from django.db import models

from accounts.models import Account
from operations.clock import now
from operations.ids import iam_arn


class OidcProvider(models.Model):
    """An issuer whose tokens an account may trust. `url` has no scheme, as AWS gives it back."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="oidc_providers")
    url = models.CharField(max_length=255)
    client_ids = models.JSONField(default=list)
    thumbprints = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "url"], name="oidc_provider_url_unique")]

    def __str__(self) -> str:
        return self.url

    @property
    def arn(self) -> str:
        return iam_arn(self.account_id, f"oidc-provider/{self.url}")


class OidcProviderTag(models.Model):
    """A tag on an OIDC provider; its key is case-sensitive."""

    provider = models.ForeignKey(OidcProvider, on_delete=models.CASCADE, related_name="tags")
    key = models.CharField(max_length=128)
    value = models.CharField(max_length=256, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "key"], name="oidc_provider_tag_unique")]
