"""The proposals for a policy: who wants to change it, how, and what became of it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from operations.reasons import LONGEST
from pages.request import CallerRequest
from policies.access_changes import access_changes
from policies.models import PolicyProposal
from policies.operations.policy_proposals import (
    PROPOSE,
    READING,
    REVIEWING,
    decline_policy_proposal,
    withdraw_policy_proposal,
)
from policies.proposals import STATES, is_own
from policies.queries import versions_of
from policies.reading import open_form, proposal_of, read_own, read_part, tag_keys
from policies.saving import save

SHOWN = 50  # a page


class DeclineForm(forms.Form):
    """Why a proposal is declined."""

    message = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Whoever proposed it reads this."),
    )
    error_fields = {"InvalidInput": "message"}


def proposals(request: CallerRequest, arn: str) -> HttpResponse:
    """Those that wait for review, and those that were answered, each the newest first."""
    row = read_own(request.caller, arn)
    keys = tag_keys(row)
    answered = Paginator(row.proposals.exclude(state=PolicyProposal.OPEN).defer("document").order_by("-id"), SHOWN)
    read = read_part(request.caller, row, READING, lambda: answered.get_page(request.GET.get("page")))
    context = {
        "row": row,
        "tab": "proposals",
        "read": read,
        "states": STATES,
        "may_propose": request.caller.may(PROPOSE, arn, keys) or request.caller.may(REVIEWING, arn, keys),
    }
    if not read.refusal:
        waiting = row.proposals.filter(state=PolicyProposal.OPEN).defer("document").order_by("-id")
        context |= {"page": read.value, "waiting": list(waiting)}
    return render(request, "policies/proposals.html", context)


def proposal(request: CallerRequest, arn: str, proposal_id: str) -> HttpResponse:
    """One proposal: what it would change against what is in force now, and how it stands."""
    row = read_own(request.caller, arn, proposal_id=proposal_id)
    found = proposal_of(row)
    keys, own = tag_keys(row), is_own(request.caller, found)
    read = read_part(request.caller, row, READING, lambda: found)
    may_review = request.caller.may(REVIEWING, arn, keys)
    context: dict[str, Any] = {
        "row": row,
        "tab": "proposals",
        "read": read,
        "found": found,
        "state": STATES[found.state],
        "is_own": own,
        "may_review": found.is_open and may_review,
        "may_withdraw": found.is_open and own and request.caller.may(PROPOSE, arn, keys),
    }
    if not read.refusal:
        rows = versions_of(row)
        against = row.default_version if found.is_open else found.base
        before = next((version for version in rows if version.number == against), None)
        context |= {"before": before, "access": access_changes(before.document, found.document) if before else None}
    return render(request, "policies/proposal.html", context)


def decline(request: CallerRequest, arn: str, proposal_id: str) -> HttpResponse:
    """Decline a proposal, with a message to whoever proposed it."""
    row = read_own(request.caller, arn, READING, proposal_id)
    found = proposal_of(row)
    if request.method != "POST":
        open_form(request.caller, row, REVIEWING)
        if not found.is_open:
            messages.info(request, _("The proposal does not wait for review any more."))
            return redirect("policies:proposal", arn=arn, proposal_id=proposal_id)
    form = DeclineForm(request.POST or None)
    if form.is_valid():
        params = {"policy_arn": arn, "proposal_id": proposal_id, "message": form.cleaned_data["message"]}
        if save(form, lambda: decline_policy_proposal(request.caller, **params)):
            messages.success(request, _("The proposal was declined."))
            return redirect("policies:proposals", arn)
    return render(request, "policies/decline_proposal.html", {"row": row, "found": found, "form": form})


@require_POST
def withdraw(request: CallerRequest, arn: str, proposal_id: str) -> HttpResponse:
    """Take back a proposal of one's own."""
    read_own(request.caller, arn)
    withdraw_policy_proposal(request.caller, policy_arn=arn, proposal_id=proposal_id)
    messages.success(request, _("The proposal was withdrawn. It can still be read here, and proposed again."))
    return redirect("policies:proposal", arn=arn, proposal_id=proposal_id)
