"""Who may enter a page: everything asks for a sign-in unless it is marked, and what must be done first comes first.

A view for everybody is marked `@public`. A view that serves a duty (choosing a new password, enrolling an MFA device) is marked
`@serves_duty(…)`: it is what a user with an open duty is led to, and nothing else is.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts import kept_forms
from accounts.console_session import has_mfa
from accounts.models import User
from accounts.page_request import PageRequest
from operations.caller import Caller
from pages.errors import in_place

View = TypeVar("View", bound=Callable[..., HttpResponse])
CHANGE_PASSWORD, ENROL_MFA = "accounts:change-password", "accounts:add-mfa-device"


def public(view: View) -> View:
    """Open to whoever comes: sign-in, health, an API with an authentication of its own."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def serves_duty(*duties: str) -> Callable[[View], View]:
    """Open to a signed-in user who has one of these duties to do first."""

    def mark(view: View) -> View:
        view.serves_duties = duties  # type: ignore[attr-defined]
        return view

    return mark


def refusal(request: PageRequest, view: Callable[..., Any]) -> HttpResponse | None:
    """Where to send a request that may not enter this view; None when it may. What was typed into it is kept (accounts.kept_forms)."""
    if getattr(view, "is_public", False):
        return None
    caller: Caller | None = request.caller
    user: User | None = request.user_row
    if caller is None:
        return _to_sign_in(request)
    duty = duty_of(request, caller) if user is not None else None
    if duty is None or duty in getattr(view, "serves_duties", ()):
        return None
    kept_forms.keep(request)
    return send(request, reverse(duty))


def _to_sign_in(request: PageRequest) -> HttpResponse:
    """The sign-in, on the way to the page that was asked for; a page that only lacks a part of it stays, with what was typed into it."""
    target = f"{reverse('accounts:sign-in')}?{urlencode({'next': _wanted(request)})}"
    if request.headers.get("HX-Request"):
        text = _("What you typed is still here. Sign in in a new tab, then go on with this page.")
        return in_place(request, "errors/aside.html", {"message": text, "sign_in": target}, status=403)
    kept_forms.keep(request)
    return redirect(target)


def duty_of(request: PageRequest, caller: Caller) -> str | None:
    """What the person who signed in must do before anything else: choose a new password, or enrol an MFA device when the account demands
    one. `caller` is that person's own.

    Where policies allow no password change before MFA is present, the device comes first, so that the two do not block each other.
    """
    user = request.person
    if user is None:
        return None
    must_change = bool(request.session.get("must_change_password"))
    may_enrol = not user.mfa_device_count and caller.may("iam:EnableMFADevice", user.arn)
    if must_change and not has_mfa(request) and may_enrol and not caller.may("iam:ChangePassword", user.arn):
        return ENROL_MFA
    if must_change:
        return CHANGE_PASSWORD
    if user.account.require_mfa and not user.mfa_device_count:
        return ENROL_MFA
    return None


def _wanted(request: PageRequest) -> str:
    """The page to come back to: what was asked for by a link, the page of a form, or the one of which a part was asked for."""
    if request.headers.get("HX-Request"):
        parts = urlsplit(request.headers.get("HX-Current-URL", ""))
        return parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    return request.get_full_path() if request.method in {"GET", "HEAD"} else kept_forms.page_of(request)


def send(request: PageRequest, target: str) -> HttpResponse:
    """Another page instead; for htmx, too, a whole one."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = target
        return response
    return redirect(target)
