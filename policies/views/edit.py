"""Writing a new version of a policy: from one there is, or from what somebody has proposed."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from operations.gate import one_change
from operations.quotas import quota
from operations.rehearsal import Step
from pages import drafts
from pages.kept_drafts import keeps_draft
from pages.picking import looked_up
from pages.request import CallerRequest
from pages.undo import done
from policies.affected import Affected, affected_by
from policies.deleted_versions import deleted_versions, number_of_deleted
from policies.editing import Review, review
from policies.editor import Consequences
from policies.forms import VersionForm
from policies.models import PolicyProposal
from policies.operations.policy_proposals import (
    PROPOSE,
    REVIEWING,
    accept_policy_proposal,
    propose_policy_version,
    withdraw_policy_proposal,
)
from policies.operations.policy_trials import start_policy_trial, stop_policy_trial
from policies.operations.policy_versions import create_policy_version, delete_policy_version
from policies.plans import ending, planned
from policies.proposals import STATES, is_own
from policies.queries import VersionRow, versions_of
from policies.reading import chosen, open_form, proposal_of, read_own, tag_keys
from policies.replays import DocumentChange, replayed
from policies.saving import mark, renew, save
from policies.taking_out import begun_without
from policies.tested import tested_by
from policies.trials import trial_of

if TYPE_CHECKING:
    from policies.queries import PolicyRow


@keeps_draft
def edit(request: CallerRequest, arn: str) -> HttpResponse:
    """Write a new version, beginning with the default one or another (`?from=v2`), perhaps without one of its statements
    (`?without=3`). Whoever saves later sees what was saved meanwhile.

    With `review` it is shown what the version would change, with `edit` the editor again, and with `propose` somebody else is asked to
    review it; for who may propose and not save, that is the one thing to do.
    """
    row = read_own(request.caller, arn, "iam:GetPolicyVersion")
    keys = tag_keys(row)
    may_save, may_propose = (request.caller.may(action, arn, keys) for action in (REVIEWING, PROPOSE))
    if request.method != "POST":
        open_form(request.caller, row, PROPOSE if may_propose and not may_save else REVIEWING)
    context = {"row": row, "may_save": may_save or not may_propose, "may_propose": may_propose}
    return _edited(request, context, None)


@keeps_draft
def review_proposal(request: CallerRequest, arn: str, proposal_id: str) -> HttpResponse:
    """Review what somebody has proposed: what it would change, and the form that saves it as a new version, as it is or edited."""
    row = read_own(request.caller, arn, "iam:GetPolicyVersion", proposal_id)
    proposal = proposal_of(row)
    if not proposal.is_open and request.method != "POST":
        messages.info(request, _("The proposal does not wait for review any more."))
        return redirect("policies:proposal", arn=arn, proposal_id=proposal_id)
    if request.method != "POST":
        open_form(request.caller, row, REVIEWING)
    own = is_own(request.caller, proposal)
    return _edited(request, {"row": row, "may_save": True, "proposal": proposal, "is_own": own}, proposal)


def _edited(request: CallerRequest, context: dict[str, Any], proposal: PolicyProposal | None) -> HttpResponse:
    row: PolicyRow = context["row"]
    rows = versions_of(row)
    default = next(version for version in rows if version.is_default)
    base = _base(request, row, rows) or default
    current = f"{row.latest_version} {row.default_version}"
    sent: Mapping[str, Any] | None = request.POST or drafts.taken(request)
    if first := proposal is not None and not sent:
        sent = {"policy_document": proposal.document, "set_as_default": "on", "seen": mark(current)}
    form = VersionForm(sent, initial={"policy_document": _begun(request, base), "seen": mark(current)})
    _prepare(form, request, row, rows)
    form.fields["policy_document"].widget.consequences = Consequences(reverse("policies:consequences", args=[row.arn]))
    if context["may_save"] and (oldest := _in_the_way(row, rows)):
        form.offer_deletion(oldest, at_once=not (first or "propose" in request.POST))
    meanwhile, reviewed = "", None
    if proposal is not None and not proposal.is_open:  # what was edited stays, and goes on as any other change
        renew(form, current)
        context |= {"closed": proposal, "state": STATES[proposal.state]}
    elif not looked_up(form) and "edit" not in request.POST and form.is_valid():
        if form.cleaned_data["seen"] != mark(current):
            meanwhile = default.document
            renew(form, current)
        elif first or "review" in request.POST:
            reviewed = _review(form, context, default)
        elif (done_with := _finished(request, form, row, proposal, default)) is not None:
            return done_with
    context |= {"form": form, "base": base, "default": default, "meanwhile": meanwhile, "review": reviewed}
    if reviewed is not None:
        context |= tested_by(request.caller, row, reviewed.document) | _met(request, row)
        context["replay"] = replayed(request.caller, DocumentChange(row, default.document, reviewed.document))
    return render(request, "policies/edit.html", context, status=409 if meanwhile or "closed" in context else 200)


def _met(request: CallerRequest, row: "PolicyRow") -> dict[str, Affected]:
    """Whose access changes, for who may save the version or list them. One query."""
    keys = tag_keys(row)
    if not any(request.caller.may(action, row.arn, keys) for action in (REVIEWING, "iam:ListEntitiesForPolicy")):
        return {}
    losing, bounded = affected_by(row, row.account_id)
    return {"losing": losing, "bounded": bounded}


def _prepare(form: VersionForm, request: CallerRequest, row: "PolicyRow", rows: Sequence[VersionRow]) -> None:
    """Tell the form what there is already and what saving means."""
    form.on_trial = "try" in request.POST
    form.stored = {version.version_id: version.document for version in rows}
    form.say_whom(row.attachment_count + row.boundary_count, ending(request.caller, row))


def _in_the_way(row: "PolicyRow", rows: Sequence[VersionRow]) -> str:
    """Where a policy has all its versions: the oldest that is neither in force nor planned with."""
    kept = planned(row)
    others = [version for version in rows if not (version.is_default or version.number in kept)]
    return others[-1].version_id if others and len(rows) >= quota("VersionsPerPolicyQuota") else ""


def _review(form: VersionForm, context: dict[str, Any], default: VersionRow) -> Review | None:
    arn = context["row"].arn
    if context["may_save"]:
        return review(form, REVIEWING, _parameters(form, arn), before=default.document)
    return review(form, PROPOSE, _proposed(form, arn), before=default.document)


def _base(request: CallerRequest, row: "PolicyRow", rows: Sequence[VersionRow]) -> VersionRow | None:
    """The version to begin with that is asked for, also a deleted one for who may read the trail. Raises Http404, AccessDenied."""
    wanted = request.GET.get("from")
    if wanted and number_of_deleted(row) and all(each.version_id != wanted for each in rows):
        rows = deleted_versions(request.caller, row).rows
    return chosen(rows, wanted)


def _begun(request: CallerRequest, base: VersionRow) -> str:
    """What the editor begins with. Raises Http404 for a statement that cannot be taken out."""
    taken = begun_without(base.document, request.GET.get("without", ""))
    if taken is None:
        raise Http404(_("There is no such statement that can be taken out."))
    return taken


def in_force_step(arn: str, version_id: str) -> Step:
    """What puts a version in force again."""
    return Step("iam", "SetDefaultPolicyVersion", {"policy_arn": arn, "version_id": version_id})


def _parameters(form: VersionForm, arn: str) -> dict[str, Any]:
    data = form.cleaned_data
    in_force = data["set_as_default"] and not form.on_trial
    return {"policy_arn": arn, "policy_document": data["policy_document"], "set_as_default": in_force}


def _proposed(form: VersionForm, arn: str) -> dict[str, Any]:
    return {"policy_arn": arn, "policy_document": form.cleaned_data["policy_document"]}


def _finished(
    request: CallerRequest, form: VersionForm, row: "PolicyRow", proposal: PolicyProposal | None, before: VersionRow
) -> HttpResponse | None:
    """Save, or ask for a review; None where that is refused, which then stands on the form."""
    if "propose" in request.POST:
        asked = save(form, lambda: _propose(request, form, row))
        return redirect("policies:proposals", row.arn) if asked else None
    if save(form, lambda: _save(request, form, row, proposal)):
        return _saved(request, row, before, proposal, in_force=_parameters(form, row.arn)["set_as_default"])
    return None


def _propose(request: CallerRequest, form: VersionForm, row: "PolicyRow") -> None:
    """Ask for a review, and say so with the way back."""
    made = propose_policy_version(request.caller, **_proposed(form, row.arn))["PolicyProposal"]["ProposalId"]
    back = [Step("iam", "WithdrawPolicyProposal", {"policy_arn": row.arn, "proposal_id": made})]
    done(request, _("Your change of %(name)s waits for review.") % {"name": row.name}, back, on=row.arn)


def _save(request: CallerRequest, form: VersionForm, row: "PolicyRow", proposal: PolicyProposal | None) -> None:
    """Save the version, in place of the oldest where there is no room; to be tried, in place of one that is on trial.

    A proposal that it comes from is accepted by it; one's own is withdrawn, since nobody else has reviewed it.
    """
    caller, arn, running = request.caller, row.arn, trial_of(row) if form.on_trial else None
    with one_change():
        if form.oldest:
            delete_policy_version(caller, policy_arn=arn, version_id=form.oldest)
        made = create_policy_version(caller, **_parameters(form, arn))["PolicyVersion"]["VersionId"]
        if proposal is not None and is_own(caller, proposal):
            withdraw_policy_proposal(caller, policy_arn=arn, proposal_id=proposal.proposal_id)
        elif proposal is not None:
            accept_policy_proposal(caller, policy_arn=arn, proposal_id=proposal.proposal_id, version_id=made)
        if running is not None and running.version_id != form.oldest:
            stop_policy_trial(caller, policy_arn=arn)
        if form.on_trial:
            start_policy_trial(caller, policy_arn=arn, version_id=made)


def _saved(
    request: CallerRequest, row: "PolicyRow", before: VersionRow, proposal: PolicyProposal | None, *, in_force: bool
) -> HttpResponse:
    """Say that a new version was saved, with the way back, and lead to where it is seen."""
    made = f"v{row.latest_version + 1}"
    back = [in_force_step(row.arn, before.version_id)] if in_force else []
    tried = "try" in request.POST
    back.append(Step("iam", "DeletePolicyVersion", {"policy_arn": row.arn, "version_id": made}))
    said = [_("A new version of %(name)s was saved.") % {"name": row.name}]
    if tried:
        said.append(_("It is on trial from now on and not in force."))
    if proposal is not None:
        own = is_own(request.caller, proposal)
        said.append(_("Your proposal is withdrawn.") if own else _("The proposal is accepted."))
    done(request, " ".join(said), back, on=row.arn, replaces=True)
    return redirect("policies:policy" if in_force else "policies:trial" if tried else "policies:versions", row.arn)
