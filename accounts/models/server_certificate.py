"""Server certificates: certificates with their private keys, for services that end TLS."""

from django.db import models

from accounts.models.account import Account
from operations.clock import now
from operations.ids import iam_arn
from operations.secrets import EncryptedTextField


class ServerCertificate(models.Model):
    """A certificate, its chain and its private key, which no operation hands out."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="server_certificates")
    name = models.CharField(max_length=128)
    name_key = models.CharField(max_length=128)  # lower case
    path = models.CharField(max_length=512, default="/")
    unique_id = models.CharField(max_length=32, unique=True)  # ASCA…
    body = models.TextField()
    chain = models.TextField(blank=True)
    private_key = EncryptedTextField()
    uploaded_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name_key"], name="server_certificate_name_unique")]

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        return iam_arn(self.account_id, f"server-certificate{self.path}{self.name}")


class ServerCertificateTag(models.Model):
    """A tag on a server certificate; its key is case-sensitive."""

    certificate = models.ForeignKey(ServerCertificate, on_delete=models.CASCADE, related_name="tags")
    key = models.CharField(max_length=128)
    value = models.CharField(max_length=256, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["certificate", "key"], name="server_certificate_tag_unique")]
