"""The trust policies of the «Create role» page: one for each type of trusted entity (IAM User Guide, «Creating IAM roles»)."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

SAML_AUDIENCE: Final = "https://signin.aws.amazon.com/saml"
# Identity providers that AWS knows by name: they need no provider entity, and their condition keys bear other names for the audience.
WELL_KNOWN: Final[Mapping[str, str]] = {
    "accounts.google.com": "accounts.google.com:aud",
    "cognito-identity.amazonaws.com": "cognito-identity.amazonaws.com:aud",
    "graph.facebook.com": "graph.facebook.com:app_id",
    "www.amazon.com": "www.amazon.com:app_id",
}


def for_service(service: str) -> str:
    """A service acts with the role: `ec2.amazonaws.com`."""
    return _document({"Service": service}, "sts:AssumeRole")


def for_account(account_id: str, *, external_id: str = "", mfa: bool = False) -> str:
    """Users and roles of an account, as far as their own policies allow it; with an external ID, with MFA, or both."""
    conditions: dict[str, Any] = {}
    if external_id:
        conditions["StringEquals"] = {"sts:ExternalId": external_id}
    if mfa:
        conditions["Bool"] = {"aws:MultiFactorAuthPresent": "true"}
    return _document({"AWS": f"arn:{settings.PARTITION}:iam::{account_id}:root"}, "sts:AssumeRole", conditions)


def for_web_identity(provider: str, audience: str) -> str:
    """Whoever brings a token of an OpenID Connect provider (its ARN, or a well-known name) that is meant for an audience."""
    key = WELL_KNOWN.get(provider) or f"{provider.partition(':oidc-provider/')[2]}:aud"
    return _document({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", {"StringEquals": {key: audience}})


def for_saml(provider_arn: str) -> str:
    """Whoever signs in through a SAML provider, to the console as to the API."""
    return _document(
        {"Federated": provider_arn}, "sts:AssumeRoleWithSAML", {"StringEquals": {"SAML:aud": SAML_AUDIENCE}}
    )


def revoking(moment: str) -> str:
    """The policy `AWSRevokeOlderSessions`: nothing is allowed to sessions that began before a moment."""
    statement = {
        "Effect": "Deny",
        "Action": ["*"],
        "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": moment}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4)


def _document(principal: dict[str, str], action: str, conditions: Mapping[str, Any] | None = None) -> str:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": action}
    if conditions:
        statement["Condition"] = conditions
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4) + "\n"
