"""Create a policy: the document, its name, a review."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from operations.gate import authorise_form
from operations.ids import iam_arn
from pages import drafts
from pages.kept_drafts import keeps_draft
from pages.leading import first_open
from pages.picking import looked_up
from pages.request import CallerRequest
from policies.editing import review
from policies.editor import Consequences
from policies.forms import NEW_DOCUMENT, CreatePolicyForm
from policies.operations.managed_policies import create_policy
from policies.reading import read_policy
from policies.saving import admitted, save


@keeps_draft
def create(request: CallerRequest) -> HttpResponse:
    """The form; with `review` what would be made, with `edit` the editor again, with `create` the making.

    `?copy=` begins with another policy's document.
    With `?into=` it is the side panel of a picker, with `?back=` the page on the way of a form that waits (pages.drafts).
    """
    into = request.GET.get("into", "")
    form = CreatePolicyForm(
        request.POST or drafts.taken(request), initial=_initial(request), auto_id="new-policy-%s" if into else "id_%s"
    )
    if not into:
        form.fields["policy_document"].widget.consequences = Consequences(reverse("policies:consequences-of-new"))
    everything = iam_arn(request.caller.account_id, "policy/*")
    ask = partial(authorise_form, request.caller, "iam:CreatePolicy", everything, unfinished=True)
    reviewed = None
    if admitted(form, ask) and not looked_up(form) and "edit" not in request.POST and form.is_valid():
        parameters = {key: value for key, value in form.cleaned_data.items() if value}
        if "create" not in request.POST and not into:
            reviewed = review(form, "iam:CreatePolicy", parameters)
        elif save(form, lambda: create_policy(request.caller, **parameters)):
            arn = iam_arn(request.caller.account_id, "policy{path}{policy_name}".format(**parameters))
            said = _("Policy %(name)s was created.") % {"name": parameters["policy_name"]}
            if into:
                return drafts.created(into, arn, said)
            messages.success(request, said)
            ways = (
                (reverse("policies:policy", args=[arn]), "iam:GetPolicy", arn),
                (reverse("policies:policies"), "iam:ListPolicies", iam_arn(request.caller.account_id, "policy/")),
            )
            back = drafts.returned(request, arn)
            return back or redirect(first_open(request.caller, ways, reverse("policies:create")))
    context = {"form": form, "review": reviewed, "waiting": drafts.waiting(request)}
    return render(request, "policies/create_panel.html" if into else "policies/create.html", context)


def _initial(request: CallerRequest) -> dict[str, Any]:
    """A new document, or with `?copy=` that of an existing policy, which the caller must be allowed to read."""
    if not (arn := request.GET.get("copy", "")):
        return {"policy_document": NEW_DOCUMENT}
    row = read_policy(request.caller, arn, "iam:GetPolicyVersion")
    return {"policy_document": row.document, "policy_name": f"{row.name}-copy"[:128], "description": row.description}  # type: ignore[attr-defined]
