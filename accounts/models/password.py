"""Console passwords: login profiles, their history, the account's password policy, and links by which people choose a password."""

from django.db import models

from accounts.models.account import Account
from accounts.models.user import User
from operations.clock import now


class LoginProfile(models.Model):
    """A user's console password, as an Argon2id hash."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="login_profile")
    password_hash = models.CharField(
        max_length=256, blank=True
    )  # empty: nobody can sign in with it yet (an invitation is open)
    reset_required = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)
    changed_at = models.DateTimeField(default=now)


class PasswordHistory(models.Model):
    """An earlier password's hash, kept as long as the reuse rule can ask for it (24 at most)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="password_history")
    password_hash = models.CharField(max_length=256)
    created_at = models.DateTimeField(default=now)


class PasswordPolicy(models.Model):
    """The account's password policy; without a row AWS's default policy is in force."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="password_policy")
    minimum_length = models.PositiveIntegerField(default=6)
    require_symbols = models.BooleanField(default=False)
    require_numbers = models.BooleanField(default=False)
    require_uppercase = models.BooleanField(default=False)
    require_lowercase = models.BooleanField(default=False)
    allow_users_to_change = models.BooleanField(default=False)
    max_age = models.PositiveIntegerField(null=True, blank=True)  # days
    reuse_prevention = models.PositiveIntegerField(null=True, blank=True)
    hard_expiry = models.BooleanField(default=False)


class PasswordChecks(models.Model):
    """Checks beside AWS's policy, off by default; AWS's password policy operations leave them alone."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="password_checks")
    refuse_breached = models.BooleanField(default=False)  # compare with the installation's list of breached passwords
    minimum_strength = models.PositiveIntegerField(default=0)  # zxcvbn's score, 0 to 4


class PasswordLink(models.Model):
    """A single-use link by which a user chooses a password: an invitation, or the root user's first set-up."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="password_links")
    token_digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
