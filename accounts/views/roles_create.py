"""Create a role: whom it trusts, what it may do, its name, a review."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import trust
from accounts.forms.permissions import lines_of
from accounts.forms.roles import CreateRoleForm
from accounts.holders import KINDS
from accounts.page_request import PageRequest
from accounts.role_creation import EC2, create_role_with, empty_profile
from accounts.trust_documents import WELL_KNOWN
from accounts.trust_words import trust_sentences
from engine.canonical import laid_out
from engine.validate import check
from operations.errors import ServiceError
from operations.gate import authorise_form
from operations.ids import iam_arn
from pages import drafts
from pages.errors import Refusal, part
from pages.forms import apply_error
from pages.kept_drafts import keeps_draft
from pages.leading import first_open
from pages.picking import left_to_create, looked_up
from policies.completion import TRUSTED_SERVICES
from policies.editing import grouped
from policies.saving import admitted, save

HOLDER = KINDS["role"]


@keeps_draft
def create(request: PageRequest) -> HttpResponse:
    """The form; with `review` what would be made; with `create` the making. `?copy=` begins with what another role is."""
    account_id = request.caller.account_id
    taken = request.POST or drafts.taken(request)
    copied = None if taken else _copied(request)
    form = CreateRoleForm(taken, caller=request.caller, initial=copied.initial if copied else None)
    all_roles = iam_arn(account_id, "role/*")
    may_create = admitted(form, lambda: authorise_form(request.caller, "iam:CreateRole", all_roles, unfinished=True))
    if (elsewhere := left_to_create(request, form)) is not None:
        return elsewhere
    review = None
    if not looked_up(form) and form.is_valid() and may_create:
        parameters = _parameters(form)
        service = form.cleaned_data["service"] if form.cleaned_data["trusted"] == "service" else ""
        if "create" not in request.POST:
            review = _review(request, form, parameters, service)
        elif save(
            form,
            lambda: create_role_with(request.caller, parameters, form.cleaned_data["policies"], service=service),
        ):
            messages.success(request, _("Role %(name)s was created.") % {"name": parameters["role_name"]})
            name = parameters["role_name"]
            ways = (
                (
                    reverse("accounts:role", args=[name]),
                    "iam:GetRole",
                    iam_arn(account_id, f"role{parameters['path']}{name}"),
                ),
                (reverse("accounts:roles"), "iam:ListRoles", iam_arn(account_id, "role/")),
            )
            return redirect(first_open(request.caller, ways, reverse("accounts:role-create")))
    context = {
        "form": form,
        "review": review,
        "copied": copied,
        "services": [f"{name}.amazonaws.com" for name in TRUSTED_SERVICES],
        "providers": list(WELL_KNOWN),
    }
    return render(request, "accounts/roles/create.html", context)


@dataclass(frozen=True)
class Copied:
    """What a new role begins with, the role that it is taken from, and what of it stays behind."""

    initial: dict[str, Any]
    name: str
    inline: Sequence[str]
    refusal: Refusal | None


def _copied(request: PageRequest) -> Copied | None:
    """The role of `?copy=`, which the caller must be allowed to read. Raises AccessDenied, Http404."""
    if not (name := request.GET.get("copy", "")):
        return None
    row = HOLDER.read(request.caller, name)
    held = part(HOLDER.read_policies, request.caller, row)
    policies = held.value or []
    initial = {
        "trusted": "custom",
        "policy_document": trust.readable(row.trust_policy),
        "policies": [one.arn for one in policies if one.arn],
        "permissions_boundary": row.boundary.arn if row.boundary else "",
        "role_name": f"{row.name}-copy"[:64],
        "description": row.description,
        "max_session_duration": row.max_session_duration,
        "path": row.path,
        "tags": lines_of(row.tags.order_by("key")),
    }
    return Copied(initial, row.name, [one.name for one in policies if not one.arn], held.refusal)


def _parameters(form: CreateRoleForm) -> dict[str, Any]:
    names = ("role_name", "path", "description", "max_session_duration", "permissions_boundary", "tags")
    given = {name: form.cleaned_data[name] for name in names if form.cleaned_data[name]}
    return {"assume_role_policy_document": form.trust_policy, **given}


def _review(
    request: PageRequest, form: CreateRoleForm, parameters: dict[str, Any], service: str
) -> dict[str, Any] | None:
    """What would be made; None, with the error on the form, for a trust policy that AWS would not save."""
    document = parameters["assume_role_policy_document"]
    try:
        trust.checked(document)
    except ServiceError as error:
        apply_error(form, error)
        return None
    found = check(laid_out(document), "trust")  # the lines that the review shows
    return {
        "parameters": parameters,
        "document": document,
        "sentences": trust_sentences(document, request.caller.account_id),
        "groups": grouped(found),
        "number": len(found),
        "policies": form.cleaned_data["policies"],
        "profile": service == EC2,
        "empty_profile": empty_profile(request.caller, parameters["role_name"]) if service == EC2 else None,
    }
