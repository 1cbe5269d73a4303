"""One managed policy: what it permits, and who has it."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from engine.summary import Summary
from operations.caller import Caller
from operations.quotas import quota
from pages.request import CallerRequest
from policies.documents import size
from policies.queries import entities_using
from policies.reading import read_part, read_policy, summary_of

KINDS = (("user", _("Users")), ("group", _("Groups")), ("role", _("Roles")))
ONE = (("group", _("Group")), ("role", _("Role")), ("user", _("User")))
USAGES = (("attached", _("Permissions policy")), ("boundary", _("Permissions boundary")))


def permissions(request: CallerRequest, arn: str) -> HttpResponse:
    """The policy summary and the document in force; with `?service=` the actions of one service."""
    row = read_policy(request.caller, arn)
    document = read_part(request.caller, row, "iam:GetPolicyVersion", lambda: row.document)  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "row": row,
        "tab": "permissions",
        "document": document,
        "quota": quota("PolicySizeQuota"),
    }
    if document.value is not None:
        summary = summary_of(document.value)
        context |= {"summary": summary, "size": size(document.value), "as_json": request.GET.get("as") == "json"}
        if service := request.GET.get("service"):
            context |= _service(summary, service, request.GET.get("effect", "allow"))
            return render(request, "policies/service.html", context)
    return render(request, "policies/permissions.html", context)


def _service(summary: Summary | None, prefix: str, effect: str) -> dict[str, Any]:
    """The actions of one service in the summary. Raises Http404."""
    section = () if summary is None else summary.deny if effect == "deny" else summary.allow
    found = next((service for service in section if service.prefix == prefix), None)
    if found is None:
        raise Http404
    return {"service": found, "effect": effect}


PAGE = 50


def _kinds_of(caller: Caller, verb: str, arn: str) -> list[tuple[str, Promise]]:
    """The kinds of entities, or some of them, that the caller may attach the policy to, or detach it from."""
    keys = {"iam:PolicyARN": arn}
    return [(kind, word) for kind, word in ONE if caller.may_somehow(f"iam:{verb}{kind.title()}Policy", "*", keys)]


def entities(request: CallerRequest, arn: str) -> HttpResponse:
    """Who has the policy attached, and whose boundary it is; found by name, kind and use."""
    row = read_policy(request.caller, arn, "iam:ListEntitiesForPolicy")
    asked = {name: request.GET.get(name, "") for name in ("q", "kind", "usage")}
    rows = entities_using(
        row,
        request.caller.account_id,
        search=asked["q"].strip(),
        kind=asked["kind"] or None,
        usage=asked["usage"] or None,
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "row": row,
        "tab": "entities",
        "page": page,
        "asked": asked,
        "filtered": any(asked.values()),
        "attaching": {"kind": request.GET.get("attach_kind", ""), "name": request.GET.get("attach", "")},
        "attachable": _kinds_of(request.caller, "Attach", arn),
        "detachable": [kind for kind, _word in _kinds_of(request.caller, "Detach", arn)],
        "kinds": KINDS,
        "usages": USAGES,
        "query": urlencode({k: v for k, v in asked.items() if v}),
    }
    return render(request, "policies/entities.html", context)
