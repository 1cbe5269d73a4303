"""Credentials of single services: create and reset, with the secret shown once."""

import csv
from collections.abc import Mapping
from io import StringIO
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from accounts import shown_once
from accounts.credential_forms import posted
from accounts.forms.service_credentials import ServiceCredentialForm
from accounts.operations.service_specific_credentials import (
    create_service_specific_credential,
    reset_service_specific_credential,
)
from accounts.other_credentials import SERVICE_CREDENTIALS, SERVICES
from accounts.owners import Owner, owner_of
from accounts.page_request import PageRequest
from accounts.reauthentication import fresh_factor_required
from accounts.views.mfa import as_download
from accounts.views.other_credentials import NEW, RESET, around, kind_of, opened, target_of
from operations.clock import now
from operations.gate import authorise_form
from policies.saving import admitted, save

KIND = SERVICE_CREDENTIALS


@never_cache
@fresh_factor_required
def create(request: PageRequest, user_name: str | None = None) -> HttpResponse:
    """Make one for a service that is chosen here; then its secret, once."""
    owner, caller = owner_of(request, user_name), request.caller
    kind_of(owner, KIND.key)
    form, made = ServiceCredentialForm(posted(request)), {}

    def ask() -> None:
        target = target_of(owner, NEW[KIND.key][0])
        authorise_form(caller, NEW[KIND.key][0], target.arn, target.context, unfinished=True)

    def change() -> None:
        made.update(create_service_specific_credential(caller, user_name=owner.user.name, **form.asked()))

    if admitted(form, ask) and form.is_valid() and save(form, change):
        return _shown(request, owner, made["ServiceSpecificCredential"])
    context = {**around(caller, owner), "form": form}
    return render(request, "accounts/security/create_service_credential.html", context)


@never_cache
@fresh_factor_required
def reset(request: PageRequest, service_specific_credential_id: str, user_name: str | None = None) -> HttpResponse:
    """Give one a new secret; the page before says what follows."""
    owner, caller = owner_of(request, user_name), request.caller
    kind_of(owner, KIND.key)
    if request.method == "POST":
        made = reset_service_specific_credential(
            caller, user_name=owner.user.name, service_specific_credential_id=service_specific_credential_id
        )
        return _shown(request, owner, made["ServiceSpecificCredential"])
    row = opened(caller, owner, KIND, RESET, service_specific_credential_id)
    context = {**around(caller, owner), "row": row, "now": now()}
    return render(request, "accounts/security/reset_service_credential.html", context)


def _shown(request: PageRequest, owner: Owner, made: Mapping[str, Any]) -> HttpResponse:
    """Keep a new secret for the page that shows it, and lead there."""
    name, secret = made.get("ServiceUserName"), made.get("ServicePassword")
    value = {
        "service": made["ServiceName"],
        "name": name or made["ServiceCredentialAlias"],
        "secret": secret or made["ServiceCredentialSecret"],
        "is_key": secret is None,
    }
    shown_once.keep(request, _once(made["ServiceSpecificCredentialId"]), value)
    return redirect(owner.url("service-credential-secret", made["ServiceSpecificCredentialId"]))


@never_cache
def secret(request: PageRequest, service_specific_credential_id: str, user_name: str | None = None) -> HttpResponse:
    """The secret just made: to whoever made it alone, until it is acknowledged."""
    owner, caller = owner_of(request, user_name), request.caller
    kind_of(owner, KIND.key)
    once = _once(service_specific_credential_id)
    if request.method == "POST":
        shown_once.forget(request, once)
        return redirect(around(caller, owner)["back_url"])
    found = shown_once.read(request, once)
    context = {**around(caller, owner), "credential_id": service_specific_credential_id, "found": found}
    if found:
        context |= {
            "service": SERVICES[found["service"]],
            "file": as_download(_csv(found), "text/csv"),
            "file_name": f"{owner.user.name}_{found['service'].partition('.')[0]}_credentials.csv",
        }
    return render(request, "accounts/security/service_credential_secret.html", context)


def _csv(found: Mapping[str, Any]) -> str:
    """The file that AWS's console offers."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(["API key name", "API key"] if found["is_key"] else ["User Name", "Password"])
    writer.writerow([found["name"], found["secret"]])
    return out.getvalue()


def _once(credential_id: str) -> str:
    return f"service-credential:{credential_id}"
