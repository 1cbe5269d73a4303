"""Signing certificates: upload, update, delete, list (IAM API Reference)."""

from typing import Any

from accounts import certificates, resolve
from accounts.certificates import DuplicateCertificate, InvalidCertificate, MalformedCertificate
from accounts.models import SigningCertificate
from accounts.operations.ssh_public_keys import is_active
from operations.clock import now
from operations.errors import NoSuchEntity
from operations.gate import Call, Result, operation
from operations.ids import unique_id
from operations.paging import page
from operations.quotas import enforce


@operation("iam:UploadSigningCertificate", on=resolve.user_or_self)
def upload_signing_certificate(call: Call, *, certificate_body: str, user_name: str | None = None) -> Result:
    """Add a certificate to a user, or to the caller.

    Raises NoSuchEntity, LimitExceeded, MalformedCertificate, InvalidCertificate (expired), DuplicateCertificate.
    """
    user = resolve.require_user(call)
    try:
        parsed = certificates.certificate(certificate_body)
    except MalformedCertificate:
        raise MalformedCertificate(f"Certificate {certificate_body} is malformed.") from None
    if certificates.expiry(parsed) <= now():
        raise InvalidCertificate("The certificate has expired.")
    fingerprint = certificates.fingerprint(parsed)
    if SigningCertificate.objects.filter(user__account_id=call.account_id, fingerprint=fingerprint).exists():
        raise DuplicateCertificate("The same certificate is already associated with an IAM user in the account.")
    enforce("SigningCertificatesPerUserQuota", user.signing_certificates.count() + 1)
    certificate = SigningCertificate.objects.create(
        user=user,
        certificate_id=unique_id("ASCA") + unique_id("")[:7],  # AWS gives 28 characters
        body=certificate_body,
        fingerprint=fingerprint,
        uploaded_at=now(),
        status_changed_at=now(),
    )
    call.changed(after=state(certificate))
    return {"Certificate": described(certificate)}


@operation("iam:UpdateSigningCertificate", on=resolve.user_or_self)
def update_signing_certificate(call: Call, *, certificate_id: str, status: str, user_name: str | None = None) -> Result:
    """Activate or deactivate a certificate. Raises NoSuchEntity, InvalidInput."""
    certificate = require_certificate(call, certificate_id)
    before = state(certificate)
    if certificate.is_active != is_active(status):
        certificate.is_active = not certificate.is_active
        certificate.status_changed_at = now()
        certificate.save(update_fields=["is_active", "status_changed_at"])
    call.changed(before=before, after=state(certificate))
    return {}


@operation("iam:DeleteSigningCertificate", on=resolve.user_or_self)
def delete_signing_certificate(call: Call, *, certificate_id: str, user_name: str | None = None) -> Result:
    """Delete a certificate. Raises NoSuchEntity."""
    certificate = require_certificate(call, certificate_id)
    call.changed(before=state(certificate))
    certificate.delete()
    return {}


@operation("iam:ListSigningCertificates", on=resolve.user_or_self)
def list_signing_certificates(
    call: Call, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> Result:
    """The certificates of a user, or of the caller. Raises NoSuchEntity."""
    user = resolve.require_user(call)
    found, paging = page(user.signing_certificates.select_related("user"), "id", marker, max_items)
    return {"Certificates": [described(certificate) for certificate in found], **paging}


def require_certificate(call: Call, certificate_id: str) -> SigningCertificate:
    """A certificate of the call's user. Raises NoSuchEntity."""
    user = resolve.require_user(call)
    rows = SigningCertificate.objects.select_related("user")
    certificate = rows.filter(user=user, certificate_id=certificate_id).first()
    if certificate is None:
        raise NoSuchEntity(f"The Certificate with id {certificate_id} cannot be found.")
    return certificate


def described(certificate: SigningCertificate) -> dict[str, Any]:
    """A certificate as AWS's answers show it."""
    return {
        "UserName": certificate.user.name,
        "CertificateId": certificate.certificate_id,
        "CertificateBody": certificate.body,
        "Status": "Active" if certificate.is_active else "Inactive",
        "UploadDate": certificate.uploaded_at,
    }


def state(certificate: SigningCertificate) -> dict[str, Any]:
    """A certificate as the record keeps it."""
    return {
        "certificateId": certificate.certificate_id,
        "user": certificate.user.arn,
        "fingerprint": certificate.fingerprint,
        "status": "Active" if certificate.is_active else "Inactive",
    }
