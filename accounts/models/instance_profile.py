"""Instance profiles: the name by which a workload is given a role."""

from django.db import models

from accounts.models.account import Account
from accounts.models.role import Role
from operations.clock import now
from operations.ids import iam_arn


class InstanceProfile(models.Model):
    """A container for at most one role."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="instance_profiles")
    name = models.CharField(max_length=128)
    name_key = models.CharField(max_length=128)  # lower case
    path = models.CharField(max_length=512, default="/")
    unique_id = models.CharField(max_length=32, unique=True)
    created_at = models.DateTimeField(default=now)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, null=True, blank=True, related_name="instance_profiles")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name_key"], name="instance_profile_name_unique")]

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        return iam_arn(self.account_id, f"instance-profile{self.path}{self.name}")


class InstanceProfileTag(models.Model):
    """A tag on an instance profile; its key is case-sensitive."""

    instance_profile = models.ForeignKey(InstanceProfile, on_delete=models.CASCADE, related_name="tags")
    key = models.CharField(max_length=128)
    value = models.CharField(max_length=256, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instance_profile", "key"], name="instance_profile_tag_unique")]
