"""Roles: identities that others assume for a while."""

from django.db import models

from accounts.models.account import Account
from operations.clock import now
from operations.ids import iam_arn
from policies.models import ManagedPolicy


class Role(models.Model):
    """A role. `trust_policy` is kept as it was saved, with user and role principals stored as unique ids."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="roles")
    name = models.CharField(max_length=64)
    name_key = models.CharField(max_length=64)  # lower case
    path = models.CharField(max_length=512, default="/")
    unique_id = models.CharField(max_length=32, unique=True)
    created_at = models.DateTimeField(default=now)
    description = models.CharField(max_length=1000, blank=True)
    max_session_duration = models.PositiveIntegerField(default=3600)  # seconds
    trust_policy = models.TextField()
    boundary = models.ForeignKey(
        ManagedPolicy, on_delete=models.PROTECT, null=True, blank=True, related_name="bounded_roles"
    )
    boundary_key = models.CharField(max_length=128, blank=True)  # its name in lower case: a policy keeps its name
    trusted_first = models.CharField(max_length=2048, blank=True)  # the first trusted principal as it is stored
    trusts_anybody = models.BooleanField(default=False)  # its trust policy does not say who may assume it
    trust_checked_with = models.CharField(
        max_length=16, blank=True, default=""
    )  # the edition of the checks that found that
    service_linked_to = models.CharField(max_length=128, blank=True)  # the service of a service-linked role
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_used_region = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name_key"], name="role_name_unique")]
        indexes = [
            models.Index(fields=["account", "path", "id"], name="role_path"),
            models.Index(fields=["account", "created_at", "id"], name="role_created"),
            models.Index(fields=["account", "last_used_at", "id"], name="role_last_used"),
            models.Index(fields=["account", "boundary_key", "id"], name="role_boundary"),
            models.Index(fields=["account"], condition=models.Q(trusts_anybody=True), name="role_trusts_anybody"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        return iam_arn(self.account_id, f"role{self.path}{self.name}")

    @property
    def is_service_linked(self) -> bool:
        return bool(self.service_linked_to)


class RoleTag(models.Model):
    """A tag on a role; its key folds case as a user's does."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="tags")
    key = models.CharField(max_length=128)
    key_folded = models.CharField(max_length=128)
    value = models.CharField(max_length=256, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "key_folded"], name="role_tag_unique")]
        indexes = [models.Index(fields=["key_folded", "value", "role"], name="role_tag_value")]
