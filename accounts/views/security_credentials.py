"""«My security credentials», and the same page of another user for administrators; password and email address."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import passwords, plain_words, shown_once
from accounts.admission import CHANGE_PASSWORD, serves_duty
from accounts.credential_forms import ChangePasswordForm, EmailForm, ReasonForm, posted
from accounts.holders import KINDS
from accounts.looks import Looks
from accounts.operations import sessions
from accounts.operations.attachments import attach_user_policy
from accounts.operations.change_password import change_password, change_root_password
from accounts.operations.contain import contain_user
from accounts.operations.invitations import create_password_link, invite_user
from accounts.operations.login_profiles import create_login_profile, delete_login_profile, update_login_profile
from accounts.operations.sign_in_settings import update_user_email
from accounts.own_passwords import ability_of, helping_policy
from accounts.owners import Owner, owner_of
from accounts.page_request import PageRequest
from accounts.password_links import INVITATION_LIFETIME, RESET_LIFETIME
from accounts.queries import credentials
from accounts.reauthentication import fresh_factor_required
from accounts.resolve import user_target
from accounts.views import other_credentials
from operations.caller import Caller
from operations.clock import now
from operations.errors import ServiceError
from operations.gate import authorise_read, one_change, refusal_of
from operations.models import Event
from pages.errors import Part, Refusal
from pages.forms import apply_error
from policies.saving import mark, renew, save, shown_values

LOOK_UP, LIST_SESSIONS = "cloudtrail:LookupEvents", "iam:ListConsoleSessions"


def overview(request: PageRequest, user_name: str | None = None) -> HttpResponse:
    """Everything about one user's credentials; each part follows the reader's policies."""
    return _overview(request, user_name, {})


def _overview(request: PageRequest, user_name: str | None, shown: dict[str, Any]) -> HttpResponse:
    """The page; `shown` has a form on it that came back, and what is to be said of it."""
    owner, caller, moment = owner_of(request, user_name), _caller(request), now()
    user, looks = owner.user, Looks(caller, owner)
    context = {
        "owner": owner,
        "user": user,
        "looks": looks,
        "facts": looks.part("iam:GetUser", lambda: user),
        "password": password_of(looks, owner),
        "devices": looks.part("iam:ListMFADevices", lambda: credentials.devices(user)),
        "recovery": recovery_of(looks, owner),
        "keys": looks.part("iam:ListAccessKeys", lambda: credentials.keys(user)),
        "others": other_credentials.summary(looks, owner),
        "sessions": sessions_part(request, looks, owner),
        "may": may(caller, owner),
        "now": moment,
        "email_form": EmailForm(initial={"email": user.email, "seen": mark(user.email)}),
        **shown,
    }
    status = 409 if "meanwhile" in shown else 200
    if not owner.is_self:
        return render(
            request,
            "accounts/security/user_overview.html",
            context | {"holder": KINDS["user"], "row": user, "tab": "credentials"},
            status=status,
        )
    context |= {
        "recent": _activity(caller, looks, owner),
        "sentences": plain_words.sentences(caller, credentials.ways_of_policies(user)),
        "boundaries": plain_words.boundary_names(caller),
    }
    return render(request, "accounts/security/overview.html", context, status=status)


def password_of(looks: Looks, owner: Owner) -> Part[credentials.PasswordFacts]:
    """One's own password is part of what iam:GetUser shows, as the published self-management policies grant it."""
    action = "iam:GetUser" if owner.is_self else "iam:GetLoginProfile"
    return looks.part(action, lambda: credentials.password_facts(owner.user, now()))


def recovery_of(looks: Looks, owner: Owner) -> Part[credentials.RecoveryFacts]:
    return looks.part("iam:ListMFADevices", lambda: credentials.recovery_facts(owner.user))


def sessions_part(request: PageRequest, looks: Looks, owner: Owner) -> Part[list[credentials.SessionRow]]:
    """Where the owner is signed in; the reader's own session first."""
    return looks.part(LIST_SESSIONS, lambda: sessions_shown(request, owner))


def sessions_shown(request: PageRequest, owner: Owner) -> list[credentials.SessionRow]:
    """The same for who was found to be allowed to see it."""
    return credentials.session_rows(sessions.sessions_of(owner.user), request.session.get("session_id", ""))


