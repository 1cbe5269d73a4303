"""The errors of the wire: what goes wrong before an operation is called (AWS: «Common Error Types» of the IAM API Reference).

Errors of the operations themselves come from `operations.errors`; both are written to XML by `api.answers`.
"""

from operations.errors import ServiceError

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. "
    "Consult the service documentation for details."
)


class IncompleteSignature(ServiceError):
    code, status = "IncompleteSignature", 400


class MissingAuthenticationToken(ServiceError):
    code, status = "MissingAuthenticationToken", 403


class SignatureDoesNotMatch(ServiceError):
    code, status = "SignatureDoesNotMatch", 403


class InvalidAction(ServiceError):
    code, status = "InvalidAction", 400


class MissingAction(ServiceError):
    code, status = "MissingAction", 400


class MalformedQueryString(ServiceError):
    code, status = "MalformedQueryString", 400


class MalformedInput(ServiceError):
    """A value that cannot be read as its type. AWS gives most of these no message."""

    code, status = "MalformedInput", 400


class RequestEntityTooLarge(ServiceError):
    code, status = "RequestEntityTooLarge", 413


class Throttling(ServiceError):
    code, status = "Throttling", 400


class ServiceUnavailable(ServiceError):
    code, status, sender = "ServiceUnavailable", 503, False


class InternalFailure(ServiceError):
    code, status, sender = "InternalFailure", 500, False


class NotImplementedHere(ServiceError):
    """An operation that this console refuses; the message says why."""

    code, status = "InvalidAction", 400
