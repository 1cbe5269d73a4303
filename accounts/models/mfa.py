"""MFA devices: virtual devices (TOTP), assigned or not, and passkeys."""

from django.db import models

from accounts.models.account import Account
from accounts.models.user import User
from operations.clock import now
from operations.secrets import EncryptedTextField


class MfaDevice(models.Model):
    """A virtual MFA device or a passkey. Its serial number is its ARN.

    A virtual device without a user is unassigned: created, but not enabled for anybody. A passkey always has its user.
    """

    VIRTUAL, PASSKEY = "virtual", "passkey"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="mfa_devices")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="mfa_devices")
    former_user = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # of an unassigned device
    kind = models.CharField(max_length=8, default=VIRTUAL)
    name = models.CharField(max_length=226)
    path = models.CharField(max_length=512, default="/")
    serial_number = models.CharField(max_length=768, unique=True)
    created_at = models.DateTimeField(default=now)
    enabled_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    seed = EncryptedTextField(blank=True)  # base32
    drift = models.IntegerField(default=0)  # steps of 30 s by which the device's clock was found to be off
    last_step = models.BigIntegerField(
        default=0
    )  # the time step of the newest code used: no code of it or before it counts again

    credential_id = models.CharField(max_length=1400, unique=True, null=True, blank=True)
    public_key = models.BinaryField(default=bytes, blank=True)
    sign_count = models.BigIntegerField(default=0)
    transports = models.JSONField(default=list)
    aaguid = models.CharField(max_length=36, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "kind", "serial_number"], name="mfa_device_serial"),
            models.Index(fields=["user", "enabled_at"], name="mfa_device_user"),
        ]

    def __str__(self) -> str:
        return self.serial_number

    @property
    def is_passkey(self) -> bool:
        return self.kind == self.PASSKEY


class MfaDeviceTag(models.Model):
    """A tag on a virtual MFA device; its key is case-sensitive."""

    device = models.ForeignKey(MfaDevice, on_delete=models.CASCADE, related_name="tags")
    key = models.CharField(max_length=128)
    value = models.CharField(max_length=256, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "key"], name="mfa_device_tag_unique")]
