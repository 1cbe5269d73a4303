"""Access keys: create, change, delete, list, last use (IAM API Reference; IAM User Guide, «Manage access keys for IAM users»)."""

import ipaddress
import secrets
import string
from datetime import datetime
from typing import Any

from accounts import resolve
from accounts.models import AccessKey, User
from accounts.models.access_key import unused_key_at
from accounts.notices import tell
from operations.clock import now
from operations.errors import AccessDenied, InvalidInput, NoSuchEntity
from operations.gate import Call, Result, Target, operation
from operations.ids import access_key_id as new_key_id
from operations.paging import page_of_list
from operations.quotas import enforce

SECRET_ALPHABET = string.ascii_letters + string.digits + "+/"
SECRET_LENGTH = 40
MOST_SOURCES = 20
NEVER_USED = {"ServiceName": "N/A", "Region": "N/A"}


@operation("iam:CreateAccessKey", on=resolve.user_or_self)
def create_access_key(call: Call, *, user_name: str | None = None) -> Result:
    """Create a key for a user, or for the caller. The secret is in this answer and nowhere else. Raises NoSuchEntity, LimitExceeded."""
    user = resolve.require_user(call)
    enforce("AccessKeysPerUserQuota", AccessKey.objects.filter(user=user).count() + 1)
    secret = "".join(secrets.choice(SECRET_ALPHABET) for _ in range(SECRET_LENGTH))
    moment = now()
    key = AccessKey.objects.create(
        user=user, key_id=new_key_id(), secret=secret, created_at=moment, status_changed_at=moment
    )
    count_keys(user)
    call.changed(after=state(key))
    tell(user, "access_key_created", key=key.key_id)
    return {"AccessKey": {**metadata(key), "SecretAccessKey": secret}}


@operation("iam:UpdateAccessKey", on=resolve.user_or_self)
def update_access_key(call: Call, *, access_key_id: str, status: str, user_name: str | None = None) -> Result:
    """Activate or deactivate a key. Raises NoSuchEntity, InvalidInput (the status Expired is no state of an access key)."""
    if status == "Expired":
        raise InvalidInput("The status of an access key can be Active or Inactive.")
    key = require_key(call, access_key_id)
    before = state(key)
    set_active(key, status == "Active")
    call.changed(before=before, after=state(key))
    tell(key.user, "access_key_changed", key=key.key_id, status=status)
    return {}


@operation("iam:DeleteAccessKey", on=resolve.user_or_self)
def delete_access_key(call: Call, *, access_key_id: str, user_name: str | None = None) -> Result:
    """Delete a key for good. Raises NoSuchEntity."""
    key = require_key(call, access_key_id)
    call.changed(before=state(key))
    user = key.user
    key.delete()
    count_keys(user)
    tell(user, "access_key_deleted", key=access_key_id)
    return {}


