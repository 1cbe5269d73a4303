"""The versions of a policy: comparing them, writing a new one, putting one in force, deleting."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from operations.gate import one_change
from operations.quotas import quota
from operations.rehearsal import Step
from pages import drafts
from pages.errors import part
from pages.kept_drafts import keeps_draft
from pages.picking import looked_up
from pages.request import CallerRequest
from pages.undo import done
from policies.access_changes import access_changes
from policies.affected import affected_by
from policies.deleted_versions import READING as TRAIL
from policies.deleted_versions import deleted_versions, number_of_deleted
from policies.editing import review
from policies.forms import VersionForm
from policies.models import ManagedPolicy
from policies.operations.policy_tests import WRITING
from policies.operations.policy_trials import start_policy_trial, stop_policy_trial
from policies.operations.policy_versions import (
    create_policy_version,
    delete_policy_version,
    set_default_policy_version,
)
from policies.plans import ending, planned
from policies.queries import VersionRow, versions_of
from policies.reading import chosen, open_form, read_part, read_policy, tag_keys
from policies.replays import DocumentChange, replayed
from policies.saving import mark, renew, save
from policies.taking_out import begun_without
from policies.testing import ask
from policies.trials import trial_of

if TYPE_CHECKING:
    from policies.queries import PolicyRow


def versions(request: CallerRequest, arn: str) -> HttpResponse:
    """All versions, one of them in full (`?show=v2`), or the difference of two (`?from=v1&to=v3`)."""
    row = read_policy(request.caller, arn, "iam:ListPolicyVersions")
    rows = versions_of(row)
    deleted = part(deleted_versions, request.caller, row) if number_of_deleted(row) else None
    every = [*rows, *deleted.value.rows] if deleted is not None and deleted.value else rows
    first, second = chosen(every, request.GET.get("from")), chosen(every, request.GET.get("to"))
    shown = chosen(every, request.GET.get("show"))
    context = {
        "row": row,
        "tab": "versions",
        "versions": rows,
        "every": every,
        "deleted": deleted,
        "number_of_deleted": number_of_deleted(row),
        "names": request.caller.may(TRAIL),
        "read_trial": request.caller.may("iam:GetPolicyVersion", arn, tag_keys(row)),
        "limit": quota("VersionsPerPolicyQuota"),
    }
    asked = {"default": "SetDefaultPolicyVersion", "delete": "DeletePolicyVersion", "edit": "CreatePolicyVersion"}
    keys = tag_keys(row)
    context["may"] = {name: request.caller.may(f"iam:{action}", arn, keys) for name, action in asked.items()}
    if first and second:
        read = read_part(request.caller, row, "iam:GetPolicyVersion", lambda: (first, second))
        context |= {"compared": read, "first": first, "second": second}
        if not read.refusal:
            context["access"] = access_changes(first.document, second.document)
    elif len(every) > 1:  # what is offered to be compared
        context |= {"first": every[1], "second": every[0]}
    if shown and "compared" not in context:
        context["shown"] = read_part(request.caller, row, "iam:GetPolicyVersion", lambda: shown)
    return render(request, "policies/versions.html", context)


@keeps_draft
def edit(request: CallerRequest, arn: str) -> HttpResponse:
    """Write a new version, beginning with the default one or another (`?from=v2`), perhaps without one of its statements
    (`?without=3`). Whoever saves later sees what was saved meanwhile.

    With `review` it is shown what the version would change, with `edit` the editor again.
    """
    row = read_policy(request.caller, arn, "iam:GetPolicyVersion")
    if row.is_aws_managed:
        raise Http404(_("AWS managed policies cannot be changed."))
    if request.method != "POST":
        open_form(request.caller, row, "iam:CreatePolicyVersion")
    rows = versions_of(row)
    default = next(version for version in rows if version.is_default)
    base = _base(request, row, rows) or default
    seen = f"{row.latest_version} {row.default_version}"
    form = VersionForm(
        request.POST or drafts.taken(request), initial={"policy_document": _begun(request, base), "seen": mark(seen)}
    )
    form.on_trial = "try" in request.POST
    form.stored = {version.version_id: version.document for version in rows}
    form.say_whom(row.attachment_count + row.boundary_count, ending(request.caller, row))
    kept = planned(row)
    others = [version for version in rows if not (version.is_default or version.number in kept)]
    if len(rows) >= quota("VersionsPerPolicyQuota") and others:
        form.offer_deletion(others[-1].version_id)
    meanwhile, reviewed = "", None
    if not looked_up(form) and "edit" not in request.POST and form.is_valid():
        if form.cleaned_data["seen"] != mark(seen):
            meanwhile = default.document
            renew(form, seen)
        elif "review" in request.POST:
            reviewed = review(form, "iam:CreatePolicyVersion", _parameters(form, arn), before=default.document)
        elif save(form, lambda: _save(request, form, row)):
            return _saved(request, row, default, in_force=_parameters(form, arn)["set_as_default"])
    context = {"row": row, "form": form, "base": base, "default": default, "meanwhile": meanwhile, "review": reviewed}
    if reviewed is not None:
        context |= _tested(request, row, reviewed.document)
        context["replay"] = replayed(request.caller, DocumentChange(row, default.document, reviewed.document))
    return render(request, "policies/edit.html", context, status=409 if meanwhile else 200)


def _base(request: CallerRequest, row: "PolicyRow", rows: Sequence[VersionRow]) -> VersionRow | None:
    """The version to begin with that is asked for, also a deleted one for who may read the trail. Raises Http404, AccessDenied."""
    wanted = request.GET.get("from")
    if wanted and number_of_deleted(row) and all(each.version_id != wanted for each in rows):
        rows = deleted_versions(request.caller, row).rows
    return chosen(rows, wanted)


def _saved(request: CallerRequest, row: "PolicyRow", before: VersionRow, *, in_force: bool) -> HttpResponse:
    """Say that a new version was saved, with the way back, and lead to where it is seen."""
    made = f"v{row.latest_version + 1}"
    back = [_in_force(row.arn, before.version_id)] if in_force else []
    tried = "try" in request.POST
    back.append(Step("iam", "DeletePolicyVersion", {"policy_arn": row.arn, "version_id": made}))
    said = _("A new version of %(name)s was saved.") % {"name": row.name}
    if tried:
        said = f"{said} {_('It is on trial from now on and not in force.')}"
    done(request, said, back, on=row.arn, replaces=True)
    return redirect("policies:policy" if in_force else "policies:trial" if tried else "policies:versions", row.arn)


def _tested(request: CallerRequest, row: "PolicyRow", document: str) -> dict[str, Any]:
    """What a document decides in the policy's tests, and how many it fails, for whoever may read them."""
    if not request.caller.may("iam:GetPolicyVersion", row.arn, tag_keys(row)):
        return {}
    tested = ask(row, document, row.tests.order_by("name_key"))
    may_write = request.caller.may(WRITING, row.arn, tag_keys(row))
    return {"tested": tested, "failing": sum(not one.passes for one in tested), "may_write_tests": may_write}


