"""Sign-in, second factor, passkey, sign-out, and choosing a password on a link."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import kept_forms, mfa, passkeys, password_links, passwords, signin
from accounts.admission import CHANGE_PASSWORD, ENROL_MFA, public, serves_duty
from accounts.console_session import await_factor, begin, end, name_of, pending_user
from accounts.credential_forms import (
    FactorForm,
    NewPasswordForm,
    RootSignInForm,
    SetupForm,
    UserSignInForm,
    focus_first_empty,
    posted,
)
from accounts.known_browsers import is_known, remember
from accounts.models import LoginProfile, MfaDevice, User
from accounts.page_request import PageRequest
from accounts.refusals import sentence
from operations.clock import now
from operations.errors import InvalidAuthenticationCode, ServiceError
from pages.forms import apply_error


@public
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: PageRequest, account: str = "") -> HttpResponse:
    """The form of IAM users: account, user name, password."""
    last = request.COOKIES.get("iamconsole_account", "")
    form = UserSignInForm(posted(request), initial={"account": account or last})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            admitted = signin.check_user_password(
                given["account"],
                given["user_name"],
                given["password"],
                request.connection,
                partial(is_known, request),
            )
        except signin.SignInRefused as refused:
            form.add_error(None, sentence(refused))
            return _form(request, form, "accounts/signin/user.html", refused.seconds)
        return _proceed(request, admitted)
    return _form(request, form, "accounts/signin/user.html")


@public
@never_cache
@sensitive_post_parameters("password")
def sign_in_root(request: PageRequest) -> HttpResponse:
    """The form of root users: email address and password."""
    form = RootSignInForm(posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            admitted = signin.check_root_password(
                given["email"], given["password"], request.connection, partial(is_known, request)
            )
        except signin.SignInRefused as refused:
            form.add_error(None, sentence(refused))
            return _form(request, form, "accounts/signin/root.html", refused.seconds)
        return _proceed(request, admitted)
    return _form(request, form, "accounts/signin/root.html")


@public
@never_cache
@sensitive_post_parameters("code", "passkey")
def factor(request: PageRequest) -> HttpResponse:
    """The second factor of somebody whose password was right."""
    user = pending_user(request)
    if user is None:
        messages.warning(request, _("Signing in took too long. Please start again."))
        return redirect("accounts:sign-in")
    devices = mfa.devices_of(user)
    form = FactorForm(request.POST if request.POST.get("code") else None)
    error, seconds = "", 0
    if request.method == "POST":
        try:
            if request.POST.get("passkey"):
                return _finish(request, user, passkeys.verify(request, request.POST["passkey"], user))
            if form.is_valid():
                knows = partial(is_known, request)
                return _finish(
                    request, user, signin.check_factor(user, form.cleaned_data["code"], request.connection, knows)
                )
            error = _("Type a code.")
        except signin.SignInRefused as refused:
            error, seconds = sentence(refused), refused.seconds
        except InvalidAuthenticationCode as refused:
            error = refused.message
            signin.passkey_failed(user, request.connection)
    has_passkey = any(device.is_passkey for device in devices) and passkeys.are_possible(request)
    context = {
        "form": FactorForm(),
        "error": error,
        "seconds": seconds,
        "devices": devices,
        "has_codes": any(not device.is_passkey for device in devices),
        "passkey_options": passkeys.request_options(request, user) if has_passkey else "",
    }
    return render(request, "accounts/signin/factor.html", context, status=403 if error else 200)


@public
@never_cache
@sensitive_post_parameters("passkey")
def sign_in_with_passkey(request: PageRequest) -> HttpResponse:
    """A passkey in place of name and password: possession and the person are proved at once."""
    error = ""
    if request.method == "POST":
        try:
            device = passkeys.verify(request, request.POST.get("passkey", ""), None)
            admitted = signin.check_passkey(device, request.connection)
            return _complete(request, admitted, device)
        except (InvalidAuthenticationCode, signin.SignInRefused) as refused:
            error = refused.message if isinstance(refused, InvalidAuthenticationCode) else refused.text
    possible = passkeys.are_possible(request)
    context = {
        "error": error,
        "possible": possible,
        "passkey_options": passkeys.request_options(request, None) if possible else "",
    }
    return render(request, "accounts/signin/passkey.html", context, status=403 if error else 200)


@serves_duty(CHANGE_PASSWORD, ENROL_MFA)
@require_POST
def sign_out(request: PageRequest) -> HttpResponse:
    """End this session."""
    end(request)
    messages.success(request, _("You are signed out."))
    return redirect("accounts:sign-in")


@public
@never_cache
@sensitive_post_parameters("new_password", "repeated")
@require_http_methods(["GET", "POST"])
def set_password(request: PageRequest, token: str) -> HttpResponse:
    """Choose a password on a link: an invitation, or the root user's first set-up."""
    link = password_links.find(token)
    if link is None:
        return render(request, "accounts/signin/link_gone.html", status=404)
    user = link.user
    kind = SetupForm if user.is_root else NewPasswordForm
    rules = passwords.root_rules() if user.is_root else passwords.rules_of(user.account)
    form = kind(posted(request), initial={"email": user.email}, rules=rules.describe())
    focus_first_empty(form)
    if request.method == "POST" and form.is_valid():
        try:
            email = form.cleaned_data.get("email")
            password_links.redeem(token, form.cleaned_data["new_password"], request.connection, email=email)
        except ServiceError as error:
            for failure in error.details.get("failures", []):
                form.add_error("new_password", failure)
            if not error.details.get("failures"):
                apply_error(form, error)
        else:
            messages.success(request, _("The password is set. Sign in with it now."))
            return redirect(
                reverse("accounts:sign-in-root")
                if user.is_root
                else reverse("accounts:sign-in-account", args=[_account(user)])
            )
    context = {"form": form, "user": user, "account_name": _account(user)}
    return render(request, "accounts/signin/set_password.html", context)