@operation("iam:ListAccessKeys", on=resolve.user_or_self)
def list_access_keys(
    call: Call, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The keys of a user, or of the caller; never the secrets. Raises NoSuchEntity."""
    user = resolve.require_user(call)
    keys = list(AccessKey.objects.filter(user=user).select_related("user").order_by("created_at", "id"))
    found, paging = page_of_list(keys, marker, max_items)
    return {"AccessKeyMetadata": [metadata(key) for key in found], **paging}


def owner_of_key(call: Call) -> Target:
    """The user to whom the key belongs; an unknown key is a matter of every user."""
    key = _find(call.account_id, call.params["access_key_id"])
    if key is None:
        return Target("*")
    target = resolve.user_target(call.account_id, key.user.name, key.user)
    target.entity = key
    return target


@operation("iam:GetAccessKeyLastUsed", on=owner_of_key)
def get_access_key_last_used(call: Call, *, access_key_id: str) -> Result:
    """When, with which service and in which Region a key was last used. Raises AccessDenied, also for a key that is not there."""
    key: AccessKey | None = call.entity
    if key is None:  # in AWS's words, which have no colon here
        raise AccessDenied(
            f"User: {call.caller.arn} is not authorized to perform {call.operation.action} on resource: access key {access_key_id}"
        )
    used: dict[str, Any] = dict(NEVER_USED)
    if key.last_used_at:
        used = {
            "LastUsedDate": key.last_used_at,
            "ServiceName": key.last_used_service or "N/A",
            "Region": key.last_used_region or "N/A",
        }
    return {"AccessKeyLastUsed": used} | ({} if key.user.is_root else {"UserName": key.user.name})


@operation("iam:UpdateAccessKeyDetails", on=resolve.user_or_self, permission="iam:UpdateAccessKey")
def update_access_key_details(
    call: Call,
    *,
    access_key_id: str,
    user_name: str | None = None,
    description: str = "",
    expires_at: datetime | None = None,
    allowed_sources: list[str] | None = None,
) -> Result:
    """Set what AWS's keys do not have: a description, an expiry date, and the addresses from which the key may be used.

    What is left out is cleared. Raises NoSuchEntity, InvalidInput (an address that is none, an expiry in the past).
    """
    key = require_key(call, access_key_id)
    before = state(key)
    if expires_at is not None and expires_at <= now() and expires_at != key.expires_at:
        raise InvalidInput("The expiry date must be in the future.")
    key.description = description
    key.expires_at = expires_at
    key.allowed_sources = networks(allowed_sources or [])
    key.save(update_fields=["description", "expires_at", "allowed_sources"])
    call.changed(before=before, after=state(key))
    return {}


def networks(texts: list[str]) -> list[str]:
    """Addresses and networks in their one spelling. Raises InvalidInput naming the first that is neither."""
    if len(texts) > MOST_SOURCES:
        raise InvalidInput(f"An access key can have up to {MOST_SOURCES} source addresses.")
    found = []
    for text in texts:
        try:
            found.append(str(ipaddress.ip_network(text.strip(), strict=False)))
        except ValueError:
            raise InvalidInput(f"{text} is not an IP address or a CIDR network.") from None
    return sorted(set(found))


def set_active(key: AccessKey, active: bool) -> None:
    """Store the status; the moment counts as the key's last rotation only when the status moves."""
    if key.is_active != active:
        key.is_active = active
        key.status_changed_at = now()
        key.save(update_fields=["is_active", "status_changed_at"])
        count_keys(key.user)


def count_keys(user: User) -> None:
    """Keep the user's summary of its keys."""
    created = list(
        AccessKey.objects.filter(user=user, is_active=True).order_by("created_at").values_list("created_at", flat=True)
    )
    User.everyone.filter(pk=user.pk).update(
        active_key_count=len(created),
        oldest_active_key_at=created[0] if created else None,
        unused_key_at=unused_key_at(),
    )


def require_key(call: Call, key_id: str) -> AccessKey:
    """The key of the call's user. Raises NoSuchEntity, also for a key of somebody else."""
    user = resolve.require_user(call)
    key = AccessKey.objects.filter(user=user, key_id=key_id).first()
    if key is None:
        raise NoSuchEntity(f"The Access Key with id {key_id} cannot be found.")
    key.user = user
    return key


def _find(account_id: str, key_id: str) -> AccessKey | None:
    return AccessKey.objects.select_related("user__boundary").filter(key_id=key_id, user__account_id=account_id).first()


def metadata(key: AccessKey) -> dict[str, Any]:
    """The members of a key in listings; the root user's keys have no user name."""
    shown = {
        "AccessKeyId": key.key_id,
        "Status": "Active" if key.is_active else "Inactive",
        "CreateDate": key.created_at,
    }
    return shown if key.user.is_root else {"UserName": key.user.name, **shown}


def state(key: AccessKey) -> dict[str, Any]:
    """A key as the record keeps it: everything but the secret."""
    return {
        "accessKeyId": key.key_id,
        "user": key.user.arn,
        "status": "Active" if key.is_active else "Inactive",
        "description": key.description,
        "expiresAt": key.expires_at.isoformat() if key.expires_at else None,
        "allowedSources": key.allowed_sources,
    }
