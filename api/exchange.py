"""One request to the API and what has become known of it, so that an error is told in the right words at any point."""

import logging

from django.db import DataError, IntegrityError, OperationalError

from access.credentials import credential
from api import authenticate, wire
from api.answers import Answer
from api.dispatch import Route
from api.errors import InternalFailure, ServiceUnavailable
from api.sigv4 import Presented
from api.wire import Incoming
from federation import denials
from operations.caller import Caller
from operations.clock import now
from operations.errors import ConcurrentModification, ServiceError, ValidationError
from operations.ids import uuid

logger = logging.getLogger(__name__)
DENIAL_HEADER = "x-amzn-EncodedAuthorizationMessage"


class Exchange:
    """A request, its id, its moment, and (once found) its route and its Caller."""

    def __init__(self, request: Incoming) -> None:
        self.request = request
        self.request_id = uuid()
        self.head = wire.head_of(request)
        self.connection = wire.connection_of(request, self.head, self.request_id)
        self.now = now()
        self.route: Route | None = None
        self.caller: Caller | None = None

    def body(self, presented: Presented | None) -> bytes:
        """The body. A large one, or one of no known length, is read only for a key that exists. Raises the errors of the wire."""
        length = wire.length_of(self.request)
        if length is None or length > wire.FREE_BODY:
            known = presented or authenticate.presented_by(self.head)
            credential(known.access_key_id, known.token, self.now)
        return wire.read_body(self.request, length)


def sent(content: str, status: int, content_type: str, request_id: str) -> Answer:
    """An answer with its id."""
    body = content.encode("utf-8", "replace")
    return Answer(
        status,
        {
            "Content-Type": content_type,
            "Content-Length": str(len(body)),
            "x-amzn-RequestId": request_id,
            # Names and messages in an answer are what somebody typed: a browser that opens one takes it for nothing but text.
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
            "Cache-Control": "no-store",
        },
        body,
    )


def in_our_words(error: Exception, request_id: str) -> ServiceError:
    """An unforeseen error as AWS would tell it; what is our fault is logged with the request's id."""
    if isinstance(error, IntegrityError):
        return ConcurrentModification(
            "The request was rejected because multiple requests to change this object were submitted simultaneously."
        )
    if isinstance(error, DataError | OverflowError):
        return ValidationError("A parameter has a value that is not valid.")
    logger.error("request %s failed", request_id, exc_info=error)
    if isinstance(error, OperationalError):
        return ServiceUnavailable("The service is temporarily unable to process the request. Try again.")
    return InternalFailure("The request processing has failed because of an unknown error, exception or failure.")


def denial_of(exchange: Exchange, error: ServiceError) -> str:
    """The encrypted message of a denial, as the header that carries it; empty for other errors."""
    details = error.details
    if exchange.caller is None or "decision" not in details or "request" not in details:
        return ""
    return denials.encode(details["request"], details["decision"], exchange.caller.account_id)
