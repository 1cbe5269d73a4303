"""AWS STS's own errors (STS API Reference)."""

from operations.errors import ServiceError


class PackedPolicyTooLarge(ServiceError):
    code, status = "PackedPolicyTooLarge", 400


class InvalidParameterValue(ServiceError):
    code, status = "InvalidParameterValue", 400


class InvalidAuthorizationMessage(ServiceError):
    code, status = "InvalidAuthorizationMessageException", 400


class InvalidIdentityToken(ServiceError):
    code, status = "InvalidIdentityToken", 400


class InvalidClientTokenId(ServiceError):
    """The key is unknown or not to be used. `details` name the account and the key's owner where there is one, for the record."""

    code, status = "InvalidClientTokenId", 403


class ExpiredToken(ServiceError):
    code, status = "ExpiredToken", 403
