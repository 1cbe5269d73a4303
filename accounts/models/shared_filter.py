"""Filters of lists that everybody in the account sees."""

from django.db import models

from accounts.models.account import Account
from operations.clock import now


class SharedFilter(models.Model):
    """A name for what a list shows: `query` is the part of the list's address that says so (pages.listing.saved)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="shared_filters")
    list = models.CharField(max_length=64)  # the list's key, such as `users`
    name = models.CharField(max_length=64)
    name_key = models.CharField(max_length=192)  # in one case, which may take more characters
    query = models.CharField(max_length=1000)
    created_by = models.CharField(max_length=2048)  # the ARN of who shared it
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "list", "name_key"], name="shared_filter_unique")]

    def __str__(self) -> str:
        return self.name
