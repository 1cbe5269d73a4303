"""The versions of a policy: comparing them, putting one in force, deleting."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from operations.quotas import quota
from pages.errors import part
from pages.request import CallerRequest
from pages.undo import done
from policies.access_changes import access_changes
from policies.affected import affected_by
from policies.deleted_versions import READING as TRAIL
from policies.deleted_versions import deleted_versions, number_of_deleted
from policies.models import ManagedPolicy
from policies.operations.policy_versions import delete_policy_version, set_default_policy_version
from policies.plans import ending
from policies.queries import versions_of
from policies.reading import chosen, open_form, read_part, read_policy, tag_keys
from policies.replays import DocumentChange, replayed
from policies.saving import mark
from policies.tested import tested_by
from policies.views.edit import in_force_step


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


def set_default(request: CallerRequest, arn: str) -> HttpResponse:
    """Put a version in force; `?version=v2` first shows what that does to access, and for whom."""
    if request.method == "POST" and not _default_moved(request, arn):
        version = request.POST.get("version_id", "")
        before = ManagedPolicy.objects.filter(arn=arn, account_id=request.caller.account_id).first()
        set_default_policy_version(request.caller, policy_arn=arn, version_id=version)
        said = _("%(version)s is now the default version: it is in force.") % {"version": version}
        done(request, said, [in_force_step(arn, before.default_version_id)] if before else [], on=arn, replaces=True)
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
        found |= tested_by(request.caller, row, version.document)
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
