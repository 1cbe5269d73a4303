"""One managed policy: what it permits."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from engine.canonical import laid_out
from engine.summary import Summary
from operations.quotas import quota
from pages.request import CallerRequest
from policies.activations import ACTION, activation_of
from policies.documents import size
from policies.editing import grouped
from policies.reading import findings_of, read_part, read_policy, summary_of, tag_keys
from policies.statement_use import uses_of
from policies.taking_out import Editor, is_one_of_several
from policies.trials import TRAIL
from policies.words import sentences_of


def permissions(request: CallerRequest, arn: str) -> HttpResponse:
    """The policy summary, the findings, the document in force and its sentences.

    With `?service=` the actions of one service, with `?used=1` when each statement decided last.
    """
    row = read_policy(request.caller, arn)
    document = read_part(request.caller, row, "iam:GetPolicyVersion", lambda: row.document)  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "row": row,
        "tab": "permissions",
        "document": document,
        "quota": quota("PolicySizeQuota"),
        **_scheduled(request, row),
    }
    if document.value is not None:
        summary = summary_of(document.value)
        found = findings_of(laid_out(document.value))  # the lines that the page shows
        context |= {
            "summary": summary,
            "size": size(document.value),
            "as_json": request.GET.get("as") == "json",
            "findings": grouped(found) if found else [],
            "findings_count": len(found),
        }
        context |= _sentences(request, row)
        if service := request.GET.get("service"):
            context |= _service(summary, service, request.GET.get("effect", "allow"))
            return render(request, "policies/service.html", context)
    return render(request, "policies/permissions.html", context)


def _scheduled(request: CallerRequest, row: Any) -> dict[str, Any]:
    """What is scheduled for the policy, or failed, for who may see its versions."""
    caller, keys = request.caller, tag_keys(row)
    found = activation_of(row)
    if found is None or not caller.may("iam:ListPolicyVersions", row.arn, keys):
        return {}
    return {"activation": found, "names": caller.may(TRAIL), "may": {"default": caller.may(ACTION, row.arn, keys)}}


def _sentences(request: CallerRequest, row: Any) -> dict[str, Any]:
    """The document in sentences; with `?used=1` what the record says of each of them, to whoever may read it."""
    said = sentences_of(laid_out(row.document))
    if said is None or "used" not in request.GET:
        return {"sentences": said}
    used = uses_of(request.caller, row)
    if used is not None and used.value is not None:
        said = said.with_uses(used.value.of)
    editor = None
    if not row.is_aws_managed and is_one_of_several(row.document):
        editor = Editor(reverse("policies:edit", args=[row.arn]), "iam:CreatePolicyVersion", row.arn, row.tags.all())
    return {"sentences": said, "used": used, "editor": editor}


def look(request: CallerRequest, arn: str) -> HttpResponse:
    """A look at a policy beside the form that chooses it: its summary and its document; without scripts its page."""
    if not getattr(request, "htmx", False):
        return redirect("policies:policy", arn)
    row = read_policy(request.caller, arn)
    document = read_part(request.caller, row, "iam:GetPolicyVersion", lambda: row.document)  # type: ignore[attr-defined]
    summary = summary_of(document.value) if document.value is not None else None
    return render(request, "policies/look.html", {"row": row, "document": document, "summary": summary})


def _service(summary: Summary | None, prefix: str, effect: str) -> dict[str, Any]:
    """The actions of one service in the summary. Raises Http404."""
    section = () if summary is None else summary.deny if effect == "deny" else summary.allow
    found = next((service for service in section if service.prefix == prefix), None)
    if found is None:
        raise Http404
    return {"service": found, "effect": effect}
