"""The trust policy of a role: said in sentences, edited, reviewed, saved."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import resolve, trust
from accounts.forms.roles import TrustForm
from accounts.holders import KINDS
from accounts.models import Role
from accounts.operations.roles import update_assume_role_policy
from accounts.page_request import PageRequest
from accounts.queries.roles import profiles_of
from accounts.trust_review import TrustReview, trust_review
from accounts.trust_words import trust_sentences
from operations.caller import Caller
from operations.gate import authorise_form
from operations.rehearsal import Step
from pages.errors import part
from pages.undo import done
from policies.editing import review
from policies.saving import mark, renew, save

HOLDER = KINDS["role"]
ACTION = "iam:UpdateAssumeRolePolicy"


def trust_relationships(request: PageRequest, name: str) -> HttpResponse:
    """Who may assume the role, in sentences and as the document. A change is reviewed (`review`) before it is saved (`save`); whoever saves
    later sees what was saved meanwhile."""
    row: Role = HOLDER.read(request.caller, name)
    current = trust.readable(row.trust_policy)
    form = TrustForm(request.POST or None, initial={"policy_document": current, "seen": mark(current)})
    meanwhile, reviewed = "", None
    if "edit" not in request.POST and form.is_valid():
        document = form.cleaned_data["policy_document"]
        if form.cleaned_data["seen"] != mark(current):
            meanwhile = current
            renew(form, current)
        elif "save" not in request.POST:
            reviewed = _reviewed(request.caller, row, form, current)
        elif save(
            form,
            lambda: update_assume_role_policy(request.caller, role_name=row.name, policy_document=document),
        ):
            before = Step("iam", "UpdateAssumeRolePolicy", {"role_name": row.name, "policy_document": current})
            done(request, _("Trust policy saved."), [before], on=row.arn, replaces=True)
            return redirect(HOLDER.address(row.name, "trust"))

    def profiles() -> Any:
        HOLDER.authorise(request.caller, "iam:ListInstanceProfilesForRole", row)
        return list(profiles_of(row))

    context = {
        "holder": HOLDER,
        "row": row,
        "form": form,
        "document": current,
        "sentences": trust_sentences(current, row.account_id),
        "meanwhile": meanwhile,
        "review": reviewed.review if reviewed else None,
        "change": reviewed,
        "profiles": part(profiles) if reviewed is None else None,
        "editable": not row.is_service_linked and request.caller.may(ACTION, row.arn),
        "tab": "trust",
    }
    return render(request, "accounts/roles/trust.html", context, status=409 if meanwhile else 200)


def _reviewed(caller: Caller, row: Role, form: TrustForm, current: str) -> TrustReview | None:
    """The review; None, with the error or refusal on the form, for what could not be saved."""
    document = form.cleaned_data["policy_document"]
    stored = ""

    def ask() -> None:
        nonlocal stored
        authorise_form(caller, ACTION, row.arn, HOLDER.keys(row, ACTION))
        resolve.refuse_protected(row)
        stored = trust.checked(document, row.trust_policy)

    if not save(form, ask):
        return None
    parameters = {HOLDER.parameter: row.name, "policy_document": document}
    limit = "AssumeRolePolicySizeQuota"
    found = review(form, ACTION, parameters, before=current, limit=limit, kind="trust")
    if found is None:
        return None
    return trust_review(caller, row, found, stored, trust.readable(stored))
