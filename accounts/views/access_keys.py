"""Access keys: create with the secret shown once, describe, rotate with the traffic of both keys in view, deactivate, delete."""

import csv
from datetime import UTC, datetime, time
from io import StringIO
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import shown_once
from accounts.credential_forms import AccessKeyForm, RootKeyForm, posted
from accounts.models import AccessKey
from accounts.operations.access_keys import (
    create_access_key,
    delete_access_key,
    list_access_keys,
    update_access_key,
    update_access_key_details,
)
from accounts.owners import Owner, owner_of
from accounts.page_request import PageRequest
from accounts.queries import credentials
from accounts.queries.key_use import Traffic, traffic
from accounts.reauthentication import fresh_factor_required
from accounts.resolve import keys_of
from accounts.views.mfa import as_download
from accounts.views.security_credentials import may
from operations import rehearsal
from operations.caller import Caller
from operations.clock import now
from operations.errors import ServiceError
from operations.gate import authorise_read, one_change
from operations.quotas import quota
from operations.rehearsal import Step
from pages.errors import part
from pages.forms import apply_error
from pages.undo import done


@never_cache
@fresh_factor_required
def create(request: PageRequest, user_name: str | None = None) -> HttpResponse:
    """Create a key, with what AWS's keys do not have; then its secret, once."""
    owner, caller = owner_of(request, user_name), _caller(request)
    if request.method != "POST":
        owner.open_form(caller, "iam:CreateAccessKey")
    form = (RootKeyForm if owner.user.is_root else AccessKeyForm)(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            with one_change():
                key = create_access_key(caller, user_name=owner.name)["AccessKey"]
                details = _details(form.cleaned_data)
                if details:
                    update_access_key_details(caller, user_name=owner.name, access_key_id=key["AccessKeyId"], **details)
        except ServiceError as error:
            apply_error(form, error)
        else:
            shown_once.keep(request, _once(key["AccessKeyId"]), key["SecretAccessKey"])
            return redirect(owner.url("access-key-secret", key["AccessKeyId"]))
    keys = part(lambda: list_access_keys(caller, user_name=owner.name) and credentials.keys(owner.user))
    context = {"owner": owner, "form": form, "keys": keys, "most": quota("AccessKeysPerUserQuota")}
    return render(request, "accounts/security/create_access_key.html", context)


@never_cache
def secret(request: PageRequest, key_id: str, user_name: str | None = None) -> HttpResponse:
    """The secret of a key just made: to its creator alone, until it is acknowledged."""
    owner = owner_of(request, user_name)
    if request.method == "POST":
        shown_once.forget(request, _once(key_id))
        return redirect(owner.home)
    found = shown_once.read(request, _once(key_id))
    name = "rootkey.csv" if owner.user.is_root else f"{owner.user.name}_accessKeys.csv"
    allowed = may(_caller(request), owner)
    context = {
        "owner": owner,
        "key_id": key_id,
        "key_url": owner.url("access-key", key_id) if allowed["list_keys"] else "",
        "secret": found,
        "file": as_csv(key_id, found) if found else "",
        "file_name": name,
        "may": allowed,
    }
    return render(request, "accounts/security/access_key_secret.html", context)


def detail(request: PageRequest, key_id: str, user_name: str | None = None) -> HttpResponse:
    """One key: its age, use and traffic, its details, and the steps of a rotation."""
    owner, caller = owner_of(request, user_name), _caller(request)
    list_access_keys(caller, user_name=owner.name)
    keys = credentials.keys(owner.user)
    key = next((row for row in keys if row.key_id == key_id), None)
    if key is None:
        raise Http404(f"The Access Key with id {key_id} cannot be found.")
    form = AccessKeyForm.of(key)
    if request.method == "POST":
        form = AccessKeyForm(request.POST)
        if form.is_valid():
            try:
                update_access_key_details(
                    caller, user_name=owner.name, access_key_id=key_id, **_details(form.cleaned_data)
                )
            except ServiceError as error:
                apply_error(form, error)
            else:
                messages.success(request, _("The key's details are saved."))
                return redirect(owner.url("access-key", key_id))
    moment = now()
    names = {"delete": "delete-access-key", "status": "access-key-status"}
    other = next((row for row in keys if row.created_at > key.created_at), None)
    context = {
        "owner": owner,
        "key": key,
        "other": other,
        "form": form,
        "may": may(caller, owner),
        "now": moment,
        "expired": bool(key.expires_at and key.expires_at <= moment),
        "traffic": part(lambda: _traffic(caller, owner, key)),
        "other_traffic": part(lambda: _traffic(caller, owner, other)) if other else None,
        "addresses": {name: owner.url(page, key_id) for name, page in names.items()},
        "stage": stage(key, other, moment),
        "steps": rotation_steps(stage(key, other, moment), other),
        "may_create": len(keys) < quota("AccessKeysPerUserQuota"),
    }
    return render(request, "accounts/security/access_key.html", context)


def stage(key: AccessKey, other: AccessKey | None, moment: datetime) -> str:
    """Where the rotation of a key stands: create, deploy, deactivate, wait or delete.

    It is read from the keys themselves; nothing is stored of it.
    """
    if other is None:
        return "create" if key.is_active else "delete"
    if not other.last_used_at:
        return "deploy"
    if key.is_active:
        silent = not key.last_used_at or (
            other.last_used_at > key.last_used_at and (moment - key.last_used_at).days >= 1
        )
        return "deactivate" if silent else "deploy"
    return "delete" if (moment - key.status_changed_at).days >= 1 else "wait"


def rotation_steps(reached: str, other: AccessKey | None) -> list[tuple[str, str]]:
    """The steps of a rotation in their order, each with its state: done, current or empty."""
    labels = (
        _("Create a second key"),
        _("Put the new key into your programs"),
        _("Wait until this key is no longer used"),
        _("Deactivate this key"),
        _("Delete this key"),
    )
    in_use = other is not None and other.last_used_at is not None
    current = {"create": 0, "deploy": 2 if in_use else 1, "deactivate": 3, "wait": 4, "delete": 4}[reached]
    first = 3 if other is None else 0  # a key that is given up needs no other in its place
    done = range(first, current)
    return [(label, "current" if at == current else "done" if at in done else "") for at, label in enumerate(labels)]


@fresh_factor_required
@require_POST
def set_status(request: PageRequest, key_id: str, user_name: str | None = None) -> HttpResponse:
    """Activate or deactivate."""
    owner = owner_of(request, user_name)
    status, opposite = ("Active", "Inactive") if request.POST.get("status") == "Active" else ("Inactive", "Active")
    before = next((key.is_active for key in credentials.keys(owner.user) if key.key_id == key_id), None)
    asked = {"access_key_id": key_id} | ({"user_name": owner.name} if owner.name else {})
    update_access_key(_caller(request), **asked, status=status)
    text = (
        _("The key %(id)s is active.")
        if status == "Active"
        else _("The key %(id)s is inactive. Programs that use it are refused from now on.")
    )
    steps = [Step("iam", "UpdateAccessKey", asked | {"status": opposite})] if before is (opposite == "Active") else []
    done(request, text % {"id": key_id}, steps, on=owner.user.arn, replaces=True)
    return redirect(owner.url("access-key", key_id))


@fresh_factor_required
def delete(request: PageRequest, key_id: str, user_name: str | None = None) -> HttpResponse:
    """Delete a key that is inactive, after its id was typed."""
    owner, caller = owner_of(request, user_name), _caller(request)
    list_access_keys(caller, user_name=owner.name)
    key = next((row for row in credentials.keys(owner.user) if row.key_id == key_id), None)
    if key is None:
        raise Http404(f"The Access Key with id {key_id} cannot be found.")
    error = ""
    if request.method == "POST" and not key.is_active:  # the page of an active key says what to do first
        if not rehearsal.is_on() and request.POST.get("confirmation", "").strip() != key_id:
            error = _("Type the key's ID to confirm.")
        else:
            delete_access_key(caller, user_name=owner.name, access_key_id=key_id)
            messages.success(request, _("The key %(id)s is deleted.") % {"id": key_id})
            return redirect(owner.home)
    context = {"owner": owner, "key": key, "key_url": owner.url("access-key", key_id), "error": error}
    return render(request, "accounts/security/delete_access_key.html", context)


def as_csv(key_id: str, secret_key: str) -> str:
    """The file that AWS's console offers, as a download address."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(["Access key ID", "Secret access key"])
    writer.writerow([key_id, secret_key])
    return as_download(out.getvalue(), "text/csv")


def _traffic(caller: Caller, owner: Owner, key: AccessKey) -> Traffic:
    """A key's traffic goes with the permission to see its last use."""
    action = "iam:ListAccessKeys"
    authorise_read(caller, action, owner.user.arn, keys_of(owner.user, action), type="AWS::IAM::User")
    return traffic(key, now())


def _details(given: dict[str, Any]) -> dict[str, Any]:
    expires = given["expires_on"]
    details = {
        "description": given["description"],
        "expires_at": datetime.combine(expires, time.min, UTC) if expires else None,
        "allowed_sources": given["allowed_sources"].split(),
    }
    return {name: value for name, value in details.items() if value}


def _once(key_id: str) -> str:
    return f"access-key:{key_id}"


def _caller(request: PageRequest) -> Caller:
    caller: Caller = request.caller
    return caller
