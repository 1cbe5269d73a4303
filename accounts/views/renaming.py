"""Renaming and moving users and groups. Roles keep their name and path for ever, as in AWS."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy

from accounts.holders import KINDS
from accounts.page_request import PageRequest
from accounts.queries.users import policies_naming
from accounts.rule_words import after_renaming
from operations.gate import authorise_form
from pages.forms import NameField, PathField
from pages.undo import done
from policies.saving import mark, renew, save, shown_values


class RenameForm(forms.Form):
    """The path, and which entity it is about."""

    new_path = PathField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    was = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ["new_user_name", "new_group_name", "new_path"]


class RenameUserForm(RenameForm):
    """The user's name and path."""

    new_user_name = NameField(label=gettext_lazy("User name"), max_length=64)
    error_fields = {"EntityAlreadyExists": "new_user_name"}


class RenameGroupForm(RenameForm):
    """The group's name and path."""

    new_group_name = NameField(label=gettext_lazy("Group name"), max_length=128)
    error_fields = {"EntityAlreadyExists": "new_group_name"}


FORMS = {"user": RenameUserForm, "group": RenameGroupForm}
SAID = {
    "user": gettext_lazy("The user is now called %(name)s."),
    "group": gettext_lazy("The group is now called %(name)s."),
}


def rename(request: PageRequest, kind: str, name: str) -> HttpResponse:
    """Rename or move a user or group, after a look at the policies that name the old ARN and will stop matching.

    Whoever saves later sees where it was moved to meanwhile.
    """
    holder = KINDS[kind]
    row = holder.read_again(request.caller, name, request.POST.get("seen", ""))
    action = holder.action("Update")
    if request.method != "POST":
        authorise_form(request.caller, action, row.arn, holder.keys(row, action))
    new_name = f"new_{holder.parameter}"
    present = {new_name: row.name, "new_path": row.path}
    initial = {**present, "seen": row.unique_id, "was": mark(row.arn)}
    form = FORMS[kind](request.POST or None, initial=initial)
    context: dict[str, Any] = {"holder": holder, "row": row, "form": form}
    if form.is_valid():
        values = {key: form.cleaned_data[key] for key in (new_name, "new_path")}
        if form.cleaned_data["was"] not in ("", mark(row.arn)):
            context |= {"meanwhile": shown_values(form, present), "typed": shown_values(form, values)}
            renew(form, row.arn, "was")
        elif save(form, lambda: holder.call(request.caller, "Update", "", row.name, **values)):
            renamed = holder.find(row.account_id, values[new_name])
            back = holder.step("Update", "", renamed.name, **{new_name: row.name, "new_path": row.path})
            said = str(SAID[kind]) % {"name": renamed.name}
            done(request, said, [back], on=renamed.arn, replaces=True, back=holder.address(row.name))
            return redirect(holder.address(renamed.name))
    context["follows"] = after_renaming(request.caller) if kind == "user" else ""
    context["naming"] = policies_naming(row.account_id, row.arn)
    return render(request, "accounts/holders/rename.html", context, status=409 if "meanwhile" in context else 200)