def _activity(caller: Caller, looks: Looks, owner: Owner) -> Part[list[Event]]:
    """One's own activity goes with one's own sessions. Of others, of whom somebody may have had the credentials, what was read counts
    too; that needs the permission to read the trail.
    """
    if owner.is_self:
        return looks.part(LIST_SESSIONS, lambda: credentials.recent_activity(owner.user))
    refused = refusal_of(caller, LOOK_UP, "*")
    if refused is not None:
        return Part(refusal=Refusal(refused))
    authorise_read(caller, LOOK_UP, "*")
    return Part(credentials.recent_calls(owner.user))


def _keys(owner: Owner, action: str) -> Any:
    return user_target(owner.user.account_id, owner.user.name, owner.user, action).context


def may(caller: Caller, owner: Owner) -> dict[str, bool]:
    """What the reader may do here: for the buttons, never in place of the gate."""
    arn = owner.user.arn
    actions = {
        "change_password": "ChangePassword",
        "create_password": "CreateLoginProfile",
        "set_password": "UpdateLoginProfile",
        "remove_password": "DeleteLoginProfile",
        "enable_mfa": "EnableMFADevice",
        "resync_mfa": "ResyncMFADevice",
        "remove_mfa": "DeactivateMFADevice",
        "reset_mfa": "ResetUserMFA",
        "list_keys": "ListAccessKeys",
        "create_key": "CreateAccessKey",
        "update_key": "UpdateAccessKey",
        "delete_key": "DeleteAccessKey",
        "end_sessions": "EndConsoleSessions",
        "set_email": "UpdateUserEmail",
    }
    return {name: caller.may(f"iam:{action}", arn, _keys(owner, f"iam:{action}")) for name, action in actions.items()}


def _needs_code(request: PageRequest) -> bool:
    """Who has no MFA device proves themselves by the current password, which the form asks for anyway."""
    return bool(request.user_row and request.user_row.mfa_device_count)


@serves_duty(CHANGE_PASSWORD)
@sensitive_post_parameters("old_password", "new_password", "repeated")
@fresh_factor_required(when=_needs_code)
def change_own_password(request: PageRequest) -> HttpResponse:
    """Change one's own password: by choice, or because it must be changed before anything else."""
    owner, caller = owner_of(request), _caller(request)
    user = owner.user
    rules = passwords.root_rules() if user.is_root else passwords.rules_of(user.account)
    form = ChangePasswordForm(posted(request), rules=rules.describe())
    if request.method == "POST" and form.is_valid():
        change = change_root_password if user.is_root else change_password
        given = form.cleaned_data
        try:
            change(caller, old_password=given["old_password"], new_password=given["new_password"])
        except ServiceError as error:
            for failure in error.details.get("failures", [])[1:]:
                form.add_error("new_password", failure)
            apply_error(form, error)
        else:
            demanded = request.session.pop("must_change_password", False)
            request.session.cycle_key()
            messages.success(request, _("Your password is changed. Your other sessions were ended."))
            return redirect("/" if demanded else owner.home)
    demanded = bool(request.session.get("must_change_password"))
    permitted = user.is_root or caller.may("iam:ChangePassword", user.arn)
    context = {"form": form, "owner": owner, "demanded": demanded, "permitted": permitted}
    return render(request, "accounts/security/change_password.html", context)


@fresh_factor_required(methods=frozenset({"POST"}))
def manage_password(request: PageRequest, user_name: str) -> HttpResponse:
    """Another user's console access: invite, send a link, set a generated password, demand a change, take access away."""
    owner, caller = owner_of(request, user_name), _caller(request)
    if owner.is_self:
        return redirect("accounts:change-password")
    if request.method == "POST":
        return _manage(request, caller, owner, request.POST.get("action", ""))
    once = f"password:{owner.user.pk}"
    allowed, shown = may(caller, owner), shown_once.read(request, once)
    if not (shown or allowed["create_password"] or allowed["set_password"] or allowed["remove_password"]):
        owner.open_form(caller, "iam:UpdateLoginProfile")
    gives = not shown and (allowed["create_password"] or allowed["set_password"])
    context = {
        "owner": owner,
        "password": password_of(Looks(caller, owner), owner),
        "may": allowed,
        "ability": ability_of(caller, owner.user) if gives else None,
        "shown": shown,
        "until": shown_once.until(request, once),
        "invitation_days": INVITATION_LIFETIME.days,
        "link_hours": RESET_LIFETIME // timedelta(hours=1),
    }
    return render(request, "accounts/security/manage_password.html", context)


