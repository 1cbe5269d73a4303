"""`POST /authorize` and `POST /verify`: operations of our own as JSON, for services that ask often (docs/api.md)."""

import json
from typing import Any

from api import authenticate, json_form, last_used, throttle
from api.answers import Answer
from api.exchange import DENIAL_HEADER, Exchange, denial_of, in_our_words, sent
from api.sigv4 import RawRequest
from api.wire import Incoming
from operations.contract import operation_model
from operations.errors import ServiceError
from operations.gate import REGISTRY

SERVICE = "iam"


def authorize(request: Incoming) -> Answer:
    """GetAccessDecisions."""
    return _serve(request, "GetAccessDecisions")


def verify(request: Incoming) -> Answer:
    """GetRequestSigner."""
    return _serve(request, "GetRequestSigner")


def _serve(request: Incoming, action: str) -> Answer:
    exchange = Exchange(request)
    try:
        return _json(_answer(exchange, action), 200, exchange.request_id)
    except ServiceError as error:
        return _failure(exchange, error)
    except Exception as error:  # noqa: BLE001 - the door to the network: nothing may pass it but an answer
        return _failure(exchange, in_our_words(error, exchange.request_id))


def _answer(exchange: Exchange, action: str) -> dict[str, Any]:
    presented = authenticate.presented_by(exchange.head)
    body = exchange.body(presented)
    head = exchange.head
    raw = RawRequest(head.method, head.path, head.query, head.headers, body)
    caller = exchange.caller = authenticate.signer(raw, presented, SERVICE, action, exchange.connection, exchange.now)
    last_used.note(caller, SERVICE, presented.region, exchange.now)
    authenticate.check_restrictions(caller, exchange.connection, SERVICE, action)
    throttle.admit(caller.account_id, caller.arn)
    model = operation_model(SERVICE, action)
    result = REGISTRY[f"{SERVICE}:{action}"](caller, **json_form.arguments(model, body))
    answer = json_form.answer(model, result)
    for decision in (*answer.get("decisions", ()), answer.get("decision", {})):
        if "trace" in decision:
            decision["trace"] = json.loads(decision["trace"])
    return answer


def _failure(exchange: Exchange, error: ServiceError) -> Answer:
    response = _json({"code": error.code, "message": error.message}, error.status, exchange.request_id)
    message = denial_of(exchange, error)
    if message:
        response.headers[DENIAL_HEADER] = message
    return response


def _json(content: dict[str, Any], status: int, request_id: str) -> Answer:
    return sent(json.dumps(content, ensure_ascii=False, separators=(",", ":")), status, "application/json", request_id)
