"""MFA devices: enrol (authenticator app or passkey), resynchronise, remove; recovery codes; an administrator's reset."""

import base64
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from webauthn.helpers import bytes_to_base64url

from accounts import mfa, passkeys, shown_once
from accounts.admission import ENROL_MFA, duty_of, serves_duty
from accounts.console_session import factor_given, lose_mfa
from accounts.credential_forms import DeviceForm, PasskeyForm, ReasonForm, RecoveryCodeForm, ResyncForm, posted
from accounts.looks import Looks
from accounts.models import MfaDevice
from accounts.operations.mfa_devices import (
    create_virtual_mfa_device_from_seed,
    deactivate_mfa_device,
    discard_mfa_device,
    enable_mfa_device,
    register_passkey,
    resync_mfa_device,
)
from accounts.operations.recovery_codes import confirm_recovery_codes, create_recovery_codes, reset_user_mfa
from accounts.owners import Owner, owner_of
from accounts.page_request import PageRequest
from accounts.queries.credentials import recovery_facts
from accounts.reauthentication import fresh_factor_required
from accounts.refusals import code_errors
from accounts.views.security_credentials import may, password_of, recovery_of, sessions_part
from operations.caller import Caller
from operations.clock import now
from operations.errors import InvalidAuthenticationCode, ServiceError
from operations.gate import one_change
from operations.ids import iam_arn
from operations.secrets import decrypt, encrypt
from pages.errors import Part
from pages.forms import apply_error
from policies.saving import save

ENROLMENT, ENROLMENT_LASTS = "mfa_enrolment", timedelta(minutes=30)
CODES = "recovery_codes"
LIST = "iam:ListMFADevices"
BOTH = frozenset({"GET", "POST"})
ISSUER = "IAM console"


@serves_duty(ENROL_MFA)
@never_cache
@sensitive_post_parameters("code1", "code2")
@fresh_factor_required(methods=BOTH)
def add_device(request: PageRequest) -> HttpResponse:
    """Enrol an authenticator app: QR code and secret, then two codes. Nothing is stored before they are right."""
    owner, caller = owner_of(request), _caller(request)
    demanded, permitted = _enrols(request, owner)
    form = DeviceForm(posted(request), initial={"name": free_name(owner)})
    seed = _seed(request)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            with one_change():
                made = create_virtual_mfa_device_from_seed(
                    caller, virtual_mfa_device_name=given["name"], base32_string_seed=seed
                )
                serial = made["VirtualMFADevice"]["SerialNumber"]
                codes = {
                    "authentication_code1": _digits(given["code1"]),
                    "authentication_code2": _digits(given["code2"]),
                }
                enable_mfa_device(caller, user_name=owner.mfa_name, serial_number=serial, **codes)
        except InvalidAuthenticationCode as error:
            for field, text in code_errors(error):
                form.add_error(field, text)
        except ServiceError as error:
            apply_error(form, error)
        else:
            del request.session[ENROLMENT]
            return _enrolled(request, owner, serial, given["name"])
    account = owner.user.account.alias or owner.user.account_id
    name = "root" if owner.user.is_root else owner.user.name
    address = mfa.address(name, account, seed, issuer=ISSUER)
    context = {
        "form": form,
        "owner": owner,
        "picture": mfa.qr_svg(address),
        "address": address,
        "secret": mfa.in_fours(seed),
        "demanded": demanded,
        "permitted": permitted,
        "asked": _asked(owner, form["name"].value() or free_name(owner)),
        "passkeys": passkeys.are_possible(request),
    }
    return render(request, "accounts/security/add_device.html", context)


@serves_duty(ENROL_MFA)
@never_cache
@fresh_factor_required(methods=BOTH)
def add_passkey(request: PageRequest) -> HttpResponse:
    """Enrol a passkey. This page needs JavaScript, as passkeys themselves do."""
    owner, caller = owner_of(request), _caller(request)
    demanded, permitted = _enrols(request, owner)
    form = PasskeyForm(posted(request), initial={"name": "passkey"})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            verified, transports = passkeys.verify_creation(request, given["passkey"])
            serial = register_passkey(
                caller,
                user_name=owner.mfa_name,
                passkey_name=given["name"],
                credential_id=bytes_to_base64url(verified.credential_id),
                public_key=verified.credential_public_key,
                sign_count=verified.sign_count,
                transports=transports,
                aaguid=verified.aaguid,
            )["SerialNumber"]
        except ServiceError as error:
            apply_error(form, error)
        else:
            return _enrolled(request, owner, serial, given["name"])
    possible = passkeys.are_possible(request)
    options = passkeys.creation_options(request, owner.user) if possible else ""
    context = {
        "form": form,
        "owner": owner,
        "possible": possible,
        "options": options,
        "demanded": demanded,
        "permitted": permitted,
    }
    return render(request, "accounts/security/add_passkey.html", context)


