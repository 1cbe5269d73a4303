"""Answering one request: a grant that is reviewed first, a grant by another way, or a refusal with a sentence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.consequences import read_held
from accounts.holders import KINDS, Kind
from audit.queries import find_event
from governance import askers
from governance.denials import denial_of
from governance.forms import DeclineForm, GrantForm, OtherwiseForm
from governance.granting import check, exactly, grant, grant_document, policy_name
from governance.models import AccessRequest
from governance.operations.access_requests import decline_access_request, grant_access_request
from governance.queries.access_requests import find_request
from governance.views.requests import described, helps, standing_for
from operations.caller import Caller
from operations.gate import authorise_form, authorise_read
from operations.quotas import quota
from pages.errors import Part, part
from pages.request import CallerRequest
from policies.access_changes import AccessChanges, held_changes
from policies.documents import size
from policies.saving import save


@dataclass(frozen=True)
class Answering:
    """A request that is being answered, with whom it is of, if they are still there."""

    request: AccessRequest
    holder: Any
    kind: Kind

    @property
    def arn(self) -> str:
        return str(self.holder.arn) if self.holder else self.request.principal_arn


def granting(request: CallerRequest, request_id: str) -> HttpResponse:
    """Grant a request: by a policy of exactly what was asked, reviewed before it is put; or note that it was granted otherwise."""
    caller = request.caller
    asked = _asked(caller, request_id, askers.GRANT)
    found, holder = asked.request, asked.holder
    form = GrantForm(request.POST if _pressed(request, "review", "grant") else None, asked=found.duration_seconds)
    otherwise = OtherwiseForm(request.POST if "otherwise" in request.POST else None, auto_id="otherwise_%s")
    if "otherwise" in request.POST and otherwise.is_valid() and _note(caller, found, otherwise):
        messages.success(request, _("Noted as granted."))
        return redirect("governance:request", request_id=request_id)
    reviewed: dict[str, Any] = {}
    if holder is not None and form.is_valid():
        ends_at, message = form.ends_at(reviewed=not _is_changed(request)), form.cleaned_data["message"]

        def run() -> None:
            grant(caller, found, holder, ends_at, message)

        if "grant" in request.POST and not _is_changed(request):
            if save(form, run):
                messages.success(request, _("Granted. Below is how the engine decides it now."))
                return redirect("governance:request", request_id=request_id)
        elif save(form, lambda: check(caller, found, holder, ends_at, message)):
            reviewed = _review(caller, asked, ends_at)
    return render(request, "governance/grant.html", _context(caller, asked, form, otherwise) | reviewed)


def declining(request: CallerRequest, request_id: str) -> HttpResponse:
    """Decline a request; whoever asked reads the message."""
    asked = _asked(request.caller, request_id, askers.DECLINE)
    form = DeclineForm(request.POST or None)
    if form.is_valid():
        message = form.cleaned_data["message"]
        if save(form, lambda: decline_access_request(request.caller, access_request_id=request_id, message=message)):
            messages.success(request, _("The request is declined."))
            return redirect("governance:request", request_id=request_id)
    context = {"form": form, "found": asked.request, **described(asked.request)}
    return render(request, "governance/decline.html", context)


def _asked(caller: Caller, request_id: str, action: str) -> Answering:
    """The request, for who may list all and give this answer. Raises AccessDenied, Http404."""
    authorise_read(caller, askers.LIST, "*")
    found = find_request(caller.account_id, request_id)
    if found is None:
        raise Http404(_("There is no such request."))
    holder = askers.row_of(found.account_id, found.principal_kind, found.principal_id)
    asked = Answering(found, holder, KINDS[found.principal_kind])
    authorise_form(caller, action, asked.arn, askers.keys(holder))
    return asked


def _pressed(request: CallerRequest, *names: str) -> bool:
    return any(name in request.POST for name in names)


def _is_changed(request: CallerRequest) -> bool:
    """Whether another duration was chosen than the one that was reviewed: then it is reviewed again."""
    chosen = request.POST.get("duration_seconds")
    return "review" in request.POST or request.POST.get("reviewed", chosen) != chosen


def _note(caller: Caller, found: AccessRequest, form: OtherwiseForm) -> bool:
    message = form.cleaned_data["message"] or None
    return save(form, lambda: grant_access_request(caller, access_request_id=found.request_id, message=message))


def _context(caller: Caller, asked: Answering, form: GrantForm, otherwise: OtherwiseForm) -> dict[str, Any]:
    found, holder, kind = asked.request, asked.holder, asked.kind
    event = find_event(caller.account_id, found.event_id)
    now = standing_for(caller, found, holder, denial_of(event) if event else None) if holder else Part(None)
    put = kind.put_action
    return {
        "form": form,
        "otherwise": otherwise,
        "found": found,
        "holder": holder,
        "kind": kind,
        "now": now.value,
        "helps": holder is not None and helps(found, now.value),
        "may_put": holder is not None and caller.may_somehow(put, holder.arn, kind.keys(holder, put)),
        "put_action": put,
        "is_mine": not caller.is_root and askers.is_about(caller, found.principal_id, found.person_id),
        "policies_url": kind.policies_address(holder.name) if kind.may(caller, kind.action("Get"), holder) else "",
        **described(found),
    }


def _review(caller: Caller, asked: Answering, ends_at: datetime | None) -> dict[str, Any]:
    """What the grant would put, and what it changes in the access of whoever asks."""
    document = grant_document(asked.request, ends_at)
    return {
        "document": document,
        "ends_at": ends_at,
        "is_wider": exactly(asked.request.action, asked.request.resource) == "*" != asked.request.resource,
        "policy_name": policy_name(asked.request),
        "size": size(document),
        "most": quota(f"{asked.kind.word}PolicySizeQuota"),
        "access": part(_difference, caller, asked, document),
    }


def _difference(caller: Caller, asked: Answering, document: str) -> AccessChanges | None:
    documents = read_held(caller, asked.kind, asked.holder, asked.kind.policies(asked.holder))
    limit = asked.holder.boundary
    before = tuple(documents.documents)
    return held_changes(before, (*before, document), documents.in_force[limit.arn] if limit else "")
