"""The Query API over HTTP: one request in, AWS's XML out. No session, no cookie and no form parsing of Django's takes part."""

from typing import Any

from api import authenticate, last_used, parse, serialise, throttle, unsigned
from api.answers import Answer
from api.dispatch import FAULT_NAMESPACE, Route, route
from api.errors import InvalidAction, RequestEntityTooLarge
from api.exchange import DENIAL_HEADER, Exchange, denial_of, in_our_words, sent
from api.sigv4 import Presented, RawRequest, read
from api.wire import Incoming
from operations import presumption
from operations.caller import Caller
from operations.errors import ServiceError

XML = "text/xml"


def serve(request: Incoming) -> Answer:
    """Answer one request of the Query protocol. Whatever happens, the answer is AWS's."""
    exchange = Exchange(request)
    try:
        return sent(_answer(exchange), 200, XML, exchange.request_id)
    except ServiceError as error:
        return _failure(exchange, error)
    except Exception as error:  # noqa: BLE001 - the door to the network: nothing may pass it but AWS's answers
        return _failure(exchange, in_our_words(error, exchange.request_id))


def unknown(request: Incoming) -> Answer:
    """An address below the API's where nothing is."""
    exchange = Exchange(request)
    return _failure(exchange, InvalidAction("There is no operation at this address.", status=404))


def _answer(exchange: Exchange) -> str:
    presented = read(exchange.head)
    body = exchange.body(presented)
    fields = parse.fields_of(exchange.head.query.encode("latin-1", "replace")) if exchange.head.query else {}
    if body:
        fields |= parse.fields_of(body)
    found = exchange.route = route(fields, presented.service if presented else None)
    if found.name in unsigned.UNSIGNED:  # a signature adds nothing to the token that stands for the caller
        raise unsigned.refuse(found, fields, exchange.connection, exchange.now)

    def called() -> dict[str, Any]:
        caller = exchange.caller = _caller(exchange, found, presented, body)
        throttle.admit(caller.account_id, caller.arn)
        return found.call(caller, fields)

    result = presumption.run(called) if found.repeatable else called()
    return serialise.answer(found.model, result, found.namespace, exchange.request_id)


def _caller(exchange: Exchange, found: Route, presented: Presented | None, body: bytes) -> Caller:
    """The signer of the request, if it may call this operation with such credentials at all."""
    presented = presented or authenticate.presented_by(exchange.head)
    head = exchange.head
    raw = RawRequest(head.method, head.path, head.query, head.headers, body)
    caller = authenticate.signer(raw, presented, found.service, found.action, exchange.connection, exchange.now)
    last_used.note(caller, found.service, presented.region, exchange.now)
    authenticate.check_restrictions(caller, exchange.connection, found.service, found.action)
    return caller


def _failure(exchange: Exchange, error: ServiceError) -> Answer:
    """An error as XML, in the namespace of the service once that is known; a denial has its decision, encrypted, in a header."""
    if isinstance(error, RequestEntityTooLarge):
        return Answer(413, {"Content-Length": "0"})
    namespace = exchange.route.namespace if exchange.route else FAULT_NAMESPACE
    sender = error.sender and error.status < 500
    text = serialise.error(error.code, error.message, namespace, exchange.request_id, sender=sender)
    response = sent(text, error.status, XML, exchange.request_id)
    message = denial_of(exchange, error)
    if message:
        response.headers[DENIAL_HEADER] = message
    return response