def _enrolled(request: PageRequest, owner: Owner, serial: str, name: str) -> HttpResponse:
    """The device was proved just now, so this session has MFA from here on; then recovery codes, or on with what must be done."""
    factor_given(request, serial)
    messages.success(
        request, _("The MFA device %(name)s is enabled. Signing in asks for it from now on.") % {"name": name}
    )
    if request.session.get("must_change_password"):
        return redirect("accounts:change-password")
    return redirect("accounts:recovery-codes" if recovery_facts(owner.user).left is None else owner.home)


@never_cache
@sensitive_post_parameters("code1", "code2")
@fresh_factor_required(methods=BOTH)
def resync_device(request: PageRequest, pk: int) -> HttpResponse:
    """Take over the clock of an authenticator app that is off by up to five minutes."""
    owner, caller = owner_of(request), _caller(request)
    device = device_of(owner, pk)
    if request.method != "POST":
        owner.open_form(caller, "iam:ResyncMFADevice")
    form = ResyncForm(posted(request))
    if request.method == "POST" and form.is_valid():
        codes = {
            "authentication_code1": _digits(form.cleaned_data["code1"]),
            "authentication_code2": _digits(form.cleaned_data["code2"]),
        }
        try:
            resync_mfa_device(caller, user_name=owner.mfa_name, serial_number=device.serial_number, **codes)
        except InvalidAuthenticationCode as error:
            for field, text in code_errors(error):
                form.add_error(field, text)
        except ServiceError as error:
            apply_error(form, error)
        else:
            messages.success(request, _("The device is synchronised."))
            return redirect(owner.home)
    asked = _with_codes(owner, device.serial_number)
    context = {"form": form, "owner": owner, "device": device, "asked": asked}
    return render(request, "accounts/security/resync_device.html", context)


@fresh_factor_required
def remove_device(request: PageRequest, pk: int, user_name: str | None = None) -> HttpResponse:
    """Remove a device: a page that says what follows, then the removal. Nothing is left behind unassigned."""
    owner, caller = owner_of(request, user_name), _caller(request)
    looks = Looks(caller, owner)
    devices = mfa.devices_of(owner.user) if owner.is_self else looks.read(LIST, lambda: mfa.devices_of(owner.user))
    device = _among(devices, pk)
    if request.method == "POST":
        whose = {"user_name": owner.name, "serial_number": device.serial_number}
        with one_change():
            deactivate_mfa_device(caller, **whose)
            if not device.is_passkey:
                discard_mfa_device(caller, **whose)
        if owner.is_self and not has_devices(owner):
            lose_mfa(request)
        messages.success(request, _("The MFA device %(name)s is removed.") % {"name": device.name})
        return redirect(owner.home)
    owner.open_form(caller, "iam:DeactivateMFADevice")
    context = {"owner": owner, "device": device, "others": len(devices) - 1, **_at_stake(request, owner, looks)}
    return render(request, "accounts/security/remove_device.html", context)


@fresh_factor_required
def reset(request: PageRequest, user_name: str) -> HttpResponse:
    """An administrator removes all devices and recovery codes of somebody who has lost them."""
    owner, caller = owner_of(request, user_name), _caller(request)
    if owner.is_self:
        raise Http404
    looks = Looks(caller, owner)
    devices = looks.read(LIST, lambda: mfa.devices_of(owner.user))
    if request.method != "POST":
        owner.open_form(caller, "iam:ResetUserMFA")
    form = ReasonForm(posted(request), sent=bool(owner.user.email))
    if form.is_valid() and save(
        form, lambda: reset_user_mfa(caller, user_name=owner.user.name, reason=form.cleaned_data["reason"])
    ):
        messages.success(request, _("The MFA of %(name)s is reset.") % {"name": owner.user.name})
        return redirect(owner.home)
    context = {"owner": owner, "form": form, "devices": devices, **_at_stake(request, owner, looks)}
    return render(request, "accounts/security/reset_mfa.html", context)