def _manage(request: PageRequest, caller: Caller, owner: Owner, action: str) -> HttpResponse:
    name, once = owner.user.name, f"password:{owner.user.pk}"
    here = owner.url("manage-password")
    if action == "invite":
        _keep_link(request, once, invite_user(caller, user_name=name))
    elif action == "link":
        _keep_link(request, once, create_password_link(caller, user_name=name))
    elif action in {"generate", "replace"}:
        password = passwords.generated(passwords.rules_of(owner.user.account))
        change = create_login_profile if action == "generate" else update_login_profile
        with one_change():
            change(caller, user_name=name, password=password, password_reset_required=True)
            _let_choose(caller, owner)
        shown_once.keep(request, once, {"password": password})
    elif action == "demand":
        with one_change():
            update_login_profile(caller, user_name=name, password_reset_required=True)
            _let_choose(caller, owner)
        messages.success(request, _("%(name)s must choose a new password at the next sign-in.") % {"name": name})
    elif action == "remove":
        delete_login_profile(caller, user_name=name)
        messages.success(request, _("%(name)s can no longer sign in to the console.") % {"name": name})
    elif action == "seen":
        shown_once.forget(request, once)
        here = owner.home
    return redirect(here)


def _keep_link(request: PageRequest, once: str, made: Mapping[str, Any]) -> None:
    """A link is shown until it is passed on or ends."""
    shown_once.keep(request, once, {"link": made["PasswordLink"]}, until=made["ExpirationDate"])


def _let_choose(caller: Caller, owner: Owner) -> None:
    """Attach IAMUserChangePassword to a user who must choose a password and could not, as the page has said."""
    for name in ability_of(caller, owner.user).attached:
        attach_user_policy(caller, user_name=name, policy_arn=helping_policy())


@fresh_factor_required
@require_POST
def set_email(request: PageRequest, user_name: str) -> HttpResponse:
    """Where the notices of a user go. Whoever sets it later sees what was set meanwhile."""
    owner = owner_of(request, user_name)
    present, form = owner.user.email, EmailForm(request.POST)
    shown: dict[str, Any] = {"email_form": form}
    if form.is_valid():
        email = form.cleaned_data["email"]
        if form.cleaned_data["seen"] not in ("", mark(present)):
            shown |= {
                "meanwhile": shown_values(form, {"email": present}),
                "typed": shown_values(form, {"email": email}),
            }
            renew(form, present)
        elif save(form, lambda: update_user_email(_caller(request), user_name=owner.user.name, email=email)):
            messages.success(request, _("The address is saved."))
            return redirect(owner.home)
    return _overview(request, None if owner.is_self else user_name, shown)


@fresh_factor_required
def contain(request: PageRequest, user_name: str | None = None) -> HttpResponse:
    """Deactivate all keys and end all sessions in one step; the page before says what will happen."""
    owner, caller = owner_of(request, user_name), _caller(request)
    if request.method != "POST":
        owner.open_form(caller, "iam:UpdateAccessKey", "iam:EndConsoleSessions")
    looks = Looks(caller, owner)
    form = ReasonForm(posted(request), sent=bool(owner.user.email) and not owner.is_self)
    done: dict[str, Any] = {}
    if form.is_valid() and save(
        form,
        lambda: done.update(contain_user(caller, user_name=owner.name, reason=form.cleaned_data["reason"])),
    ):
        if owner.is_self:
            request.session.flush()
            messages.success(
                request,
                _(
                    "All your access keys are inactive and all your sessions have ended. Sign in again, then change your password."
                ),
            )
            return redirect("accounts:sign-in")
        context = {
            "owner": owner,
            "done": done,
            "password": password_of(looks, owner),
            "others": other_credentials.in_force(looks, owner),
            "recent": _activity(caller, looks, owner),
            "may": may(caller, owner),
        }
        return render(request, "accounts/security/contained.html", context)
    context = {
        "owner": owner,
        "form": form,
        "keys": looks.part("iam:ListAccessKeys", lambda: credentials.active_keys(owner.user)),
        "sessions": sessions_part(request, looks, owner),
        "password": password_of(looks, owner),
        "others": other_credentials.in_force(looks, owner),
        "may": may(caller, owner),
    }
    return render(request, "accounts/security/contain.html", context)


def _caller(request: PageRequest) -> Caller:
    caller: Caller = request.caller
    return caller
