"""SSH public keys: upload, get, update, delete, list (IAM API Reference)."""

from typing import Any

from accounts import certificates, resolve
from accounts.certificates import DuplicateSSHPublicKey
from accounts.models import SshPublicKey
from operations.clock import now
from operations.errors import InvalidInput, NoSuchEntity
from operations.gate import Call, Result, operation
from operations.ids import unique_id
from operations.paging import page
from operations.quotas import enforce


@operation("iam:UploadSSHPublicKey", on=resolve.user)
def upload_ssh_public_key(call: Call, *, user_name: str, ssh_public_key_body: str) -> Result:
    """Add an RSA key to a user.

    Raises NoSuchEntity, LimitExceeded, InvalidPublicKey, UnrecognizedPublicKeyEncoding, DuplicateSSHPublicKey.
    """
    user = resolve.require_user(call)
    parsed = certificates.ssh_key(ssh_public_key_body)
    fingerprint = certificates.ssh_fingerprint(parsed)
    if user.ssh_public_keys.filter(fingerprint=fingerprint).exists():
        raise DuplicateSSHPublicKey("The SSH public key is already associated with the specified IAM user.")
    enforce("SSHPublicKeysPerUserQuota", user.ssh_public_keys.count() + 1)
    key = SshPublicKey.objects.create(
        user=user, key_id=unique_id("APKA"), body=ssh_public_key_body, fingerprint=fingerprint, uploaded_at=now()
    )
    call.changed(after=state(key))
    return {"SSHPublicKey": described(key) | {"Fingerprint": fingerprint, "SSHPublicKeyBody": key.body}}


@operation("iam:GetSSHPublicKey", on=resolve.user)
def get_ssh_public_key(call: Call, *, user_name: str, ssh_public_key_id: str, encoding: str) -> Result:
    """A key in the encoding `SSH` or `PEM`. Raises NoSuchEntity."""
    key = require_key(call, ssh_public_key_id)
    body = certificates.encoded(certificates.ssh_key(key.body), encoding)
    return {"SSHPublicKey": described(key) | {"Fingerprint": key.fingerprint, "SSHPublicKeyBody": body}}


@operation("iam:UpdateSSHPublicKey", on=resolve.user)
def update_ssh_public_key(call: Call, *, user_name: str, ssh_public_key_id: str, status: str) -> Result:
    """Activate or deactivate a key. Raises NoSuchEntity, InvalidInput."""
    key = require_key(call, ssh_public_key_id)
    before = state(key)
    key.is_active = is_active(status)
    key.save(update_fields=["is_active"])
    call.changed(before=before, after=state(key))
    return {}


@operation("iam:DeleteSSHPublicKey", on=resolve.user)
def delete_ssh_public_key(call: Call, *, user_name: str, ssh_public_key_id: str) -> Result:
    """Delete a key. Raises NoSuchEntity."""
    key = require_key(call, ssh_public_key_id)
    call.changed(before=state(key))
    key.delete()
    return {}


@operation("iam:ListSSHPublicKeys", on=resolve.user_or_self)
def list_ssh_public_keys(
    call: Call, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Result:
    """A user's keys, without their bodies. Raises NoSuchEntity."""
    user = resolve.require_user(call)
    found, paging = page(user.ssh_public_keys.select_related("user"), "id", marker, max_items)
    return {"SSHPublicKeys": [described(key) for key in found], **paging}


def is_active(status: str) -> bool:
    """The state that a status stands for. Raises InvalidInput for Expired, which nobody can set."""
    if status == "Expired":
        raise InvalidInput("The status can be set to Active or Inactive.")
    return status == "Active"


def require_key(call: Call, key_id: str) -> SshPublicKey:
    """A key of the call's user. Raises NoSuchEntity."""
    user = resolve.require_user(call)
    key = SshPublicKey.objects.select_related("user").filter(user=user, key_id=key_id).first()
    if key is None:
        raise NoSuchEntity(f"The Public Key with id {key_id} cannot be found.")
    return key


def described(key: SshPublicKey) -> dict[str, Any]:
    """The members of a key in listings."""
    return {
        "UserName": key.user.name,
        "SSHPublicKeyId": key.key_id,
        "Status": "Active" if key.is_active else "Inactive",
        "UploadDate": key.uploaded_at,
    }


def state(key: SshPublicKey) -> dict[str, Any]:
    """A key as the record keeps it."""
    return {
        "sSHPublicKeyId": key.key_id,
        "user": key.user.arn,
        "fingerprint": key.fingerprint,
        "status": "Active" if key.is_active else "Inactive",
    }