@never_cache
@sensitive_post_parameters("recovery_code")
@fresh_factor_required
def recovery_codes(request: PageRequest) -> HttpResponse:
    """Make recovery codes, show them once, and put them in force when one was typed back."""
    owner, caller = owner_of(request), _caller(request)
    if request.method != "POST":
        owner.open_form(caller, "iam:EnableMFADevice")
    form = RecoveryCodeForm(request.POST if "recovery_code" in request.POST else None)
    if request.method == "POST" and "recovery_code" not in request.POST:
        shown_once.keep(request, CODES, create_recovery_codes(caller)["RecoveryCodes"])
        return redirect("accounts:recovery-codes")
    if request.method == "POST" and form.is_valid():
        try:
            confirm_recovery_codes(caller, recovery_code=form.cleaned_data["recovery_code"])
        except ServiceError as error:
            form.add_error("recovery_code", error.message)
        else:
            shown_once.forget(request, CODES)
            messages.success(
                request, _("Your recovery codes are in force. Keep them where you find them without this device.")
            )
            return redirect(owner.home)
    codes = shown_once.read(request, CODES)
    text = "\n".join(codes) if codes else ""
    context = {
        "owner": owner,
        "form": form,
        "codes": codes,
        "facts": recovery_facts(owner.user),
        "download": as_download(text),
        "has_device": has_devices(owner),
    }
    return render(request, "accounts/security/recovery_codes.html", context)


def _asked(owner: Owner, name: str) -> dict[str, dict[str, str]]:
    """What the AWS CLI's commands for the same enrolment take."""
    device = {"virtual_mfa_device_name": name, "outfile": "QRCode.png", "bootstrap_method": "QRCodePNG"}
    return {"device": device, "enable": _with_codes(owner, iam_arn(owner.user.account_id, f"mfa/{name}"))}


def _with_codes(owner: Owner, serial: str) -> dict[str, str]:
    """A device and two of its codes, which commands leave to fill in."""
    codes = {"authentication_code1": "code", "authentication_code2": "code"}
    return {"user_name": owner.mfa_name, "serial_number": serial, **codes}


# --- parts -----------------------------------------------------------------------------------------------------------------


def _seed(request: PageRequest) -> str:
    """The seed of the enrolment under way; kept encrypted in the session, and in no table of devices."""
    kept = request.session.get(ENROLMENT)
    if kept and now() - datetime.fromisoformat(kept["at"]) < ENROLMENT_LASTS:
        return decrypt(kept["seed"])
    seed = mfa.new_seed()
    request.session[ENROLMENT] = {"seed": encrypt(seed), "at": now().isoformat()}
    return seed


def free_name(owner: Owner) -> str:
    """A device name that is not taken yet: the user's name, then with a number."""
    base = "root-account-mfa-device" if owner.user.is_root else owner.user.name
    taken = set(
        MfaDevice.objects.filter(account_id=owner.user.account_id, path="/", name__startswith=base).values_list(
            "name", flat=True
        )
    )
    return next(
        name for name in (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))) if name not in taken
    )


def _at_stake(request: PageRequest, owner: Owner, looks: Looks) -> dict[str, Any]:
    """What goes with a user's devices, as far as the reader may see it: a page that asks promises nothing that does not happen."""
    sessions = sessions_part(request, looks, owner)
    return {
        "password": password_of(looks, owner),
        "recovery": recovery_of(looks, owner),
        "sessions": sessions if sessions.value is None else Part([row for row in sessions.value if not row.is_this]),
        "may": may(_caller(request), owner),
    }


def has_devices(owner: Owner) -> bool:
    return MfaDevice.objects.filter(user=owner.user).exists()


def device_of(owner: Owner, pk: int) -> MfaDevice:
    """One of the owner's devices. Raises Http404."""
    return _among(MfaDevice.objects.filter(pk=pk, user=owner.user), pk)


def _among(devices: Iterable[MfaDevice], pk: int) -> MfaDevice:
    device = next((device for device in devices if device.pk == pk), None)
    if device is None:
        raise Http404("This MFA device cannot be found.")
    return device


def as_download(text: str, kind: str = "text/plain") -> str:
    """A text as an address that a link can offer for download, without asking the server again."""
    return f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}" if text else ""


def _enrols(request: PageRequest, owner: Owner) -> tuple[bool, bool]:
    """Whether a device must be added before anything else, and whether it may be. Raises AccessDenied for who opens the page without need
    and right; whoever is led here is told whom to ask.
    """
    demanded = duty_of(request, _caller(request)) == ENROL_MFA
    action = "iam:EnableMFADevice"
    permitted = may(_caller(request), owner)["enable_mfa"]
    if request.method != "POST" and not demanded:
        owner.open_form(_caller(request), action)
    return demanded, permitted


def _digits(text: str) -> str:
    return "".join(text.split())


def _caller(request: PageRequest) -> Caller:
    caller: Caller = request.caller
    return caller
