"""Trying a role's trust policy with a sample token of an OpenID Connect provider. The token comes by a form, and goes nowhere."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from access.forms import TryTokenForm
from access.web_identity.token import as_json
from access.web_identity.trying import SIMULATE, Trial, provider_of, providers, try_out
from accounts.holders import KINDS
from accounts.models import Role
from operations.gate import authorise_read
from pages.request import CallerRequest

HOLDER = KINDS["role"]


def try_trust(request: CallerRequest, name: str) -> HttpResponse:
    """The form; with a token the keys that its claims become, and the engine's decision. For whoever may read the role and simulate.

    The answer shows the claims in the token's place, so that they can be changed and no credential stands in a page.
    """
    row: Role = HOLDER.read(request.caller, name)
    if not request.caller.may(SIMULATE, "*"):
        authorise_read(request.caller, SIMULATE, "*")  # which refuses; trying itself is recorded when it is done
    named = providers(row)
    form = TryTokenForm(request.POST or None, providers=named)
    trial: Trial | None = None
    if form.is_valid():
        claims = form.cleaned_data["sample_token"]
        chosen = form.cleaned_data["provider"]
        session_name = form.cleaned_data["session_name"] or "session"
        provider = chosen or provider_of(row, claims)
        if provider:
            trial = try_out(request.caller, row, provider, claims, session_name)
            shown = {"sample_token": as_json(claims), "provider": chosen, "session_name": session_name}
            form = TryTokenForm(initial=shown, providers=named)
        else:
            form.add_error("provider", _("The claims name no issuer (iss), so choose the provider."))
    context = {"holder": HOLDER, "row": row, "tab": "trust", "form": form, "trial": trial, "providers": named}
    response = render(request, "access/try_trust.html", context, status=400 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response
