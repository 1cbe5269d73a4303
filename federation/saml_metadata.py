"""SAML metadata documents: what an identity provider says of itself, read without entities, references or the network."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from operations.clock import now
from operations.errors import InvalidInput

METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
SIGNATURES = "{http://www.w3.org/2000/09/xmldsig#}"
FEWEST_BITS = 1024  # IAM User Guide, «Create a SAML identity provider»
MOST_SIGNING_KEYS = 10
LIFE_WITHOUT_DATE = timedelta(days=36_500)


@dataclass(frozen=True)
class Metadata:
    """What counts of a metadata document."""

    entity_id: str
    valid_until: datetime


def read(document: str) -> Metadata:
    """Read a metadata document. Raises InvalidInput for what is no metadata of an identity provider."""
    try:
        root = fromstring(document.encode())
    except (ParseError, DefusedXmlException, ValueError, LookupError, UnicodeError, RecursionError):
        raise InvalidInput("Could not parse metadata") from None
    if root.tag != f"{METADATA}EntityDescriptor" or not root.get("entityID"):
        raise InvalidInput("Could not parse metadata")
    provider = root.find(f"{METADATA}IDPSSODescriptor")
    if provider is None:
        raise InvalidInput("Could not find an IDPSSODescriptor in the metadata.")
    certificates = [_certificate(element.text or "") for element in _signing(provider)]
    if not 0 < len(certificates) <= MOST_SIGNING_KEYS:
        raise InvalidInput(f"The metadata must hold 1 to {MOST_SIGNING_KEYS} signing certificates.")
    dates = [date for element in (root, provider) if (date := _date(element.get("validUntil")))]
    return Metadata(str(root.get("entityID"))[:1024], min(dates, default=now() + LIFE_WITHOUT_DATE))


def _signing(provider: Any) -> list[Any]:
    keys = [key for key in provider.iter(f"{METADATA}KeyDescriptor") if key.get("use", "signing") == "signing"]
    return [element for key in keys for element in key.iter(f"{SIGNATURES}X509Certificate")]


def _certificate(text: str) -> x509.Certificate:
    try:
        found = x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True))
        key = found.public_key()
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        raise InvalidInput("The metadata holds a certificate that cannot be read.") from None
    if isinstance(key, RSAPublicKey) and key.key_size < FEWEST_BITS:
        raise InvalidInput(f"The metadata's signing certificate must have at least {FEWEST_BITS} bits.")
    return found


def _date(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput("The metadata's validUntil is no date.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
