"""Passkeys (WebAuthn Level 3): enrolling one, and proving possession of one. Each challenge is used once and lasts five minutes.

A passkey belongs to the host name of the console; browsers offer none on a bare IP address or without HTTPS (localhost apart).
"""

import ipaddress
import json
from datetime import datetime, timedelta

from django.http import HttpRequest
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from accounts.models import MfaDevice, User
from operations.clock import now
from operations.errors import InvalidAuthenticationCode

CHALLENGE, LASTS = "passkey_challenge", timedelta(minutes=5)
NAME = "IAM console"
NOT_PROVED = "The passkey could not be verified."


def are_possible(request: HttpRequest) -> bool:
    """Whether a browser can use passkeys at the address under which the console is open."""
    host = host_of(request)
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return request.is_secure() or host == "localhost"
    return False


def creation_options(request: HttpRequest, user: User) -> str:
    """What the browser needs to make a passkey, as JSON; the challenge stays in the session."""
    options = generate_registration_options(
        rp_id=host_of(request),
        rp_name=NAME,
        user_id=user.unique_id.encode(),
        user_name=f"{'root' if user.is_root else user.name}@{user.account.alias or user.account_id}",
        user_display_name="Root user" if user.is_root else user.name,
        exclude_credentials=_descriptors(user),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    _keep(request, options.challenge)
    return options_to_json(options)


def verify_creation(request: HttpRequest, response: str) -> tuple[VerifiedRegistration, list[str]]:
    """Check the browser's answer to `creation_options`: the new credential and its transports. Raises InvalidAuthenticationCode."""
    try:
        verified = verify_registration_response(
            credential=response,
            expected_challenge=_take(request),
            expected_rp_id=host_of(request),
            expected_origin=origin_of(request),
        )
        transports = json.loads(response).get("response", {}).get("transports", [])
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):
        raise InvalidAuthenticationCode(NOT_PROVED) from None
    known = {transport.value for transport in AuthenticatorTransport}
    return verified, [transport for transport in transports if transport in known]


def request_options(request: HttpRequest, user: User | None) -> str:
    """What the browser needs to prove a passkey, as JSON: one of a user's, or (None) whichever it has for this console."""
    options = generate_authentication_options(
        rp_id=host_of(request),
        allow_credentials=_descriptors(user) if user else None,
        user_verification=UserVerificationRequirement.PREFERRED if user else UserVerificationRequirement.REQUIRED,
    )
    _keep(request, options.challenge)
    return options_to_json(options)


def verify(request: HttpRequest, response: str, user: User | None) -> MfaDevice:
    """Check the browser's answer to `request_options`: the device that was proved. Raises InvalidAuthenticationCode.

    Without a user (a passkey in place of the password) the person must have been verified by the authenticator.
    """
    try:
        device = _device(json.loads(response)["id"], user)
        verified = verify_authentication_response(
            credential=response,
            expected_challenge=_take(request),
            expected_rp_id=host_of(request),
            expected_origin=origin_of(request),
            credential_public_key=bytes(device.public_key),
            credential_current_sign_count=device.sign_count,
            require_user_verification=user is None,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):
        raise InvalidAuthenticationCode(NOT_PROVED) from None
    moved = MfaDevice.objects.filter(pk=device.pk, sign_count=device.sign_count)
    if not moved.update(sign_count=verified.new_sign_count, last_used_at=now()):
        raise InvalidAuthenticationCode(NOT_PROVED)
    return device


def host_of(request: HttpRequest) -> str:
    return (
        request.get_host().rpartition(":")[0]
        if request.get_host().rpartition(":")[2].isdecimal()
        else request.get_host()
    )


def origin_of(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def _device(credential_id: str, user: User | None) -> MfaDevice:
    rows = MfaDevice.objects.select_related("user__account").filter(credential_id=credential_id, kind=MfaDevice.PASSKEY)
    device = (rows.filter(user=user) if user else rows).first()
    if device is None:
        raise InvalidAuthenticationCode(NOT_PROVED)
    return device


def _descriptors(user: User) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(row.credential_id or ""),
            transports=[AuthenticatorTransport(transport) for transport in row.transports] or None,
        )
        for row in MfaDevice.objects.filter(user=user, kind=MfaDevice.PASSKEY)
    ]


def _keep(request: HttpRequest, challenge: bytes) -> None:
    request.session[CHALLENGE] = {"value": bytes_to_base64url(challenge), "at": now().isoformat()}


def _take(request: HttpRequest) -> bytes:
    """The challenge, which is gone from now on. Raises KeyError without one, ValueError for one that is too old."""
    kept = request.session.pop(CHALLENGE)
    if now() - datetime.fromisoformat(kept["at"]) >= LASTS:
        raise ValueError("the challenge has expired")
    return base64url_to_bytes(kept["value"])
