"""Outbound web identity federation: tokens by which principals of the account show other services who they are."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.conf import settings

from accounts import resolve
from accounts.models import Account
from federation import outbound
from federation.models import OutboundIssuer
from federation.session_policies import check_tags
from federation.tokens import Session
from operations.clock import now
from operations.errors import ServiceError, ValidationError
from operations.gate import Call, Result, Target, operation

DEFAULT_SECONDS = 300
LONGEST_PAYLOAD = 8192


class FeatureEnabled(ServiceError):
    code, status = "FeatureEnabled", 409


class FeatureDisabled(ServiceError):
    code, status = "FeatureDisabled", 404


class OutboundWebIdentityFederationDisabled(ServiceError):
    code, status = "OutboundWebIdentityFederationDisabledException", 403


class SessionDurationEscalation(ServiceError):
    code, status = "SessionDurationEscalationException", 403


class JWTPayloadSizeExceeded(ServiceError):
    code, status = "JWTPayloadSizeExceededException", 400


def enabled_issuer(account_id: str) -> OutboundIssuer | None:
    """The account's issuer, if the feature is enabled."""
    return OutboundIssuer.objects.filter(account_id=account_id, is_enabled=True).first()


@operation("iam:EnableOutboundWebIdentityFederation", on=resolve.whole_account)
def enable_outbound_web_identity_federation(call: Call) -> Result:
    """Give the account an issuer. Raises FeatureEnabled when it has one."""
    if enabled_issuer(call.account_id) is not None:
        raise FeatureEnabled("Outbound web identity federation is already enabled.")
    issuer = outbound.enable(Account.objects.get(pk=call.account_id))
    call.changed(after={"issuerIdentifier": outbound.issuer_url(issuer)})
    return {"IssuerIdentifier": outbound.issuer_url(issuer)}


@operation("iam:DisableOutboundWebIdentityFederation", on=resolve.whole_account)
def disable_outbound_web_identity_federation(call: Call) -> Result:
    """No more tokens from now on; those that were given out still expire by themselves. Raises FeatureDisabled."""
    issuer = require_enabled(call)
    issuer.is_enabled = False
    issuer.save(update_fields=["is_enabled"])
    call.changed(before={"issuerIdentifier": outbound.issuer_url(issuer)})
    return {}


@operation("iam:GetOutboundWebIdentityFederationInfo", on=resolve.whole_account)
def get_outbound_web_identity_federation_info(call: Call) -> Result:
    """The issuer. Raises FeatureDisabled."""
    return {"IssuerIdentifier": outbound.issuer_url(require_enabled(call)), "JwtVendingEnabled": True}


def require_enabled(call: Call) -> OutboundIssuer:
    """The enabled issuer of the call's account. Raises FeatureDisabled."""
    issuer = enabled_issuer(call.account_id)
    if issuer is None:
        raise FeatureDisabled("Outbound web identity federation is not enabled.")
    return issuer


def token_target(call: Call) -> Sequence[Target]:
    """No resource, and the condition keys of the token that is asked for (Service Authorization Reference, «AWS STS»)."""
    keys = {
        "sts:IdentityTokenAudience": list(call.params["audience"]),
        "sts:SigningAlgorithm": call.params["signing_algorithm"],
        "sts:DurationSeconds": str(call.params.get("duration_seconds", DEFAULT_SECONDS)),
    }
    return [Target("*", None, keys)]


@operation("sts:GetWebIdentityToken", on=token_target)
def get_web_identity_token(
    call: Call,
    *,
    audience: list[str],
    signing_algorithm: str,
    duration_seconds: int = DEFAULT_SECONDS,
    tags: list[dict[str, str]] | None = None,
) -> Result:
    """A signed token that says who the caller is, to any service that trusts the account's issuer.

    Raises OutboundWebIdentityFederationDisabledException, SessionDurationEscalationException (a token that would outlive the caller's
    session), JWTPayloadSizeExceededException, ValidationError (algorithm, reserved tags), InvalidParameterValue (tags), AccessDenied (tags
    need sts:TagGetWebIdentityToken).
    """
    issuer = enabled_issuer(call.account_id)
    if issuer is None:
        raise OutboundWebIdentityFederationDisabled("Outbound web identity federation is not enabled for this account.")
    if signing_algorithm not in outbound.ALGORITHMS:
        raise ValidationError(f"SigningAlgorithm must be one of {', '.join(outbound.ALGORITHMS)}.")
    given = check_tags(tags)
    if given:
        call.authorise("sts:TagGetWebIdentityToken", call.targets[0])
    issued = int(now().timestamp())
    session: Session | None = call.caller.session_facts.get("session")
    if session is not None and issued + duration_seconds > session.expires_at:
        raise SessionDurationEscalation("The token would outlive the session of the caller.")
    found = claims(call, issuer, audience, issued, issued + duration_seconds, given)
    if len(str(found)) > LONGEST_PAYLOAD:
        raise JWTPayloadSizeExceeded("The token's payload is too large.")
    call.note(tokenId=found["jti"], expiration=found["exp"])
    return {
        "WebIdentityToken": outbound.token(issuer, signing_algorithm, found),
        "Expiration": datetime.fromtimestamp(found["exp"], UTC),
    }


def claims(
    call: Call, issuer: OutboundIssuer, audience: list[str], issued: int, expires: int, tags: dict[str, str]
) -> dict[str, Any]:
    """What the token says: the registered claims, and AWS's own under `https://sts.amazonaws.com/`."""
    principal = call.caller.principal
    subject = principal.role_arn if principal.kind == "role_session" else principal.arn
    own: dict[str, Any] = {
        "aws_account": call.account_id,
        "source_region": settings.REGION,
        "principal_id": principal.arn,
        "principal_tags": dict(principal.tags),
        "request_tags": tags,
        "source_identity": principal.source_identity,
    }
    return {
        "iss": outbound.issuer_url(issuer),
        "sub": subject,
        "aud": audience[0] if len(audience) == 1 else audience,
        "iat": issued,
        "nbf": issued,
        "exp": expires,
        "jti": str(uuid4()),
        "https://sts.amazonaws.com/": {key: value for key, value in own.items() if value},
    }
