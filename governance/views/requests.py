"""Requests for access as they are answered: the list, and each with the decision then and now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.variants import variants
from accounts.holders import KINDS
from accounts.resolve import keys_of
from audit.queries import find_event
from governance import askers
from governance.deciding import Standing, standing, unreadable
from governance.denials import RecordedDenial, denial_of
from governance.forms import DeclineForm
from governance.granting import grant_document, left_policy
from governance.models import AccessRequest
from governance.operations.access_requests import decline_access_request
from governance.queries.access_requests import find_request, requests_of, similar_grants
from governance.request_listings import PRESETS, STATES, all_requests, wanted
from governance.views.asking import authorise_own, may_now
from operations.caller import Caller
from operations.gate import authorise_read
from pages.components.shell import grouped
from pages.errors import Part, layer_label, part
from pages.explanation import Explanation, explain, reason, sentence
from pages.listing import BulkRun, Refused, bulk_page, render_listing
from pages.listing.presets import presets
from pages.refusing import LAYERS
from pages.request import CallerRequest
from policies.deletable import not_permitted

LOOK_UP = "cloudtrail:LookupEvents"
SIMULATE = "iam:SimulatePrincipalPolicy"


def requests(request: CallerRequest) -> HttpResponseBase:
    """The account's requests."""
    caller = request.caller
    authorise_read(caller, askers.LIST, "*")
    context = {"presets": presets(request.GET, PRESETS)}
    rows = requests_of(caller.account_id)
    return render_listing(request, all_requests(), rows, template="governance/requests.html", context=context)


def decline_many(request: CallerRequest) -> HttpResponse:
    """Decline the selected requests, with one message to all who asked."""
    caller = request.caller
    authorise_read(caller, askers.LIST, "*")

    def perform(row: AccessRequest, data: Mapping[str, Any]) -> None:
        decline_access_request(caller, access_request_id=row.request_id, message=data["message"])

    run = BulkRun(
        title=_("Decline requests"),
        button=_("Decline"),
        back=reverse("governance:requests"),
        perform=perform,
        form=DeclineForm,
        asks_reason=False,
        refused=lambda rows: _not_declinable(caller, rows),
        blocked=lambda row: "" if row.is_open else _("Not open any more."),
        left_out=~Q(state=AccessRequest.OPEN),
        go=lambda counted: _("Decline %(counted)s") % {"counted": counted},
        done=lambda n: ngettext("%(n)s request declined", "%(n)s requests declined", n) % {"n": grouped(n)},
        with_what=lambda data: _("They are told: %(message)s") % data,
        address=lambda row: reverse("governance:request", args=[row.request_id]),
    )
    return bulk_page(request, all_requests(), requests_of(caller.account_id), run)


def _not_declinable(caller: Caller, rows: Sequence[AccessRequest]) -> Refused:
    """Requests that the caller may not decline, by primary key."""
    holders = askers.rows_of(rows)
    refused: dict[Any, Any] = {}
    for row in rows:
        holder = holders.get(row.principal_id)
        arn = holder.arn if holder else row.principal_arn
        if not caller.may(askers.DECLINE, arn, askers.keys(holder)):
            refused[row.pk] = not_permitted(askers.DECLINE)
    return Refused(refused)


def one(request: CallerRequest, request_id: str) -> HttpResponse:
    """A request: whole for who may list all of them, and as the answer to it for whoever asked."""
    caller = request.caller
    found = find_request(caller.account_id, request_id)
    is_own = found is not None and found.principal_id == askers.asker_id(caller)[1]
    may_list = caller.may(askers.LIST, "*")
    if is_own and not may_list:
        authorise_own(caller)
    else:
        authorise_read(caller, askers.LIST, "*")
    if found is None:
        raise Http404(_("There is no such request."))
    event = find_event(caller.account_id, found.event_id)
    denial = denial_of(event) if event else None
    context = {"found": found, "is_own": is_own, "may_list": may_list, **described(found, whole=may_list)}
    if may_list:
        context |= _for_answering(caller, found, denial)
        context["similar"] = similar_grants(found)
    else:
        context["may_now"] = denial is not None and may_now(caller, denial)
    return render(request, "governance/request.html", context)


