"""Service-specific credentials: create, reset, update, delete, list (IAM API Reference)."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from accounts import resolve
from accounts.models import ServiceSpecificCredential, User
from accounts.operations.ssh_public_keys import is_active
from operations.clock import now
from operations.errors import InvalidInput, LimitExceeded, NoSuchEntity, ServiceError
from operations.gate import Call, Result, Target, operation
from operations.ids import iam_arn, unique_id
from operations.paging import page
from operations.secrets import digest

MOST_PER_SERVICE = 2
# Services that take a name and a password, and those that take an API key (IAM User Guide, «Service-specific credentials»).
PASSWORD_SERVICES = frozenset({"codecommit.amazonaws.com", "cassandra.amazonaws.com"})
KEY_SERVICES = frozenset({"bedrock.amazonaws.com"})


class ServiceNotSupported(ServiceError):
    code, status = "NotSupportedService", 404


def with_service(call: Call) -> Target:
    """The user, with the condition keys of the credential that is to be made."""
    target = resolve.user(call)
    keys = {**target.context, "iam:ServiceSpecificCredentialServiceName": call.params["service_name"]}
    if "credential_age_days" in call.params:
        keys["iam:ServiceSpecificCredentialAgeDays"] = str(call.params["credential_age_days"])
    return replace(target, context=keys)


def with_credential(call: Call) -> Target:
    """The user, with the condition key of the credential that the call names."""
    target = resolve.user_or_self(call)
    row = _credentials(target.entity).filter(credential_id=call.params["service_specific_credential_id"]).first()
    if row is None:
        return target
    return replace(target, context={**target.context, "iam:ServiceSpecificCredentialServiceName": row.service})


def user_or_everybody(call: Call) -> Target:
    """One user, or with `all_users` every user of the account."""
    if call.params.get("all_users") and "user_name" not in call.params:
        return Target(iam_arn(call.account_id, "user/*"))
    return resolve.user_or_self(call)


@operation("iam:CreateServiceSpecificCredential", on=with_service)
def create_service_specific_credential(
    call: Call, *, user_name: str, service_name: str, credential_age_days: int | None = None
) -> Result:
    """Make a name and password, or an API key, for one service. The secret is in this answer and nowhere else.

    Raises NoSuchEntity, LimitExceeded, NotSupportedService, InvalidInput (an age for a password).
    """
    user = resolve.require_user(call)
    refuse_unknown_service(service_name)
    if credential_age_days is not None and service_name not in KEY_SERVICES:
        raise InvalidInput(f"CredentialAgeDays is not supported for {service_name}.")
    present = list(_credentials(user).filter(service=service_name).values_list("service_user_name", flat=True))
    if len(present) >= MOST_PER_SERVICE:
        raise LimitExceeded(f"Cannot exceed quota for ServiceSpecificCredentialsPerUser: {MOST_PER_SERVICE}")
    secret = new_secret()
    row = ServiceSpecificCredential.objects.create(
        user=user,
        credential_id=unique_id("ACCA"),
        service=service_name,
        service_user_name=free_name(user, present),
        secret_digest=digest(secret),
        created_at=now(),
        expires_at=now() + timedelta(days=credential_age_days) if credential_age_days else None,
    )
    call.changed(after=state(row))
    return {"ServiceSpecificCredential": described(row) | with_secret(row, secret)}


@operation("iam:ResetServiceSpecificCredential", on=with_credential)
def reset_service_specific_credential(
    call: Call, *, service_specific_credential_id: str, user_name: str | None = None
) -> Result:
    """Give a credential a new secret; the old one stops working at once. Raises NoSuchEntity."""
    row = require_credential(call, service_specific_credential_id)
    secret = new_secret()
    row.secret_digest = digest(secret)
    row.save(update_fields=["secret_digest"])
    call.changed(before=state(row), after=state(row))
    return {"ServiceSpecificCredential": described(row) | with_secret(row, secret)}


@operation("iam:UpdateServiceSpecificCredential", on=with_credential)
def update_service_specific_credential(
    call: Call, *, service_specific_credential_id: str, status: str, user_name: str | None = None
) -> Result:
    """Activate or deactivate a credential. Raises NoSuchEntity, InvalidInput."""
    row = require_credential(call, service_specific_credential_id)
    before = state(row)
    row.is_active = is_active(status)
    row.save(update_fields=["is_active"])
    call.changed(before=before, after=state(row))
    return {}


@operation("iam:DeleteServiceSpecificCredential", on=with_credential)
def delete_service_specific_credential(
    call: Call, *, service_specific_credential_id: str, user_name: str | None = None
) -> Result:
    """Delete a credential. Raises NoSuchEntity."""
    row = require_credential(call, service_specific_credential_id)
    call.changed(before=state(row))
    row.delete()
    return {}


@operation("iam:ListServiceSpecificCredentials", on=user_or_everybody)
def list_service_specific_credentials(
    call: Call,
    *,
    user_name: str | None = None,
    service_name: str | None = None,
    all_users: bool = False,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """The credentials of a user, of the caller, or of all users. Raises NoSuchEntity, NotSupportedService."""
    if service_name is not None:
        refuse_unknown_service(service_name)
    if all_users and user_name is None:
        rows = ServiceSpecificCredential.objects.filter(user__account_id=call.account_id)
    else:
        rows = _credentials(resolve.require_user(call))
    if service_name is not None:
        rows = rows.filter(service=service_name)
    found, paging = page(rows.select_related("user"), "id", marker, max_items)
    return {"ServiceSpecificCredentials": [described(row) for row in found], **paging}


def refuse_unknown_service(name: str) -> None:
    """Raises NotSupportedService."""
    if name not in PASSWORD_SERVICES | KEY_SERVICES:
        raise ServiceNotSupported(f"No such service {name} is supported for Service Specific Credentials")


def new_secret() -> str:
    """A password or key of 256 bits."""
    return secrets.token_urlsafe(32) + "="


def free_name(user: User, taken: Sequence[str]) -> str:
    """The name under which the user signs in at the service: `alice-at-123456789012`, then `alice+1-at-…`."""
    first = f"{user.name}-at-{user.account_id}"
    return first if first not in taken else f"{user.name}+1-at-{user.account_id}"


def require_credential(call: Call, credential_id: str) -> ServiceSpecificCredential:
    """A credential of the call's user. Raises NoSuchEntity."""
    user = resolve.require_user(call)
    row = _credentials(user).select_related("user").filter(credential_id=credential_id).first()
    if row is None:
        raise NoSuchEntity(f"No such credential {credential_id} exists")
    return row


