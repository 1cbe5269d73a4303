"""The trail: who did what, from where, with what outcome, and why."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from audit.listing import events_of
from audit.presets import PRESETS
from audit.principals import page_of
from audit.queries import find_event, record_of, related, simulation_query, trail
from operations.gate import authorise_read
from pages.explanation import explain, kind_in_words
from pages.listing import render_listing
from pages.listing.presets import presets
from pages.request import CallerRequest


def events(request: CallerRequest) -> HttpResponseBase:
    """The account's Events, newest first."""
    caller = request.caller
    authorise_read(caller, "cloudtrail:LookupEvents", "*")
    context = {"presets": presets(request.GET, PRESETS)}
    listing, rows = events_of(caller.account_id), trail(caller.account_id)
    return render_listing(request, listing, rows, template="audit/events.html", context=context)


def event(request: CallerRequest, event_id: str) -> HttpResponse:
    """One Event with its decision, the change it made, and the CloudTrail record itself (`?format=json`)."""
    caller = request.caller
    authorise_read(caller, "cloudtrail:LookupEvents", "*")
    row = find_event(caller.account_id, event_id)
    if row is None:
        raise Http404
    record = record_of(row)
    if request.GET.get("format") == "json":
        return JsonResponse(record, json_dumps_params={"indent": 2})
    decision = record.get("decision") or {}
    context = {
        "event": row,
        "record": record,
        "decision": decision,
        "explanation": explain(decision["trace"]) if "trace" in decision else None,
        "matched": list(_matched(decision, row.principal_arn)),
        "principal_url": page_of(caller, row.principal_arn),
        "related": related(row),
        "simulation": simulation_query(row, decision),
    }
    return render(request, "audit/event.html", context)


def _matched(decision: Mapping[str, Any], principal: str) -> Iterator[dict[str, Any]]:
    """The statements that decided, in words: counted from one, with what their policy is and whose."""
    for match in decision.get("matched", ()):
        label = match.get("sid") or _("Statement %(number)s") % {"number": match["statement"] + 1}
        yield {**match, "kind": kind_in_words(match["kind"], principal), "label": label}