def described(found: AccessRequest, *, whole: bool = True) -> dict[str, Any]:
    """What every page of a request says of it; unless it is the `whole`, of the resource only what was asked for."""
    outcome, word = STATES[found.status]
    blocked = found.layers if found.outcome != "explicitDeny" and found.layers != ["identity"] else ()
    said = reason(found.outcome, blocked)
    return {
        "status_kind": outcome,
        "status_word": word,
        "wanted": wanted(found),
        "layers": [LAYERS.get(layer, layer) for layer in found.layers],
        "layer_label": layer_label(found.outcome),
        "sentence": sentence(
            found.asked_by, found.action, found.resource if whole else found.named, found.outcome, said
        ),
        "resource_named": not whole,
    }


def _for_answering(caller: Caller, found: AccessRequest, denial: RecordedDenial | None) -> dict[str, Any]:
    holder = askers.row_of(found.account_id, found.principal_kind, found.principal_id)
    kind = KINDS[found.principal_kind]
    whole = denial is not None and caller.may(LOOK_UP, "*")
    now = standing_for(caller, found, holder, denial) if holder else Part(None)
    context: dict[str, Any] = {
        "holder": holder,
        "holder_url": kind.address(holder.name) if holder and kind.may(caller, kind.action("Get"), holder) else "",
        "event_url": reverse("audit:event", args=[found.event_id]) if whole else "",
        "now": now,
        "explanation": _explained(caller, found, holder, now.value, whole=whole) if now.value else None,
        **_left(caller, kind, found, holder),
        "is_mine": not caller.is_root and askers.is_about(caller, found.principal_id, found.person_id),
        "helps": helps(found, now.value),
        "answer_arn": holder.arn if holder else found.principal_arn,
        "answer_tags": holder.tags.all() if holder else (),
    }
    if whole and denial is not None and found.is_open and not (now.value and now.value.is_allowed):
        authorise_read(caller, LOOK_UP, "*")
        context["variants"] = variants(caller, denial.event, denial.decision, denial.layers, holder)
    return context


def standing_for(caller: Caller, found: AccessRequest, holder: Any, denial: RecordedDenial | None) -> Part[Standing]:
    """The decision as it is now, for who may simulate what the requester may do; else what is missing."""
    resource, keys = holder.arn, keys_of(holder, SIMULATE)

    def ask() -> Standing:
        authorise_read(caller, SIMULATE, resource, keys)
        return standing(found, holder, denial)

    return part(ask)


def _explained(caller: Caller, found: AccessRequest, holder: Any, now: Standing, *, whole: bool) -> Explanation:
    """The decision explained: without what the caller may not read in policies, and without the circumstances of the denial, which the
    trail keeps, for who may not read that."""
    trace = now.trace
    if whole:
        return explain(trace, unreadable(caller, holder, found.resource, trace))
    every = {(policy["name"], policy["arn"] or "") for stage in trace["stages"] for policy in stage["policies"]}
    return replace(explain(trace, every), context=[], missing_context=[])


def helps(found: AccessRequest, now: Standing | None) -> bool:
    """Whether an inline policy would be enough; for who may not have the engine asked, as far as the denial told it."""
    if now is not None:
        return now.helps
    return found.outcome == "implicitDeny" and list(found.layers) == ["identity"]


def _left(caller: Caller, kind: Any, found: AccessRequest, holder: Any) -> dict[str, Any]:
    """Where the policy of a grant is deleted, for who may, and whether it is still as it was put; an empty address where it is gone."""
    action = kind.action("Delete", "Policy")
    if not found.policy_name or not kind.may(caller, action, holder):
        return {"policy_url": ""}
    policy = left_policy(found, holder)
    address = f"{kind.address(holder.name, 'inline-delete')}?{urlencode({'policy_name': found.policy_name})}"
    is_as_put = policy is not None and policy.document == grant_document(found, found.ends_at)
    return {"policy_url": address if policy else "", "policy_is_as_put": is_as_put}
