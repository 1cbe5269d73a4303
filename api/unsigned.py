"""The two operations of AWS STS that need no signature, because a token or an assertion stands in its place.

No identity provider's users are let in yet, so both are refused, in the words with which AWS refuses a provider that it does not know.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from access.callers import Connection, anonymous_caller
from accounts.models import Account
from api import parse, throttle
from api.dispatch import Route
from engine.context import account_of
from federation.errors import InvalidIdentityToken
from operations import contract, record
from operations.errors import ServiceError

UNSIGNED = frozenset({"sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"})


def refuse(route: Route, fields: Mapping[str, str], connection: Connection, now: datetime) -> ServiceError:
    """The error for a call of one of the two; it is recorded in the account of the role that it names, where there is such an account.

    Raises ValidationError, Throttling.
    """
    throttle.admit("", f"anonymous {connection.source_ip}")
    params = parse.parameters(route.model, fields)
    contract.validate(route.service, route.action, params)
    error = _unknown_issuer(params["web_identity_token"]) if "web_identity_token" in params else _unknown_provider()
    account = Account.objects.filter(pk=account_of(params["role_arn"]) or "").first()
    if account is not None:
        record.append(
            record.Draft(
                name=route.action,
                caller=anonymous_caller(account.pk, connection, now),
                source="sts.amazonaws.com",
                read_only=True,
                request={"roleArn": params["role_arn"]},
                error_code=error.code,
                error_message=error.message,
            )
        )
    return error


def _unknown_provider() -> ServiceError:
    return InvalidIdentityToken("Specified provider doesn't exist.")


def _unknown_issuer(token: str) -> ServiceError:
    try:
        payload = token.split(".")[1]
        claims: Any = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        issuer = claims["iss"]
    except (ValueError, IndexError, KeyError, TypeError, RecursionError):
        return InvalidIdentityToken(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        )
    return InvalidIdentityToken(f"No OpenIDConnect provider found in your account for {str(issuer)[:255]}")
