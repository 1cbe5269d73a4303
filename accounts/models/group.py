"""Groups: collections of users that share policies."""

from django.db import models

from accounts.models.account import Account
from operations.clock import now
from operations.ids import iam_arn


class Group(models.Model):
    """A group of users. A group is no principal: no policy can name it."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="groups")
    name = models.CharField(max_length=128)
    name_key = models.CharField(max_length=128)  # lower case
    path = models.CharField(max_length=512, default="/")
    unique_id = models.CharField(max_length=32, unique=True)
    created_at = models.DateTimeField(default=now)
    member_count = models.PositiveIntegerField(default=0)
    # Who is in it, and what its policies say, as numbers (accounts.group_digests): the same ones are found along an index.
    members_digest = models.BigIntegerField(default=0)
    policies_digest = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name_key"], name="group_name_unique")]
        indexes = [
            models.Index(fields=["account", "created_at", "id"], name="group_created"),
            models.Index(fields=["account", "member_count", "id"], name="group_members"),
            models.Index(fields=["account", "members_digest", "member_count", "id"], name="group_same_members"),
            models.Index(fields=["account", "policies_digest", "id"], name="group_same_policies"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        return iam_arn(self.account_id, f"group{self.path}{self.name}")