def described(row: ServiceSpecificCredential) -> dict[str, Any]:
    """The members of a credential in listings."""
    over = row.expires_at is not None and row.expires_at <= now()
    shown: dict[str, Any] = {
        "UserName": row.user.name,
        "Status": "Expired" if over else "Active" if row.is_active else "Inactive",
        "CreateDate": row.created_at,
        "ServiceSpecificCredentialId": row.credential_id,
        "ServiceName": row.service,
    }
    shown["ServiceCredentialAlias" if row.service in KEY_SERVICES else "ServiceUserName"] = row.service_user_name
    return shown | ({"ExpirationDate": row.expires_at} if row.expires_at else {})


def with_secret(row: ServiceSpecificCredential, secret: str) -> dict[str, str]:
    """The secret under AWS's name for it."""
    return {"ServiceCredentialSecret" if row.service in KEY_SERVICES else "ServicePassword": secret}


def state(row: ServiceSpecificCredential) -> dict[str, Any]:
    """A credential as the record keeps it: everything but the secret."""
    return {
        "serviceSpecificCredentialId": row.credential_id,
        "user": row.user.arn,
        "serviceName": row.service,
        "status": "Active" if row.is_active else "Inactive",
        "expirationDate": row.expires_at.isoformat() if row.expires_at else None,
    }


def _credentials(user: User | None) -> "QuerySet[ServiceSpecificCredential]":
    return ServiceSpecificCredential.objects.filter(user=user) if user else ServiceSpecificCredential.objects.none()
