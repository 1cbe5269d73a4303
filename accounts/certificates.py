"""Certificates, private keys and SSH keys as users upload them: read with `cryptography`, refused in AWS's words."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from operations.errors import ServiceError

FEWEST_BITS, MOST_BITS = 2048, 16_384  # IAM API Reference: UploadSSHPublicKey


class MalformedCertificate(ServiceError):
    code, status = "MalformedCertificate", 400


class InvalidCertificate(ServiceError):
    code, status = "InvalidCertificate", 400


class DuplicateCertificate(ServiceError):
    code, status = "DuplicateCertificate", 409


class KeyPairMismatch(ServiceError):
    code, status = "KeyPairMismatch", 400


class InvalidPublicKey(ServiceError):
    code, status = "InvalidPublicKey", 400


class UnrecognizedPublicKeyEncoding(ServiceError):
    code, status = "UnrecognizedPublicKeyEncoding", 400


class DuplicateSSHPublicKey(ServiceError):
    code, status = "DuplicateSSHPublicKey", 400


def certificate(pem: str) -> x509.Certificate:
    """The one certificate in a PEM text. Raises MalformedCertificate."""
    found = certificates(pem)
    if len(found) != 1:
        raise MalformedCertificate("Unable to parse certificate. Please ensure the certificate is in PEM format.")
    return found[0]


def certificates(pem: str) -> Sequence[x509.Certificate]:
    """All certificates in a PEM text. Raises MalformedCertificate for a text without one."""
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise MalformedCertificate(
            "Unable to parse certificate. Please ensure the certificate is in PEM format."
        ) from None


def check_pair(body: x509.Certificate, private_key: str) -> None:
    """The private key must be an unencrypted PEM key and belong to the certificate. Raises MalformedCertificate, KeyPairMismatch."""
    try:
        key = serialization.load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise MalformedCertificate(
            "Unable to parse private key. Please ensure it is in PEM format and not encrypted."
        ) from None
    if _public(key.public_key()) != _public(body.public_key()):
        raise KeyPairMismatch("Public key in certificate does not match private key.")


def fingerprint(body: x509.Certificate) -> str:
    """The SHA-256 of a certificate, in hexadecimal."""
    return hashlib.sha256(body.public_bytes(Encoding.DER)).hexdigest()


@dataclass(frozen=True)
class Facts:
    """What a certificate says of itself; the subject as RFC 4514 writes it, perhaps empty."""

    subject: str
    valid_from: datetime
    valid_until: datetime


def facts(pem: str) -> Facts | None:
    """What the one certificate in a PEM text says; None for a text that is none."""
    try:
        body = certificate(pem)
    except MalformedCertificate:
        return None
    return Facts(body.subject.rfc4514_string(), body.not_valid_before_utc, body.not_valid_after_utc)


def expiry(body: x509.Certificate) -> datetime:
    """The end of a certificate's validity."""
    return body.not_valid_after_utc


def ssh_key(body: str) -> RSAPublicKey:
    """An RSA public key in ssh-rsa or PEM encoding. Raises UnrecognizedPublicKeyEncoding, InvalidPublicKey."""
    text = body.strip()
    try:
        if text.startswith("ssh-rsa "):
            key: object = serialization.load_ssh_public_key(text.encode())
        elif text.startswith("-----BEGIN"):
            key = serialization.load_pem_public_key(text.encode())
        else:
            raise UnrecognizedPublicKeyEncoding("The public key encoding is not supported: it must be ssh-rsa or PEM.")
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidPublicKey("The public key is malformed or otherwise invalid.") from None
    if not isinstance(key, RSAPublicKey) or not FEWEST_BITS <= key.key_size <= MOST_BITS:
        raise InvalidPublicKey("The public key is malformed or otherwise invalid.")
    return key


def ssh_fingerprint(key: RSAPublicKey) -> str:
    """The MD5 of an SSH key, in pairs, as AWS and ssh-keygen show it; no security rests on it."""
    blob = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1]
    digest = hashlib.md5(base64.b64decode(blob), usedforsecurity=False).hexdigest()
    return ":".join(digest[place : place + 2] for place in range(0, len(digest), 2))


def encoded(key: RSAPublicKey, encoding: str) -> str:
    """A public key in the encoding `SSH` or `PEM`."""
    if encoding == "PEM":
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def _public(key: object) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined, no-any-return]