# --- what follows a right password --------------------------------------------------------------------------------------------


def _proceed(request: PageRequest, admitted: signin.Admitted) -> HttpResponse:
    """On to the second factor, or in."""
    if admitted.needs_factor:
        kept = kept_forms.taken(request)
        await_factor(request, admitted.user, _target(request), must_change_password=admitted.must_change_password)
        kept_forms.put_back(request, kept)
        return redirect("accounts:sign-in-factor")
    return _complete(request, admitted, None)


def _finish(request: PageRequest, user: User, device: MfaDevice | None) -> HttpResponse:
    """The second factor was right."""
    pending = request.session["pending"]
    profile = LoginProfile.objects.filter(user=user).first()
    left = (
        passwords.days_left(profile, passwords.rules_of(user.account).max_age, now())
        if profile and not user.is_root
        else None
    )
    admitted = signin.Admitted(user, pending["must_change_password"], left, needs_factor=True)
    return _complete(request, admitted, device, target=pending["next"])


def _complete(
    request: PageRequest, admitted: signin.Admitted, device: MfaDevice | None, *, target: str = ""
) -> HttpResponse:
    """Begin the session, say what the user should know, and go to the page that was asked for."""
    user = admitted.user
    by = name_of(device) if admitted.needs_factor else ""
    target = target or _target(request)
    failures = signin.failures_since(user)
    kept = kept_forms.taken(request)
    begin(request, user, request.connection, factor=by, must_change_password=admitted.must_change_password)
    if kept_forms.hand_on(request, user, kept):
        target = reverse("accounts:kept-form")
    signin.signed_in(user, request.connection, device, by=by, target=request.build_absolute_uri(target))
    if failures:
        text = ngettext(
            "%(n)d sign-in with your name failed since you last signed in.",
            "%(n)d sign-ins with your name failed since you last signed in.",
            failures,
        )
        messages.warning(
            request, f"{text % {'n': failures}} {_('Look at your own activity under “My security credentials”.')}"
        )
    if admitted.days_left is not None and not admitted.must_change_password:
        text = ngettext(
            "Your password expires in %(n)d day.", "Your password expires in %(n)d days.", admitted.days_left
        )
        messages.warning(request, text % {"n": admitted.days_left})
    response = redirect(target)
    remember(request, response, user)
    if not user.is_root:
        response.set_cookie(
            "iamconsole_account",
            _account(user),
            max_age=400 * 24 * 3600,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
    return response


def _form(request: PageRequest, form: UserSignInForm | RootSignInForm, template: str, seconds: int = 0) -> HttpResponse:
    focus_first_empty(form)
    context = {"form": form, "next": _target(request), "seconds": seconds, "passkeys": passkeys.are_possible(request)}
    return render(request, template, context, status=403 if form.is_bound and form.non_field_errors() else 200)


def _target(request: PageRequest) -> str:
    """The page that was asked for, when it is one of ours; else the start page."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else "/"


def _account(user: User) -> str:
    return user.account.alias or user.account_id