def _begun(request: CallerRequest, base: VersionRow) -> str:
    """What the editor begins with. Raises Http404 for a statement that cannot be taken out."""
    taken = begun_without(base.document, request.GET.get("without", ""))
    if taken is None:
        raise Http404(_("There is no such statement that can be taken out."))
    return taken


def _in_force(arn: str, version_id: str) -> Step:
    """What puts a version in force again."""
    return Step("iam", "SetDefaultPolicyVersion", {"policy_arn": arn, "version_id": version_id})


def _parameters(form: VersionForm, arn: str) -> dict[str, Any]:
    data = form.cleaned_data
    in_force = data["set_as_default"] and not form.on_trial
    return {"policy_arn": arn, "policy_document": data["policy_document"], "set_as_default": in_force}


def _save(request: CallerRequest, form: VersionForm, row: "PolicyRow") -> None:
    """Save the version, in place of the oldest where there is no room; to be tried, in place of one that is on trial."""
    caller, arn, running = request.caller, row.arn, trial_of(row) if form.on_trial else None
    with one_change():
        if form.oldest:
            delete_policy_version(caller, policy_arn=arn, version_id=form.oldest)
        made = create_policy_version(caller, **_parameters(form, arn))["PolicyVersion"]["VersionId"]
        if running is not None and running.version_id != form.oldest:
            stop_policy_trial(caller, policy_arn=arn)
        if form.on_trial:
            start_policy_trial(caller, policy_arn=arn, version_id=made)


