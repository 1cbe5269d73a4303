"""Who signed a request: the checks in AWS's order, and the record of keys that are refused.

Order: key and token, expiry, liveness of the role or user, clock, scope, signature. So a key that does not count is told and recorded as
such, whatever else is wrong with the request.
"""

from dataclasses import replace
from datetime import datetime

from access.callers import Connection
from access.credentials import Credential, credential
from api import sigv4, throttle
from api.errors import MissingAuthenticationToken
from api.sigv4 import Presented, RawRequest
from federation import restrictions
from federation.errors import ExpiredToken, InvalidClientTokenId
from operations import record
from operations.caller import Caller
from operations.errors import AccessDenied, ServiceError
from operations.gate import SOURCES

REGIONAL = frozenset({"sts"})  # a call of IAM goes to the installation's Region, whatever it is signed for


def presented_by(head: RawRequest) -> Presented:
    """What a request presents. Raises MissingAuthenticationToken, IncompleteSignature."""
    presented = sigv4.read(head)
    if presented is None:
        raise MissingAuthenticationToken("Request is missing Authentication Token")
    return presented


def signer(
    request: RawRequest, presented: Presented, service: str, action: str, connection: Connection, now: datetime
) -> Caller:
    """The Caller of a signed request.

    Raises InvalidClientTokenId, ExpiredToken, SignatureDoesNotMatch, and AccessDenied for an address that the key does not allow. What is
    refused although the key's holder is known is recorded in the holder's account; before the signature has shown that the sender has more
    than the key's id, only so often.
    """
    try:
        found = credential(presented.access_key_id, presented.token, now)
    except (InvalidClientTokenId, ExpiredToken) as error:
        holder: Caller | None = error.details.get("holder")
        if holder is not None and throttle.unproved.take(presented.access_key_id):
            note_refusal(holder, connection, service, action, error)
        raise
    sigv4.check_time(presented, now)
    sigv4.check_scope(presented, service)
    sigv4.check_signature(request, presented, found.secret)
    if service in REGIONAL:
        connection = replace(connection, region=presented.region)
    caller = found.caller(connection, now)
    check_source(found, caller, connection, service, action)
    return caller


def check_source(found: Credential, caller: Caller, connection: Connection, service: str, action: str) -> None:
    """The key must be allowed from this address. Raises AccessDenied, after recording it."""
    if found.may_come_from(connection.source_ip):
        return
    refused = AccessDenied(
        f"User: {caller.arn} is not authorized to perform: {service}:{action} "
        f"because the access key {found.key_id} does not allow the source address {connection.source_ip}"
    )
    note_refusal(caller, connection, service, action, refused)
    raise refused


def check_restrictions(caller: Caller, connection: Connection, service: str, action: str) -> None:
    """Refuse what such credentials may not call. Raises InvalidClientTokenId and AccessDenied, after recording it."""
    try:
        restrictions.check(caller.session_facts.get("session"), service, action)
    except ServiceError as error:
        note_refusal(caller, connection, service, action, error)
        raise


def note_refusal(holder: Caller, connection: Connection, service: str, action: str, error: ServiceError) -> None:
    """Record a call that was refused before any operation saw it."""
    caller = replace(
        holder,
        source_ip=connection.source_ip,
        user_agent=connection.user_agent,
        door=connection.door,
        request_id=connection.request_id,
    )
    reason = error.details.get("reason")
    record.append(
        record.Draft(
            name=action,
            caller=caller,
            source=SOURCES[service],
            additional={"reason": reason} if reason else None,
            error_code=error.code,
            error_message=error.message,
        )
    )
