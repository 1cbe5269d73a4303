"""Asking for a fresh factor in place: a sensitive form is kept, the factor is asked for, and then the form goes on with what was typed.

    @fresh_factor_required
    def create(request): ...

    @fresh_factor_required(when=grants_everything)      # only for some submissions

The factor is the second one for users who have an MFA device, the password for those who have none. What was typed waits encrypted in the
session, never in the page.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any, overload

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts import mfa, passkeys, signin, signin_events
from accounts.console_session import factor_given, is_fresh, name_of, session_facts
from accounts.known_browsers import is_known
from accounts.models import MfaDevice, User
from accounts.page_request import PageRequest
from accounts.refusals import sentence
from operations import rehearsal
from operations.clock import now
from operations.errors import InvalidAuthenticationCode
from operations.secrets import decrypt, encrypt

View = Callable[..., HttpResponse]
KEPT, FIELD = "kept_form", "_confirm"
LARGEST = 512 * 1024


@overload
def fresh_factor_required(view: View) -> View: ...
@overload
def fresh_factor_required(
    view: None = None, *, when: Callable[[PageRequest], bool] | None = None, methods: frozenset[str] = ...
) -> Callable[[View], View]: ...
def fresh_factor_required(
    view: View | None = None,
    *,
    when: Callable[[PageRequest], bool] | None = None,
    methods: frozenset[str] = frozenset({"POST"}),
) -> View | Callable[[View], View]:
    """Ask for a fresh factor before a view runs; `when` says for which submissions, `methods` whether also for opening the page."""

    def decorate(inner: View) -> View:
        @wraps(inner)
        def guarded(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return ask_first(request, when, methods=methods) or inner(request, *args, **kwargs)

        return guarded

    return decorate if view is None else decorate(view)


def ask_first(
    request: PageRequest,
    when: Callable[[PageRequest], bool] | None = None,
    *,
    methods: frozenset[str] = frozenset({"POST"}),
) -> HttpResponse | None:
    """The question for a factor, when this request needs a fresh one; None when it may go on."""
    user = request.person
    if rehearsal.is_on():  # nothing comes of it, and nothing of its answer is shown
        return None
    if user is None or request.method not in methods or is_fresh(request) or (when is not None and not when(request)):
        return None
    return _ask(request, user, _keep(request))


def _keep(request: PageRequest) -> str:
    """Put the form away; the token under which it waits. A second form replaces the first."""
    token = secrets.token_urlsafe(16)
    fields = {name: request.POST.getlist(name) for name in request.POST if name != "csrfmiddlewaretoken"}
    form = json.dumps({"method": request.method, "path": request.get_full_path(), "fields": fields})
    if len(form) <= LARGEST:
        request.session[KEPT] = {"token": token, "form": encrypt(form)}
    return token


def _ask(request: PageRequest, user: User, token: str, *, error: str = "", seconds: int = 0) -> HttpResponse:
    devices = mfa.devices_of(user)
    has_passkey = any(device.is_passkey for device in devices) and passkeys.are_possible(request)
    context = {
        "token": token,
        "field": FIELD,
        "devices": devices,
        "has_codes": any(not device.is_passkey for device in devices),
        "passkey_options": passkeys.request_options(request, user) if has_passkey else "",
        "error": error,
        "seconds": seconds,
    }
    response = render(request, "accounts/signin/confirm.html", context, status=403 if error else 200)
    response["Cache-Control"] = "no-store"
    if request.headers.get("HX-Request"):
        response["HX-Retarget"], response["HX-Reswap"] = "body", "innerHTML"
    return response


def take_up(request: PageRequest) -> HttpResponse | None:
    """Check the factor that was asked for; None when the form that waited has taken its place in the request, to go on to its view.

    The middleware calls this before every view: a page that asks need not know the answer's form.
    """
    user = request.person
    if user is None or request.method != "POST" or FIELD not in request.POST:
        return None
    token = request.POST[FIELD]
    try:
        factor = _check(request, user)
    except signin.SignInRefused as refused:
        return _ask(request, user, token, error=sentence(refused), seconds=refused.seconds)
    except InvalidAuthenticationCode as refused:
        return _ask(request, user, token, error=refused.message)
    factor_given(request, factor)
    _refresh_caller(request)
    kept = request.session.pop(KEPT, None)
    form = json.loads(decrypt(kept["form"])) if kept and kept["token"] == token else None
    if form is None or form["path"] != request.get_full_path():
        return _ask_again(request)
    if form["method"] != "POST":
        return HttpResponseRedirect(form["path"])
    typed = QueryDict(mutable=True)
    for name, values in form["fields"].items():
        typed.setlist(name, values)
    request.POST = typed  # type: ignore[assignment]
    return None


def waiting_in(session: Mapping[str, Any], request: HttpRequest) -> dict[str, list[str]]:
    """The fields of the form for which a factor was being given when its session ended; none of one that does not wait in it."""
    kept = session.get(KEPT)
    if not kept or kept["token"] != request.POST.get(FIELD):
        return {}
    form = json.loads(decrypt(kept["form"]))
    fits = form["method"] == "POST" and form["path"] == request.get_full_path()
    return form["fields"] if fits else {}


def _check(request: PageRequest, user: User) -> str:
    """The factor just given; empty for a password. Raises SignInRefused, InvalidAuthenticationCode."""
    place = request.connection
    known = is_known(request, user)
    if request.POST.get("passkey"):
        return name_of(_check_passkey(request, user))
    if user.mfa_device_count:
        return name_of(
            signin.check_factor(user, request.POST.get("code", ""), place, lambda _user: known, signing_in=False)
        )
    signin.check_own_password(user, request.POST.get("password", ""), place, lambda _user: known)
    return ""


def _check_passkey(request: PageRequest, user: User) -> MfaDevice:
    """The passkey that was proved; recorded either way, as a code is. Nobody guesses a signature: no attempt is counted."""
    try:
        device = passkeys.verify(request, request.POST["passkey"], user)
    except InvalidAuthenticationCode:
        signin_events.checked_mfa(user, request.connection, "Passkey", success=False)
        raise
    signin_events.checked_mfa(user, request.connection, "Passkey", success=True)
    return device


def _ask_again(request: PageRequest) -> HttpResponse:
    """What was typed is not there any more (it was too large, or another form came between): say so instead of guessing."""
    context = {"title": _("Please send the form again"), "back": request.get_full_path()}
    return render(request, "accounts/signin/send_again.html", context, status=409)


def _refresh_caller(request: PageRequest) -> None:
    """The condition keys of the session have changed: the decisions of this very request use the new ones."""
    original = request.original
    request.original = replace(original, context={**original.context, **session_facts(request, now())})
    if request.user_row is not None:  # a role's session carries no second factor
        request.caller = request.original
