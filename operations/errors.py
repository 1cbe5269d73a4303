"""AWS's errors: one exception with AWS's code, text and HTTP status, and a maker for each code that the operations raise."""

from collections.abc import Mapping
from typing import Any


class ServiceError(Exception):
    """A call that failed in one of AWS's ways.

    `code` and `message` are what every door shows; `status` is the HTTP status; `sender` is False when the fault is ours.
    `details` carries what a page may show beside the sentence (a line and column, dependants that block a delete).
    """

    code = "ServiceFailure"
    status = 500
    sender = True

    def __init__(self, message: str, *, code: str | None = None, status: int | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.status = status or self.status
        self.details: Mapping[str, Any] = details

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    @property
    def said(self) -> str:
        """The sentence as a page says it: `details` may have it in the console's words, where the API's own are not for people."""
        return str(self.details.get("said") or self.message)


class ValidationError(ServiceError):
    code, status = "ValidationError", 400


class AccessDenied(ServiceError):
    """Carries the engine's decision and request, so that a page can explain and a test can look."""

    code, status = "AccessDenied", 403


class NoSuchEntity(ServiceError):
    code, status = "NoSuchEntity", 404


class EntityAlreadyExists(ServiceError):
    code, status = "EntityAlreadyExists", 409


class DeleteConflict(ServiceError):
    code, status = "DeleteConflict", 409


class LimitExceeded(ServiceError):
    code, status = "LimitExceeded", 409


class ConcurrentModification(ServiceError):
    code, status = "ConcurrentModification", 409


class InvalidInput(ServiceError):
    code, status = "InvalidInput", 400


class MalformedPolicyDocument(ServiceError):
    code, status = "MalformedPolicyDocument", 400


class UnmodifiableEntity(ServiceError):
    code, status = "UnmodifiableEntity", 400


class PolicyNotAttachable(ServiceError):
    code, status = "PolicyNotAttachable", 400


class PasswordPolicyViolation(ServiceError):
    code, status = "PasswordPolicyViolation", 400


class InvalidUserType(ServiceError):
    code, status = "InvalidUserType", 400


class InvalidAuthenticationCode(ServiceError):
    code, status = "InvalidAuthenticationCode", 403
