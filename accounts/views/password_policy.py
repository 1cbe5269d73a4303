"""The account's password policy, its own checks and its demands at sign-in: what a change would do is shown before it is saved."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import breached, passwords
from accounts.credential_forms import PasswordChecksForm, PasswordPolicyForm, SignInSettingsForm, posted
from accounts.models import HAS_PASSWORD, Account, PasswordChecks, PasswordPolicy, User
from accounts.operations.password_policy import (
    FIELDS,
    delete_account_password_policy,
    get_account_password_policy,
    update_account_password_checks,
    update_account_password_policy,
)
from accounts.operations.sign_in_settings import update_account_sign_in_settings
from accounts.page_request import PageRequest
from accounts.queries.password_impact import impact
from accounts.reauthentication import fresh_factor_required
from operations.caller import Caller
from operations.clock import now
from operations.errors import AccessDenied, InvalidInput, NoSuchEntity, ValidationError
from operations.gate import one_change
from pages.forms import apply_error
from policies.saving import mark, renew, save, shown_values

MEMBERS = [name for name in PasswordPolicyForm.base_fields if name not in {"custom", "seen"}]
SETTINGS = ("require_mfa", "session_idle_minutes")
TYPED = "sample"


@sensitive_post_parameters(TYPED)
@fresh_factor_required(when=lambda request: request.POST.get("action") == "save")
def password_policy(request: PageRequest) -> HttpResponse:
    """The form; its first submission shows the consequences, the second one saves. Whoever does so later sees what was saved meanwhile."""
    caller, account = _caller(request), _account(request)
    present, in_force = _present(caller), passwords.rules_of(account)
    own_checks = _checks(in_force)
    current = f"{sorted(present.items())}{own_checks}"
    forms = (
        PasswordPolicyForm(posted(request), initial={**present, "seen": mark(current)}),
        PasswordChecksForm(request.POST or None, list_installed=breached.list_is_installed(), initial=own_checks),
    )
    context: dict[str, Any] = {
        "form": forms[0],
        "checks_form": forms[1],
    }
    if request.method == "POST" and forms[0].is_valid() and forms[1].is_valid():
        new = _proposed(account, forms[0].cleaned_data, forms[1].cleaned_data)
        if forms[0].cleaned_data["seen"] not in ("", mark(current)):
            context |= {
                "meanwhile": _shown(forms, present, own_checks),
                "typed": _shown(forms, forms[0].cleaned_data, forms[1].cleaned_data),
            }
            renew(forms[0], current)
        elif request.POST.get("action") == "save":
            try:
                _save(caller, account, forms[0].cleaned_data, forms[1].cleaned_data)
            except (AccessDenied, InvalidInput, ValidationError) as error:
                apply_error(forms[0], error)
            else:
                messages.success(request, _("The password rules are saved."))
                return redirect("accounts:password-policy")
        else:
            context |= {
                "impact": impact(account, in_force, new, now()),
                "review": _typed(request),
                "rules": new.describe(),
            }
    return _page(request, present, in_force, context)


def _page(
    request: PageRequest, present: dict[str, Any], in_force: passwords.Rules, shown: dict[str, Any]
) -> HttpResponse:
    """The page with both of its forms; `shown` has those that were sent, and what is to be said of them."""
    caller, account = _caller(request), _account(request)
    own_checks = _checks(in_force)
    context = {
        "form": PasswordPolicyForm(initial={**present, "seen": mark(f"{sorted(present.items())}{own_checks}")}),
        "checks_form": PasswordChecksForm(list_installed=breached.list_is_installed(), initial=own_checks),
        "custom": present["custom"] == "custom",
        "in_force": in_force.describe(),
        "sign_in_form": SignInSettingsForm(initial=_settings(account)),
        "may_change": caller.may("iam:UpdateAccountPasswordPolicy"),
        "may_change_sign_in": caller.may("iam:UpdateAccountSignInSettings"),
        "without_mfa": User.objects.filter(HAS_PASSWORD, account=account, mfa_device_count=0).count(),
        **shown,
    }
    is_late = "meanwhile" in shown or "settings_meanwhile" in shown
    return render(request, "accounts/security/password_policy.html", context, status=409 if is_late else 200)


@fresh_factor_required
def sign_in_settings(request: PageRequest) -> HttpResponse:
    """Demand MFA of everybody; idle time. A form that cannot be saved stands there again, with what was saved meanwhile; opened anew it
    is a part of the whole page.
    """
    if request.method != "POST":
        return redirect("accounts:password-policy")
    caller, account = _caller(request), _account(request)
    initial = _settings(account)
    form = SignInSettingsForm(request.POST, initial=initial)
    context: dict[str, Any] = {"sign_in_form": form}
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in SETTINGS}
        if form.cleaned_data["settings_seen"] not in ("", initial["settings_seen"]):
            stored = {name: initial[name] for name in SETTINGS}
            context |= {"settings_meanwhile": shown_values(form, stored), "settings_typed": shown_values(form, values)}
            renew(form, _settings_text(account), "settings_seen")
        elif save(form, lambda: update_account_sign_in_settings(caller, **values)):
            messages.success(request, _("The sign-in settings are saved."))
            return redirect("accounts:password-policy")
    return _page(request, _present(caller), passwords.rules_of(account), context)


def _checks(rules: passwords.Rules) -> dict[str, Any]:
    """The account's own checks as their form has them."""
    return {"refuse_breached": rules.refuse_breached, "minimum_strength": rules.minimum_strength}


