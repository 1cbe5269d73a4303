"""Requests for access as pages read them."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import QuerySet

from governance import askers
from governance.models import AccessRequest
from operations.caller import Caller
from operations.clock import now

LATELY = timedelta(days=7)
SHOWN = 5


def requests_of(account_id: str) -> "QuerySet[AccessRequest]":
    """All requests of an account."""
    return AccessRequest.objects.filter(account_id=account_id)


def own_requests(caller: Caller) -> "QuerySet[AccessRequest]":
    """Those of the caller's own user or role."""
    return requests_of(caller.account_id).filter(principal_id=askers.asker_id(caller)[1])


def find_request(account_id: str, request_id: str) -> AccessRequest | None:
    """One request by its id."""
    return requests_of(account_id).filter(request_id=request_id).first()


def similar_grants(request: AccessRequest) -> list[AccessRequest]:
    """The latest requests for the same action that were granted, whoever asked."""
    granted = requests_of(request.account_id).filter(action=request.action, state=AccessRequest.GRANTED)
    return list(granted.exclude(pk=request.pk).order_by("-id")[:SHOWN])


@dataclass(frozen=True)
class Waiting:
    """What the first page says of requests: how many are open (None for who may not list them), and the caller's own that were
    answered lately.
    """

    open: int | None = None
    answered: list[AccessRequest] = field(default_factory=list)


def waiting(caller: Caller, *, may_list: bool, may_list_own: bool) -> Waiting:
    """At most two queries."""
    found = requests_of(caller.account_id).filter(state=AccessRequest.OPEN).count() if may_list else None
    if not may_list_own:
        return Waiting(found)
    states = (AccessRequest.GRANTED, AccessRequest.DECLINED)
    lately = own_requests(caller).filter(state__in=states, answered_at__gte=now() - LATELY)
    return Waiting(found, list(lately.order_by("-answered_at")[:SHOWN]))
