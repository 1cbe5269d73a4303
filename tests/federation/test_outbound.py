"""Outbound web identity: the issuer, its public keys, and tokens that verify with them."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.test import Client

from tests.federation.conftest import allow
from tests.federation.test_assume_role import assume, refused

AWS = "https://sts.amazonaws.com/"


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(text):
    return int.from_bytes(decoded(text), "big")


def verified(token):
    """The claims of a token, its signature checked with the keys that its issuer publishes."""
    header, payload, signature = token.split(".")
    claims = json.loads(decoded(payload))
    place = claims["iss"].removeprefix("http://127.0.0.1:8000")
    configuration = Client().get(f"{place}/.well-known/openid-configuration").json()
    assert configuration["issuer"] == claims["iss"]
    keys = Client().get(configuration["jwks_uri"].removeprefix("http://127.0.0.1:8000")).json()["keys"]
    fields = json.loads(decoded(header))
    (key,) = [key for key in keys if key["kid"] == fields["kid"]]
    assert "d" not in key
    text, raw = f"{header}.{payload}".encode(), decoded(signature)
    if fields["alg"] == "RS256":
        rsa.RSAPublicNumbers(number(key["e"]), number(key["n"])).public_key().verify(
            raw, text, padding.PKCS1v15(), hashes.SHA256()
        )
    else:
        public = ec.EllipticCurvePublicNumbers(number(key["x"]), number(key["y"]), ec.SECP384R1()).public_key()
        public.verify(
            encode_dss_signature(int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big")),
            text,
            ec.ECDSA(hashes.SHA384()),
        )
    return claims


@pytest.fixture
def issuer(account, iam):
    return iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]


def test_the_feature_is_off_until_it_is_enabled(account, iam, sts):
    assert refused(iam.get_outbound_web_identity_federation_info)[0] == "FeatureDisabled"
    assert refused(iam.disable_outbound_web_identity_federation)[0] == "FeatureDisabled"
    assert (
        refused(sts.get_web_identity_token, Audience=["a"], SigningAlgorithm="RS256")[0]
        == "OutboundWebIdentityFederationDisabledException"
    )
    first = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert refused(iam.enable_outbound_web_identity_federation)[0] == "FeatureEnabled"
    info = iam.get_outbound_web_identity_federation_info()
    assert (info["IssuerIdentifier"], info["JwtVendingEnabled"]) == (first, True)
    iam.disable_outbound_web_identity_federation()
    assert (
        refused(sts.get_web_identity_token, Audience=["a"], SigningAlgorithm="RS256")[0]
        == "OutboundWebIdentityFederationDisabledException"
    )
    assert iam.enable_outbound_web_identity_federation()["IssuerIdentifier"] == first


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
def test_a_token_verifies_with_the_published_keys(account, issuer, sts, algorithm, last_event):
    answer = sts.get_web_identity_token(
        Audience=["https://api.example.com"],
        SigningAlgorithm=algorithm,
        DurationSeconds=600,
        Tags=[{"Key": "job", "Value": "7"}],
    )
    record = last_event()
    claims = verified(answer["WebIdentityToken"])
    assert (claims["iss"], claims["sub"], claims["aud"]) == (
        issuer,
        "arn:aws:iam::123456789012:user/alice",
        "https://api.example.com",
    )
    assert claims["exp"] - claims["iat"] == 600
    assert answer["Expiration"] == datetime.fromtimestamp(claims["exp"], UTC)
    assert claims[AWS]["aws_account"] == "123456789012"
    assert claims[AWS]["request_tags"] == {"job": "7"}
    assert record["additionalEventData"]["tokenId"] == claims["jti"]
    assert answer["WebIdentityToken"] not in json.dumps(record)


def test_a_roles_token_names_the_role_and_ends_with_its_session(account, issuer, sts, sdk, make_role):
    role = make_role("worker", policy=allow("sts:GetWebIdentityToken"))
    session = sdk("sts", assume(sts, DurationSeconds=900)["Credentials"])
    claims = verified(session.get_web_identity_token(Audience=["a", "b"], SigningAlgorithm="ES384")["WebIdentityToken"])
    assert (claims["sub"], claims["aud"]) == (role.arn, ["a", "b"])
    assert claims[AWS]["principal_id"] == "arn:aws:sts::123456789012:assumed-role/worker/session"
    assert (
        refused(session.get_web_identity_token, Audience=["a"], SigningAlgorithm="ES384", DurationSeconds=3600)[0]
        == "SessionDurationEscalationException"
    )
    assert (
        refused(
            session.get_web_identity_token, Audience=["a"], SigningAlgorithm="ES384", Tags=[{"Key": "a", "Value": "b"}]
        )[0]
        == "AccessDenied"
    )


def test_what_policies_may_ask_of_a_token(account, issuer, sdk, make_user, key_of):
    condition = {
        "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": ["ours"]},
        "StringEquals": {"sts:SigningAlgorithm": "ES384"},
        "NumericLessThanEquals": {"sts:DurationSeconds": "300"},
    }
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:GetWebIdentityToken", "Resource": "*", "Condition": condition}
        ],
    }
    client = sdk("sts", key_of(make_user("bob", json.dumps(document))))
    assert client.get_web_identity_token(Audience=["ours"], SigningAlgorithm="ES384")
    for changes in ({"Audience": ["theirs"]}, {"SigningAlgorithm": "RS256"}, {"DurationSeconds": 301}):
        assert (
            refused(client.get_web_identity_token, **{"Audience": ["ours"], "SigningAlgorithm": "ES384", **changes})[0]
            == "AccessDenied"
        )


def test_what_is_refused(account, issuer, sts):
    assert refused(sts.get_web_identity_token, Audience=["a"], SigningAlgorithm="HS256")[0] == "ValidationError"
    large = [{"Key": f"k{index}", "Value": "v" * 256} for index in range(50)]
    assert (
        refused(sts.get_web_identity_token, Audience=["a"], SigningAlgorithm="ES384", Tags=large)[0]
        == "JWTPayloadSizeExceededException"
    )
    assert Client().get("/oidc/00000000-0000-0000-0000-000000000000/.well-known/jwks.json").status_code == 404


def test_account_properties_are_the_accounts_own_settings(account, iam, last_event):
    assert iam.get_account_properties()["Properties"] == {
        "SignIn/RequireMFA": "false",
        "SignIn/SessionIdleMinutes": "60",
    }
    iam.put_account_properties(Properties={"SignIn/SessionIdleMinutes": "15", "SignIn/RequireMFA": "true"})
    assert last_event()["after"] == {"SignIn/RequireMFA": "true", "SignIn/SessionIdleMinutes": "15"}
    account.refresh_from_db()
    assert (account.require_mfa, account.session_idle_minutes) == (True, 15)
    for wrong in (
        {},
        {"SignIn/RequireMFA": "yes"},
        {"SignIn/SessionIdleMinutes": "0"},
        {"SignIn/SessionIdleMinutes": "x"},
        {"Other/Thing": "1"},
        {"SignIn/RequireMFA": "true", "Other/Thing": "1"},
    ):
        assert refused(iam.put_account_properties, Properties=wrong)[0] in {"InvalidInput", "ValidationError"}