def set_default(request: CallerRequest, arn: str) -> HttpResponse:
    """Put a version in force; `?version=v2` first shows what that does to access, and for whom."""
    if request.method == "POST" and not _default_moved(request, arn):
        version = request.POST.get("version_id", "")
        before = ManagedPolicy.objects.filter(arn=arn, account_id=request.caller.account_id).first()
        set_default_policy_version(request.caller, policy_arn=arn, version_id=version)
        said = _("%(version)s is now the default version: it is in force.") % {"version": version}
        done(request, said, [_in_force(arn, before.default_version_id)] if before else [], on=arn, replaces=True)
        return redirect("policies:versions", arn)
    found = _reviewed(request, arn)
    if isinstance(found, HttpResponse):
        return found
    row, version, default = found["row"], found["version"], found["default"]
    open_form(request.caller, row, "iam:SetDefaultPolicyVersion")
    losing, bounded = affected_by(row, row.account_id)
    found |= {
        "ending": ending(request.caller, row),
        "read": read_part(request.caller, row, "iam:GetPolicyVersion", lambda: version),
        "losing": losing,
        "bounded": bounded,
        "seen": mark(default.version_id),
        "moved": request.method == "POST",
    }
    if not found["read"].refusal:
        found["access"] = access_changes(default.document, version.document)
        found |= _tested(request, row, version.document)
        found["replay"] = replayed(request.caller, DocumentChange(row, default.document, version.document))
    return render(request, "policies/set_default.html", found, status=409 if found["moved"] else 200)


def _default_moved(request: CallerRequest, arn: str) -> bool:
    """Whether a review that is confirmed compared with a version that is in force no more."""
    if not (seen := request.POST.get("seen", "")):
        return False
    row = read_policy(request.caller, arn, "iam:ListPolicyVersions")
    return seen != mark(row.default_version_id)


def delete_version(request: CallerRequest, arn: str) -> HttpResponse:
    """Delete a version that is not in force; `?version=v2` first shows its document."""
    if request.method == "POST":
        version = request.POST.get("version_id", "")
        delete_policy_version(request.caller, policy_arn=arn, version_id=version)
        messages.success(request, _("%(version)s was deleted.") % {"version": version})
        return redirect("policies:versions", arn)
    found = _reviewed(request, arn)
    if isinstance(found, HttpResponse):
        return found
    open_form(request.caller, found["row"], "iam:DeletePolicyVersion")
    found["read"] = read_part(request.caller, found["row"], "iam:GetPolicyVersion", lambda: found["version"])
    found["ending"] = ending(request.caller, found["row"], found["version"].number)
    return render(request, "policies/delete_version.html", found)


def _reviewed(request: CallerRequest, arn: str) -> dict[str, Any] | HttpResponse:
    """The policy, the version that a review is about, and the default one; for one that is in force, the way back. Raises Http404."""
    row: Any = read_policy(request.caller, arn, "iam:ListPolicyVersions")
    if row.is_aws_managed:
        raise Http404(_("AWS managed policies cannot be changed."))
    rows = versions_of(row)
    version = chosen(rows, request.POST.get("version_id") or request.GET.get("version"))
    if version is None or version.is_default:
        if version is not None:
            messages.info(request, _("%(version)s is the default version.") % {"version": version.version_id})
        return redirect("policies:versions", arn)
    return {"row": row, "version": version, "default": next(each for each in rows if each.is_default)}
