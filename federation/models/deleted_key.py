"""Access keys that were deleted: whoever still uses one is refused, and the account it belonged to learns of it."""

from django.db import models

from operations.clock import now


class DeletedAccessKey(models.Model):
    """What is remembered of a deleted access key. Its secret is not."""

    key_id = models.CharField(max_length=32, unique=True)
    account_id = models.CharField(max_length=12)
    user_arn = models.CharField(max_length=2048)
    unique_id = models.CharField(max_length=32)
    deleted_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return self.key_id
