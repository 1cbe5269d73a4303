"""Certificates for tests, each with a key of its own that nobody keeps."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID


def certificate(name: str, *, until: datetime = datetime(2120, 1, 1, tzinfo=UTC)) -> str:
    """A certificate in PEM encoding, signed by itself; it began to be valid a year before its end, or in 2020."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_after(until)
    builder = builder.not_valid_before(min(datetime(2020, 1, 1, tzinfo=UTC), until - timedelta(days=365)))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
