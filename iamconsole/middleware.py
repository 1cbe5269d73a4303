"""Middleware: a request id on everything, and the Caller of each page request."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from access.callers import Connection, user_caller
from accounts.admission import refusal
from accounts.console_session import current_user, session_facts
from accounts.models import User
from accounts.page_request import PageRequest
from operations.caller import Caller
from operations.clock import now

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Gives every request an id of our own making, shown in the answer and kept in the record."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = str(uuid4())  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["x-amzn-RequestId"] = request.request_id  # type: ignore[attr-defined]
        return response


class CallerMiddleware:
    """Puts the Caller on `request.caller` (the signed-in user with policies and session facts, or None for nobody) and guards the pages.

    Whoever is not signed in reaches only views marked `@public`; whoever must choose a new password or enrol an MFA device reaches only
    that (accounts.admission). Idle and overlong sessions have ended before.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        connection = connection_of(request)
        user = current_user(request)
        request.connection = connection  # type: ignore[attr-defined]
        request.user_row = user  # type: ignore[attr-defined]
        request.caller = caller_of(request, user, connection) if user else None  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Keep out who may not enter this view yet."""
        return refusal(cast("PageRequest", request), view)


def caller_of(request: HttpRequest, user: User, connection: Connection) -> Caller:
    """The Caller of a console session; its session facts say which session that is."""
    moment = now()
    caller = user_caller(user, connection, moment, session_facts(request, moment))
    session = {name: request.session.get(name) for name in ("session_id", "signed_in_at", "mfa_at", "mfa_by")}
    return replace(caller, session_facts=session)


def connection_of(request: HttpRequest, door: str = "console") -> Connection:
    """The connection's facts; X-Forwarded-For counts only as far as the settings trust proxies."""
    return Connection(
        source_ip=client_address(request),
        user_agent=request.headers.get("User-Agent", "")[:512],
        secure=request.is_secure(),
        referer=request.headers.get("Referer", "")[:512],
        door=door,
        request_id=request.request_id,  # type: ignore[attr-defined]
    )


def client_address(request: HttpRequest) -> str:
    """The client's address: the one that the outermost trusted proxy saw, else the peer's."""
    peer = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES > 0:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if hops:
            return hops[-min(settings.TRUSTED_PROXIES, len(hops))]
    return str(peer)
