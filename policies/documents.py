"""Policy documents on their way in and out: AWS's grammar when they are saved, the size that counts, reading what is stored."""

from django.conf import settings

from engine import Policy, PolicySyntaxError, grammar
from engine.grammar import PolicyKind, size
from operations.errors import MalformedPolicyDocument, ServiceError, ValidationError
from operations.quotas import enforce

__all__ = ["check_document", "check_managed_document", "read_document", "size"]


def check_document(document: str, kind: PolicyKind = "identity") -> Policy:
    """The policy of a document that AWS would save.

    Raises MalformedPolicyDocument with AWS's sentence (ValidationError for characters outside Latin-1); the error's details
    hold `line`, `column` and `explanation`, which says in plain words what is wrong there.
    """
    try:
        return grammar.check_saving(document, kind, partition=settings.PARTITION)
    except grammar.MalformedPolicyDocument as error:
        raise _in_our_words(error) from None


def check_managed_document(document: str) -> Policy:
    """The same for a version of a managed policy, whose size is limited. Raises LimitExceeded too."""
    policy = check_document(document)
    enforce("PolicySizeQuota", size(document))
    return policy


def read_document(document: str) -> Policy:
    """A stored document as a policy.

    AWS saves a few things that decide nothing (null in a list of resources, an unknown operator without keys); the
    grammar reads those, and the plain reader does not. Raises PolicySyntaxError for what neither can read.
    """
    try:
        return Policy.parse(document)
    except PolicySyntaxError:
        try:
            return grammar.check_saving(document, "identity", partition=settings.PARTITION)
        except grammar.MalformedPolicyDocument as error:
            raise PolicySyntaxError(error.message, error.line, error.column, error.offset) from None


def _in_our_words(error: grammar.MalformedPolicyDocument) -> ServiceError:
    kind = ValidationError if error.code == ValidationError.code else MalformedPolicyDocument
    return kind(
        error.message,
        code=error.code,
        line=error.line,
        column=error.column,
        offset=error.offset,
        explanation=error.detail,
    )