def _settings(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in SETTINGS} | {"settings_seen": mark(_settings_text(account))}


def _settings_text(account: Account) -> str:
    return str([getattr(account, name) for name in SETTINGS])


def _shown(
    forms: tuple[PasswordPolicyForm, PasswordChecksForm], policy: dict[str, Any], checks: dict[str, Any]
) -> dict[str, str]:
    """A policy and checks as they are read; of AWS's default policy no more than that it is the one."""
    members = MEMBERS if policy["custom"] == "custom" else []
    return {
        **shown_values(forms[0], {"custom": policy["custom"]} | {name: policy.get(name) for name in members}),
        **shown_values(forms[1], checks),
    }


@sensitive_post_parameters(TYPED)
@require_POST
def try_password(request: PageRequest) -> HttpResponse:
    """Try a sample password on the rules in force; it is neither stored nor recorded."""
    account = _account(request)
    get_allowed = _present(_caller(request))
    sample = request.POST.get(TYPED, "")[: passwords.LONGEST]
    context = {
        "failures": passwords.failures(sample, passwords.rules_of(account)) if sample else [],
        "strength": passwords.strength(sample) if sample else 0,
        "tried": bool(sample),
        "custom": get_allowed["custom"] == "custom",
    }
    return render(request, "accounts/security/tried_password.html", context)


def _present(caller: Caller) -> dict[str, Any]:
    """The policy as the form shows it. Raises AccessDenied for who may not see it."""
    try:
        policy = get_account_password_policy(caller)["PasswordPolicy"]
    except NoSuchEntity:
        return {"custom": "default", "minimum_password_length": 8}
    by_column = {column: member for member, (column, _default) in FIELDS.items()}
    return {"custom": "custom"} | {_parameter(by_column[column]): policy.get(by_column[column]) for column in by_column}


def _parameter(member: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in member).lstrip("_")


def _given(data: dict[str, Any]) -> dict[str, Any]:
    """AWS's parameters from the form; what is empty is omitted, which means AWS's default."""
    return {name: data[name] for name in MEMBERS if data[name]}


def _proposed(account: Account, data: dict[str, Any], checks: dict[str, Any]) -> passwords.Rules:
    if data["custom"] == "default":
        return passwords.Rules(**checks)
    columns = {_parameter(member): column for member, (column, _default) in FIELDS.items()}
    policy = PasswordPolicy(account=account, **{columns[name]: value for name, value in _given(data).items()})
    return passwords.rules_from(policy, **checks)


def _save(caller: Caller, account: Account, data: dict[str, Any], checks: dict[str, Any]) -> None:
    """Only what differs is changed and recorded."""
    stored = PasswordChecks.objects.filter(account=account).first() or PasswordChecks(account=account)
    with one_change():
        if data["custom"] == "custom":
            update_account_password_policy(caller, **_given(data))
        elif PasswordPolicy.objects.filter(account=account).exists():
            delete_account_password_policy(caller)
        if (stored.refuse_breached, stored.minimum_strength) != (checks["refuse_breached"], checks["minimum_strength"]):
            update_account_password_checks(caller, **checks)


def _typed(request: PageRequest) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name in request.POST
        if name not in {"csrfmiddlewaretoken", "action"}
        for value in request.POST.getlist(name)
    ]


def _account(request: PageRequest) -> Account:
    return Account.objects.get(pk=_caller(request).account_id)


def _caller(request: PageRequest) -> Caller:
    caller: Caller = request.caller
    return caller
