"""Remembering access keys when they are deleted, whichever way: alone, or with their user."""

from typing import Any

from accounts.models import AccessKey
from federation.models import DeletedAccessKey


def remember(instance: AccessKey, **_: Any) -> None:
    """Receives Django's signal that a key was deleted, in the transaction that deletes it."""
    user = instance.user
    DeletedAccessKey.objects.update_or_create(
        key_id=instance.key_id,
        defaults={"account_id": user.account_id, "user_arn": user.arn, "unique_id": user.unique_id},
    )
