"""Sessions that were issued, keys that were deleted, and identity providers."""

from federation.models.deleted_key import DeletedAccessKey
from federation.models.issued_session import IssuedSession
from federation.models.oidc_provider import OidcProvider, OidcProviderTag
from federation.models.outbound import OutboundIssuer, OutboundKey
from federation.models.saml_provider import SamlPrivateKey, SamlProvider, SamlProviderTag

__all__ = [
    "DeletedAccessKey",
    "IssuedSession",
    "OidcProvider",
    "OidcProviderTag",
    "OutboundIssuer",
    "OutboundKey",
    "SamlPrivateKey",
    "SamlProvider",
    "SamlProviderTag",
]
