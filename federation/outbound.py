"""JSON Web Tokens of outbound web identity (RFC 7519), their keys (RFC 7517) and the issuer's discovery document."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

from accounts.models import Account
from federation.models import OutboundIssuer, OutboundKey
from operations.clock import now

ALGORITHMS = ("RS256", "ES384")
_COORDINATE = 48  # bytes of a number of P-384
_EXPONENT = 65_537


def issuer_url(issuer: OutboundIssuer) -> str:
    """The issuer as tokens name it; its documents are below this address."""
    return f"{settings.BASE_URL}/oidc/{issuer.public_id}"


def enable(account: Account) -> OutboundIssuer:
    """The account's issuer, enabled; made with a key for each algorithm when there is none."""
    issuer, made = OutboundIssuer.objects.get_or_create(account=account, defaults={"public_id": str(uuid4())})
    if made:
        OutboundKey.objects.bulk_create(
            OutboundKey(
                issuer=issuer, key_id=str(uuid4()), algorithm=name, private_key=_new_key(name), created_at=now()
            )
            for name in ALGORITHMS
        )
    if not issuer.is_enabled:
        issuer.is_enabled = True
        issuer.save(update_fields=["is_enabled"])
    return issuer


def token(issuer: OutboundIssuer, algorithm: str, claims: Mapping[str, Any]) -> str:
    """Sign claims as a compact token."""
    key = issuer.keys.get(algorithm=algorithm)
    header = {"alg": algorithm, "kid": key.key_id, "typ": "JWT"}
    text = f"{_encoded(json.dumps(header).encode())}.{_encoded(json.dumps(claims).encode())}"
    return f"{text}.{_encoded(_signature(key, text.encode()))}"


def discovery(issuer: OutboundIssuer) -> dict[str, Any]:
    """The document at /.well-known/openid-configuration (OpenID Connect Discovery 1.0)."""
    url = issuer_url(issuer)
    return {
        "issuer": url,
        "jwks_uri": f"{url}/.well-known/jwks.json",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "jti", "https://sts.amazonaws.com/"],
    }


def key_set(issuer: OutboundIssuer) -> dict[str, Any]:
    """The issuer's public keys."""
    return {"keys": [_public(key) for key in issuer.keys.order_by("id")]}


def _new_key(algorithm: str) -> str:
    key = (
        rsa.generate_private_key(public_exponent=_EXPONENT, key_size=2048)
        if algorithm == "RS256"
        else ec.generate_private_key(ec.SECP384R1())
    )
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _signature(row: OutboundKey, text: bytes) -> bytes:
    key = serialization.load_pem_private_key(row.private_key.encode(), password=None)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"the key {row.key_id} is neither RSA nor EC")
    first, second = decode_dss_signature(key.sign(text, ec.ECDSA(hashes.SHA384())))
    return first.to_bytes(_COORDINATE, "big") + second.to_bytes(_COORDINATE, "big")


def _public(row: OutboundKey) -> dict[str, str]:
    key = serialization.load_pem_private_key(row.private_key.encode(), password=None).public_key()
    shown = {"kid": row.key_id, "use": "sig", "alg": row.algorithm}
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return shown | {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError(f"the key {row.key_id} is neither RSA nor EC")
    point = key.public_numbers()
    return shown | {"kty": "EC", "crv": "P-384", "x": _number(point.x, _COORDINATE), "y": _number(point.y, _COORDINATE)}


def _number(value: int, length: int = 0) -> str:
    return _encoded(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
