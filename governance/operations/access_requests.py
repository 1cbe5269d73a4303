"""Requests for access: ask, withdraw, grant, decline, list. Operations of our own; AWS has none for this.

Every user may ask, withdraw and list its own, unless a policy denies it (access.effective). A grant gives nothing by itself: it notes the
inline policy that gave it, which whoever answers has put by PutUserPolicy or PutRolePolicy, with their own rights.
"""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import RoleInlinePolicy, User, UserInlinePolicy
from accounts.notices import tell
from governance import askers
from governance.denials import digest, own_denial
from governance.models import AccessRequest
from governance.queries.access_requests import find_request, own_requests, requests_of
from operations.caller import Caller
from operations.clock import now, text
from operations.errors import InvalidInput, LimitExceeded, NoSuchEntity, ServiceError, ValidationError
from operations.gate import Call, Result, Target, operation
from operations.paging import page
from operations.reasons import cleaned

MOST_OPEN = 20  # of one user or role
LONGEST = timedelta(days=90)


class AccessRequestClosed(ServiceError):
    """Somebody has answered or withdrawn it meanwhile."""

    code, status = "AccessRequestClosed", 409


class OwnAccessRequest(ServiceError):
    """Nobody grants what they ask for themself, whatever their policies allow."""

    code, status = "OwnAccessRequest", 403


def own(call: Call) -> Target:
    """The user or role that the caller is. Raises ValidationError for a caller that is none."""
    kind, unique_id = askers.asker_id(call.caller)
    row = askers.row_of(call.account_id, kind, unique_id) if kind else None
    if row is None:
        raise ValidationError("Only IAM users and sessions of roles have access requests of their own")
    return _target(row, kind)


def own_or_all(call: Call) -> Target:
    """The caller's own, or those of the whole account."""
    return own(call) if call.params.get("own_only") else Target("*")


def requester(call: Call) -> Target:
    """The user or role that asks; of a request that is not there the whole account, so that only who may on all learns it."""
    request = find_request(call.account_id, call.params["access_request_id"])
    if request is None:
        return Target("*")
    row = askers.row_of(call.account_id, request.principal_kind, request.principal_id)
    return _target(row, request.principal_kind) if row else Target(request.principal_arn)


def _target(row: Any, kind: str) -> Target:
    return Target(row.arn, row, askers.keys(row), f"AWS::IAM::{kind.capitalize()}")


@operation("iam:CreateAccessRequest", on=own)
def create_access_request(call: Call, *, event_id: str, reason: str, duration_seconds: int | None = None) -> Result:
    """Ask for what was denied to the caller; where an open request asks for the same already, that one is answered.

    Raises NoSuchEntity (no such denial of the caller's), InvalidInput, LimitExceeded.
    """
    denial = own_denial(call.caller, event_id)
    if denial is None:
        raise NoSuchEntity(f"The denial with event id {event_id} cannot be found.")
    kind, unique_id = askers.asker_id(call.caller)
    rows = own_requests(call.caller).filter(state=AccessRequest.OPEN)
    same = digest(denial.action, denial.resource)
    if (there := rows.filter(digest=same).first()) is not None:
        return {"AccessRequest": _told(call, there), "IsNew": False}
    if rows.count() >= MOST_OPEN:
        raise LimitExceeded(f"Cannot exceed quota for OpenAccessRequestsPerPrincipal: {MOST_OPEN}")
    if not (why := cleaned(reason)):
        raise InvalidInput("The reason of an access request needs characters that can be seen.")
    asker = call.entity
    request = AccessRequest.objects.create(
        account_id=call.account_id,
        principal_kind=kind,
        principal_id=unique_id,
        principal_arn=asker.arn,
        principal_name=asker.name,
        principal_name_key=asker.name.lower(),
        session_name=(call.caller.principal.session_name or "")[:64],
        asked_by=call.caller.arn,
        person_id=askers.person_id(call.caller),
        event_id=denial.event.event_id,
        action=denial.action,
        resource=denial.resource,
        digest=same,
        outcome=denial.outcome,
        layers=list(denial.layers),
        reason=why,
        duration_seconds=duration_seconds,
        created_at=now(),
    )
    call.changed(after=state(request))
    return {"AccessRequest": _told(call, request), "IsNew": True}


@operation("iam:WithdrawAccessRequest", on=own)
def withdraw_access_request(call: Call, *, access_request_id: str) -> Result:
    """Take back a request of the caller's own user or role. Raises NoSuchEntity, AccessRequestClosed."""
    request = _open(call, access_request_id, principal_id=askers.asker_id(call.caller)[1])
    _close(call, request, AccessRequest.WITHDRAWN)
    return {"AccessRequest": _told(call, request)}


@operation("iam:GrantAccessRequest", on=requester)
def grant_access_request(
    call: Call,
    *,
    access_request_id: str,
    policy_name: str | None = None,
    end_date: datetime | None = None,
    message: str | None = None,
) -> Result:
    """Note that a request is granted: by an inline policy of the requester's, which must be there, or otherwise.

    Raises NoSuchEntity, InvalidInput, AccessRequestClosed, OwnAccessRequest.
    """
    request = _open(call, access_request_id)
    check_grant(call.caller, request, policy_name, end_date)
    if policy_name and not _has_policy(call.entity, policy_name):
        kind = request.principal_kind
        raise NoSuchEntity(f"The {kind} policy with name {policy_name} cannot be found.")
    request.policy_name, request.ends_at = policy_name or "", end_date
    _close(call, request, AccessRequest.GRANTED, message)
    return {"AccessRequest": described(request)}


