"""One role: permissions, sessions, description, deletion. Its trust policy has a module of its own."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.cascades import delete_role_completely
from accounts.forms.roles import SessionForm
from accounts.holders import KINDS, inline_policy
from accounts.losses import losses_of_role
from accounts.models import Role
from accounts.operations.inline_policies import put_role_policy
from accounts.operations.roles import update_role
from accounts.page_request import PageRequest
from accounts.trust_documents import revoking
from operations import rehearsal
from operations.clock import now
from operations.gate import authorise_form
from pages.durations import in_words
from pages.errors import part
from policies.saving import mark, renew, save

HOLDER = KINDS["role"]
REVOKING = "AWSRevokeOlderSessions"


def permissions(request: PageRequest, name: str) -> HttpResponse:
    """The role's policies and its boundary."""
    row = HOLDER.read(request.caller, name)

    context = {
        "holder": HOLDER,
        "row": row,
        "held": part(HOLDER.read_policies, request.caller, row),
        "tab": "permissions",
    }
    return render(request, "accounts/roles/permissions.html", context)


def sessions(request: PageRequest, name: str) -> HttpResponse:
    """Revoke all sessions that began before now, through the inline policy that AWS's console writes for it."""
    row: Role = HOLDER.read(request.caller, name)
    if request.method == "POST":
        moment = now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        put_role_policy(request.caller, role_name=row.name, policy_name=REVOKING, policy_document=revoking(moment))
        messages.success(
            request, _("All sessions of this role that are older than this moment have lost their permissions.")
        )
        return redirect(HOLDER.address(row.name, "sessions"))
    context = {
        "holder": HOLDER,
        "row": row,
        "revoked": inline_policy(row, REVOKING),
        "name": REVOKING,
        "tab": "sessions",
    }
    return render(request, "accounts/roles/sessions.html", context)


def edit(request: PageRequest, name: str) -> HttpResponse:
    """Change the description and the longest session."""
    row: Role = HOLDER.read(request.caller, name)
    if request.method != "POST":
        authorise_form(request.caller, "iam:UpdateRole", row.arn, HOLDER.keys(row, "iam:UpdateRole"))
    current = f"{row.description}\n{row.max_session_duration}"
    initial = {"description": row.description, "max_session_duration": row.max_session_duration, "seen": mark(current)}
    form = EditForm(request.POST or None, initial=initial)
    if row.is_service_linked:
        form.fields["max_session_duration"].disabled = True
    meanwhile: dict[str, str] = {}
    if form.is_valid():
        values = {key: form.cleaned_data[key] for key in ("description", "max_session_duration")}
        if row.is_service_linked:
            del values["max_session_duration"]
        if form.cleaned_data["seen"] != mark(current):
            meanwhile = _shown(form, row.description, row.max_session_duration)
            renew(form, current)
        elif save(form, lambda: update_role(request.caller, role_name=row.name, **values)):
            messages.success(request, _("Role %(name)s was saved.") % {"name": row.name})
            return redirect(HOLDER.address(row.name))
    context = {"holder": HOLDER, "row": row, "form": form, "meanwhile": meanwhile}
    if meanwhile:
        context["typed"] = _shown(form, form.cleaned_data["description"], form.cleaned_data["max_session_duration"])
    return render(request, "accounts/roles/edit.html", context, status=409 if meanwhile else 200)


class EditForm(SessionForm):
    """The same, with what the reader saw."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)


def _shown(form: EditForm, description: str, seconds: int) -> dict[str, str]:
    """The form's values as they are read, by the names of their fields."""
    values = {"description": description, "max_session_duration": in_words(seconds)}
    return {str(form.fields[name].label): value for name, value in values.items()}


def delete(request: PageRequest, name: str) -> HttpResponse:
    """Delete the role with its policies, after showing what goes with it; the name is typed to confirm."""
    row: Role = HOLDER.read(request.caller, name)
    wrong = False
    if request.method != "POST":
        action = "iam:DeleteServiceLinkedRole" if row.is_service_linked else "iam:DeleteRole"
        authorise_form(request.caller, action, row.arn, HOLDER.keys(row, action))
    else:
        wrong = not rehearsal.is_on() and request.POST.get("confirmation", "") != row.name
        if not wrong:
            delete_role_completely(request.caller, row)
            messages.success(request, _("Role %(name)s was deleted.") % {"name": row.name})
            return redirect("accounts:roles")
    context = {"holder": HOLDER, "row": row, "losses": losses_of_role(row), "wrong": wrong}
    return render(request, "accounts/holders/delete.html", context, status=400 if wrong else 200)
