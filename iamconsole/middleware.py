"""Middleware: a request id on everything, and the Caller of each page request."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from access.callers import Connection, user_caller
from access.switched import Acting, SwitchEnded, acting
from accounts import kept_forms
from accounts.admission import duty_of, refusal, send
from accounts.console_session import asks_when_it_ends, current_user, ending, session_facts
from accounts.models import User
from accounts.page_request import PageRequest
from accounts.reauthentication import ask_first, take_up
from federation import switching
from iamconsole.sensitive_pages import gives_administrator_access
from operations import journal, stamps
from operations.caller import Caller
from operations.clock import now
from operations.ids import uuid
from pages import reasons

GetResponse = Callable[[HttpRequest], HttpResponse]
# What is done in the user's own name anyway, also by a request that was made for a role that has ended meanwhile.
OPEN_AFTER_A_ROLE = (
    "federation:switch-role",
    "federation:switch-again",
    "federation:switch-back",
    "accounts:sign-out",
)


class RequestIdMiddleware:
    """Gives every request an id of our own making, shown in the answer and kept in the record."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid()  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["x-amzn-RequestId"] = request.request_id  # type: ignore[attr-defined]
        return response


class OncePerPage:
    """Has whatever one page reads recorded at once, when the page is done and before it is answered, and the policy stamp asked for once:
    however many parts a page has."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with journal.together(), stamps.asked_once():
            return self.get_response(request)


class CallerMiddleware:
    """Puts the Caller on `request.caller` (the signed-in user with policies and session facts, or None for nobody) and guards the pages.

    Whoever is not signed in reaches only views marked `@public`; whoever must choose a new password or enrol an MFA device reaches only
    that (accounts.admission). Idle and overlong sessions have ended before.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        page = cast("PageRequest", request)
        page.connection = connection = connection_of(request)
        page.role = None
        if asks_when_it_ends(request):
            page.person = page.user_row = page.caller = page.original = None  # type: ignore[assignment]
            return self.get_response(request)
        page.person = page.user_row = user = current_user(request)
        page.session_ends = ending(request.session, user, now()) if user else None
        page.original = page.caller = caller_of(request, user, connection) if user else None  # type: ignore[assignment]
        if user is not None and switching.KEY in request.session:
            act_as_role(page, connection)
        kept_forms.carry(page)
        page.waiting_forms = kept_forms.count(page)
        response = self.get_response(request)
        forget_role(page)
        kept_forms.sent(page, response)
        kept_forms.note_reader(page, response, page.role.arn if page.role else "")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: object, kwargs: object
    ) -> HttpResponse | None:
        """Keep out who may not enter this view yet; tell whose role has ended before anything is done in the user's own name.

        Forms that give administrator access ask for a fresh factor; a form that waited for one is taken up here. What goes on does so
        with the reason that its form gave.
        """
        page = cast("PageRequest", request)
        ended = getattr(page, "role_ended", False) and duty_of(page, page.original) is None
        if ended and str(getattr(page.resolver_match, "view_name", "")) not in OPEN_AFTER_A_ROLE:
            kept_forms.keep(page)
            return send(page, reverse("federation:switch-role"))
        answer = refusal(page, view) or take_up(page) or ask_first(page, gives_administrator_access)
        if answer is None:
            reasons.give(page)
        return answer


def caller_of(request: HttpRequest, user: User, connection: Connection) -> Caller:
    """The Caller of a console session; its session facts say which session that is."""
    moment = now()
    caller = user_caller(user, connection, moment, session_facts(request, moment))
    session = {name: request.session.get(name) for name in ("session_id", "signed_in_at", "mfa_at", "mfa_by")}
    return replace(caller, session_facts=session)


def act_as_role(page: PageRequest, connection: Connection) -> None:
    """Make the request the role's that the console was switched to; once that may not be, the switch ends and the reader is told."""
    switched = switching.read(page.session)
    try:
        found = _acting(page, switched, connection)
    except SwitchEnded as ended:
        switching.leave(page.session, page.original, reason=str(ended))
        page.role_ended = True  # type: ignore[attr-defined]
        messages.warning(page, switching.ending(str(ended)))
        return
    page.user_row = None
    page.switched, page.role = switched, found.role  # type: ignore[attr-defined]
    facts = {**found.caller.session_facts, "session_id": page.session.get("session_id")}
    page.caller = replace(found.caller, session_facts=facts)


def _acting(page: PageRequest, switched: switching.Switched | None, connection: Connection) -> Acting:
    """The role that the console acts as. Raises SwitchEnded, also for a person who has something to do first."""
    if duty_of(page, page.original) is not None:
        raise SwitchEnded("duty first")
    return acting(switched, page.original, partial(session_facts, page), connection, now())


def forget_role(page: PageRequest) -> None:
    """A sign-out ends the role's session too."""
    switched: switching.Switched | None = getattr(page, "switched", None)
    if switched is not None and switching.KEY not in page.session:
        switching.end(switched.session)


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
