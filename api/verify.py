"""GetRequestSigner: another service received a signed request; who signed it, is it valid, and may they?

The other service hands over the parts of the request, never a secret. Signers of other accounts are verified too: their signature shows
that they asked that service for something; of their policies only the outcome is told.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from access.callers import Connection
from access.credentials import Credential, credential
from accounts import resolve
from api import last_used, sigv4
from api.authenticate import presented_by
from api.authorise import context_of, decide
from api.principals import Asked
from api.sigv4 import RawRequest
from operations.caller import Caller
from operations.clock import now
from operations.errors import AccessDenied, ServiceError
from operations.gate import Call, Result, operation
from policies import last_decided
from policies.last_decided import Decider


@operation("iam:GetRequestSigner", on=resolve.whole_account)
def get_request_signer(
    call: Call,
    *,
    request: dict[str, Any],
    service: str | None = None,
    question: dict[str, Any] | None = None,
    detail: str = "outcome",
) -> Result:
    """Verify a request that another service received, and decide about it.

    A request that is not valid is an answer too: `Valid` is false, with AWS's error code and sentence. Raises ValidationError,
    MalformedPolicyDocument (in the question).
    """
    raw = received(request)
    moment = now()
    context = context_of(question, signed=True) if question else {}
    try:
        found, caller = verified(raw, service, context, moment)
    except ServiceError as error:
        call.note(valid=False, error=error.code, **refused_key(call, raw, error))
        return {"Valid": False, "ErrorCode": error.code, "ErrorMessage": error.message}
    call.note(valid=True, signer=caller.arn)
    result: dict[str, Any] = {"Valid": True, "Signer": described(found, caller)}
    if question:
        shown = detail if caller.account_id == call.account_id else "outcome"
        asked = Asked(caller.principal, caller.policies)
        deciders: set[Decider] = set()
        result["Decision"] = decide(asked, question, {**caller.context, **context}, call.account_id, shown, deciders)
        last_decided.of_decisions(caller.account_id, deciders, moment)
    return result


def verified(
    raw: RawRequest, service: str | None, context: Mapping[str, Any], moment: datetime
) -> tuple[Credential, Caller]:
    """The credential and the Caller of a request, all checks passed. Raises the errors of the wire."""
    presented = presented_by(raw)
    found = credential(presented.access_key_id, presented.token, moment)
    sigv4.check_time(presented, moment, honour_expiry=True)
    sigv4.check_scope(presented, service)
    sigv4.check_signature(raw, presented, found.secret)
    address = next((str(value) for key, value in context.items() if key.lower() == "aws:sourceip"), "")
    agent = raw.headers.get("user-agent", "")[:512]
    connection = Connection(source_ip=address, user_agent=agent, door="api", region=presented.region)
    if not found.may_come_from(address):
        raise AccessDenied(
            f"The access key {found.key_id} does not allow the source address {address or '(none given)'}"
        )
    caller = found.caller(connection, moment)
    last_used.note(caller, presented.service, presented.region, moment)
    return found, caller


def refused_key(call: Call, raw: RawRequest, error: ServiceError) -> dict[str, str]:
    """What the record of a refusal says: which key was presented, and why it does not count if it is one of the asker's account."""
    try:
        presented = presented_by(raw)
    except ServiceError:
        return {}
    noted = {"accessKeyId": presented.access_key_id[:128]}
    holder: Caller | None = error.details.get("holder")
    if holder is not None and holder.account_id == call.account_id:
        noted["reason"] = error.details["reason"]
    return noted


def received(request: Mapping[str, Any]) -> RawRequest:
    """The parts of the request in the form in which signatures are verified."""
    headers: dict[str, str] = {}
    for name, value in request["Headers"].items():
        key = name.strip().lower()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    return RawRequest(
        request["Method"], request["Path"] or "/", request.get("Query", ""), headers, b"", request.get("BodySha256", "")
    )


def described(found: Credential, caller: Caller) -> dict[str, Any]:
    """Who signed: what a service needs to act on it and to write it down."""
    principal = caller.principal
    return {
        "Arn": caller.arn,
        "Account": principal.account,
        "Type": caller.identity["type"],
        "UserId": caller.identity["principalId"],
        "UserName": principal.username,
        "RoleArn": principal.role_arn,
        "SessionName": principal.session_name,
        "SourceIdentity": principal.source_identity,
        "AccessKeyId": found.key_id,
        "ExpiresAt": found.expires_at,
    }
