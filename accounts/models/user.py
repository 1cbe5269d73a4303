"""Users: IAM users and each account's root user, who is kept apart from them by the default manager."""

from django.db import models

from accounts.models.account import Account
from accounts.models.group import Group
from operations.clock import now
from operations.ids import iam_arn
from policies.models import ManagedPolicy

# Whoever can sign in with a password; who was invited cannot yet.
HAS_PASSWORD = models.Q(console_access=True, password_changed_at__isnull=False)
IS_INVITED = models.Q(console_access=True, password_changed_at__isnull=True)


class IamUserManager(models.Manager["User"]):
    """IAM users only: the root user is in no listing, no group and no count."""

    def get_queryset(self) -> "models.QuerySet[User]":
        return super().get_queryset().filter(is_root=False)


class User(models.Model):
    """An IAM user, or (with `is_root`) the root user of an account.

    The columns below `boundary` are summaries that the credential operations keep, so that lists can filter and sort by them at any size.
    """

    # Without an index of its own: each of those below begins with the account, and planners took the bare one for counting.
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="users", db_index=False)
    is_root = models.BooleanField(default=False)
    name = models.CharField(max_length=128)
    name_key = models.CharField(max_length=128)  # lower case
    path = models.CharField(max_length=512, default="/")
    unique_id = models.CharField(max_length=32, unique=True)  # AIDA…; the account id for the root user
    email = models.CharField(
        max_length=254, blank=True
    )  # the root user's name at sign-in; for others, where notices go
    created_at = models.DateTimeField(default=now)
    boundary = models.ForeignKey(
        ManagedPolicy, on_delete=models.PROTECT, null=True, blank=True, related_name="bounded_users"
    )
    boundary_key = models.CharField(max_length=128, blank=True)  # its name in lower case: a policy keeps its name
    groups = models.ManyToManyField(Group, through="Membership", related_name="members")
    preferences = models.JSONField(default=dict)  # theme, density, columns: what pages remember for this user

    console_access = models.BooleanField(default=False)  # has a login profile: a password, or an open invitation
    password_changed_at = models.DateTimeField(null=True, blank=True)  # empty until a password is chosen
    password_last_used = models.DateTimeField(null=True, blank=True)
    last_activity_at = models.DateTimeField(null=True, blank=True)
    mfa_device_count = models.PositiveIntegerField(default=0)
    active_key_count = models.PositiveIntegerField(default=0)
    oldest_active_key_at = models.DateTimeField(null=True, blank=True)
    unused_key_at = models.DateTimeField(
        null=True, blank=True
    )  # when the oldest active key was made that was never used
    group_count = models.PositiveIntegerField(default=0)

    objects = IamUserManager()
    everyone = models.Manager["User"]()

    class Meta:
        base_manager_name = "everyone"
        constraints = [
            models.UniqueConstraint(fields=["account", "name_key"], name="user_name_unique"),
            models.UniqueConstraint(fields=["account"], condition=models.Q(is_root=True), name="user_one_root"),
        ]
        # Every list leaves the root user out: with that column in them, the indexes alone answer filters, orders and counts.
        indexes = [
            models.Index(fields=["account", field, "id", "is_root"], name=f"user_{name}")
            for name, field in (
                ("name", "name_key"),
                ("path", "path"),
                ("id", "unique_id"),
                ("created", "created_at"),
                ("activity", "last_activity_at"),
                ("mfa", "mfa_device_count"),
                ("key_age", "oldest_active_key_at"),
                ("keys", "active_key_count"),
                ("password_age", "password_changed_at"),
                ("console", "console_access"),
                ("groups", "group_count"),
                ("signed_in", "password_last_used"),
                ("boundary", "boundary_key"),
                ("address", "email"),
            )
        ]
        indexes += [models.Index(fields=["email"], name="user_email")]

    def __str__(self) -> str:
        return self.name

    @property
    def has_password(self) -> bool:
        """Whether the user can sign in with a password."""
        return self.console_access and self.password_changed_at is not None

    @property
    def is_invited(self) -> bool:
        """Whether the user is to choose a password, and has none yet."""
        return self.console_access and self.password_changed_at is None

    @property
    def arn(self) -> str:
        return iam_arn(self.account_id, "root" if self.is_root else f"user{self.path}{self.name}")


class Membership(models.Model):
    """A user's place in a group. `by_rule`: the group's rule gave it and may take it away."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    created_at = models.DateTimeField(default=now)
    by_rule = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "group"], name="membership_unique")]


class UserTag(models.Model):
    """A tag on a user. Keys that differ only in case are one key; the newest spelling stays."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tags")
    key = models.CharField(max_length=128)
    key_folded = models.CharField(max_length=128)
    value = models.CharField(max_length=256, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key_folded"], name="user_tag_unique")]
        indexes = [models.Index(fields=["key_folded", "value", "user"], name="user_tag_value")]
