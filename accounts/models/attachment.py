"""What hangs on users, groups and roles: attached managed policies and inline policies."""

from django.db import models

from accounts.models.group import Group
from accounts.models.role import Role
from accounts.models.user import User
from operations.clock import now
from policies.models import ManagedPolicy


class Attachment(models.Model):
    """A managed policy attached to one entity. A policy with attachments cannot be deleted: the database protects it."""

    policy = models.ForeignKey(ManagedPolicy, on_delete=models.PROTECT, related_name="%(class)ss")
    attached_at = models.DateTimeField(default=now)

    class Meta:
        abstract = True


class UserAttachment(Attachment):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="attachments")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "policy"], name="user_attachment_unique")]


class GroupAttachment(Attachment):
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="attachments")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "policy"], name="group_attachment_unique")]


class RoleAttachment(Attachment):
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="attachments")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "policy"], name="role_attachment_unique")]


class InlinePolicy(models.Model):
    """A policy document that belongs to exactly one entity and dies with it."""

    name = models.CharField(max_length=128)
    name_key = models.CharField(max_length=128)  # lower case, for the order of listings
    document = models.TextField()
    # Every action on every resource, without a condition (policies.facts); kept by whatever stores the document.
    allows_everything = models.BooleanField(default=False)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        abstract = True


class UserInlinePolicy(InlinePolicy):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="inline_policies")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="user_inline_unique")]
        indexes = [
            models.Index(fields=["user"], condition=models.Q(allows_everything=True), name="user_inline_everything")
        ]


class GroupInlinePolicy(InlinePolicy):
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="inline_policies")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "name"], name="group_inline_unique")]
        indexes = [
            models.Index(fields=["group"], condition=models.Q(allows_everything=True), name="group_inline_everything")
        ]


class RoleInlinePolicy(InlinePolicy):
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="inline_policies")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "name"], name="role_inline_unique")]