@operation("iam:DeclineAccessRequest", on=requester)
def decline_access_request(call: Call, *, access_request_id: str, message: str) -> Result:
    """Decline a request with a sentence to whoever asked. Raises NoSuchEntity, InvalidInput, AccessRequestClosed."""
    request = _open(call, access_request_id)
    if not cleaned(message):
        raise InvalidInput("The message to the requester needs characters that can be seen.")
    _close(call, request, AccessRequest.DECLINED, message)
    return {"AccessRequest": described(request)}


@operation("iam:ListAccessRequests", on=own_or_all)
def list_access_requests(
    call: Call,
    *,
    own_only: bool | None = None,
    state: str | None = None,
    marker: str | None = None,
    max_items: int | None = None,
) -> Result:
    """The account's requests or the caller's own, oldest first; of all states or of one."""
    rows = own_requests(call.caller) if own_only else requests_of(call.account_id)
    if state:
        rows = rows.filter(state=state.lower())
    found, paging = page(rows, "id", marker, max_items)
    return {"AccessRequests": [_told(call, row) for row in found], **paging}


def _open(call: Call, request_id: str, **which: str) -> AccessRequest:
    """An open request, read after the account's record was locked: of two who answer at once, the second finds it closed."""
    request = requests_of(call.account_id).filter(request_id=request_id, **which).first()
    if request is None:
        raise NoSuchEntity(f"The access request with id {request_id} cannot be found.")
    check_open(request)
    return request


def check_open(request: AccessRequest) -> None:
    """Refuse a request that was answered or withdrawn. Raises AccessRequestClosed."""
    if not request.is_open:
        raise AccessRequestClosed(
            f"The access request with id {request.request_id} is not open any more: it was {request.state}."
        )


def check_grant(caller: Caller, request: AccessRequest, policy_name: str | None, end_date: datetime | None) -> None:
    """Refuse an answer that cannot be given, whatever policies allow. At most one query. Raises OwnAccessRequest, InvalidInput."""
    if not caller.is_root and askers.is_about(caller, request.principal_id, request.person_id):
        raise OwnAccessRequest(
            f"The access request with id {request.request_id} is your own: somebody else must grant it."
        )
    if end_date is not None and not policy_name:
        raise InvalidInput("A grant has an end where a policy ends it: PolicyName is needed with EndDate.")
    if end_date is not None and not now() < end_date <= now() + LONGEST:
        raise InvalidInput(f"The end of a grant must be in the next {LONGEST.days} days.")


def _close(call: Call, request: AccessRequest, how: str, message: str | None = None) -> None:
    before = state(request)
    request.state, request.message = how, cleaned(message or "")
    request.answered_by, request.answered_at = call.caller.arn, now()
    request.save()
    call.changed(before=before, after=state(request))
    if isinstance(call.entity, User) and how != AccessRequest.WITHDRAWN:
        facts = {"action": request.action, "resource": request.named, "message": request.message}
        tell(call.entity, f"access_{how}", ends_at=request.ends_at, **facts)


def _has_policy(holder: Any, name: str) -> bool:
    if holder is None:
        return False
    if isinstance(holder, User):
        return UserInlinePolicy.objects.filter(user=holder, name=name).exists()
    return RoleInlinePolicy.objects.filter(role=holder, name=name).exists()


def _told(call: Call, request: AccessRequest) -> dict[str, Any]:
    """A request as its own asker is answered: of the resource no more than they asked, unless they may list all requests."""
    shown = described(request)
    return shown if call.caller.may(askers.LIST) else shown | {"Resource": request.named}


def described(request: AccessRequest) -> dict[str, Any]:
    """A request as it is answered."""
    shown: dict[str, Any] = {
        "AccessRequestId": request.request_id,
        "PrincipalArn": request.principal_arn,
        "RequestedBy": request.asked_by,
        "Action": request.action,
        "Resource": request.resource,
        "Reason": request.reason,
        "State": request.status.capitalize(),
        "EventId": request.event_id,
        "CreateDate": request.created_at,
    }
    optional = {
        "DurationSeconds": request.duration_seconds,
        "AnsweredBy": request.answered_by,
        "AnswerDate": request.answered_at,
        "Message": request.message,
        "PolicyName": request.policy_name,
        "EndDate": request.ends_at,
    }
    return shown | {name: value for name, value in optional.items() if value}


def state(request: AccessRequest) -> dict[str, Any]:
    """A request as the record keeps it: what it asks for, and how it stands."""
    found = {
        "accessRequestId": request.request_id,
        "principalArn": request.principal_arn,
        "action": request.action,
        "resource": request.resource,
        "reason": request.reason,
        "state": request.state,
    }
    optional = {
        "durationSeconds": request.duration_seconds,
        "answeredBy": request.answered_by,
        "message": request.message,
        "policyName": request.policy_name,
        "endsAt": text(request.ends_at) if request.ends_at else None,
    }
    return found | {name: value for name, value in optional.items() if value}
