"""The trail: who did what, from where, with what outcome, and why."""

from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from audit.listing import events_of
from audit.queries import find_event, record_of, related, simulation_query, trail, trail_arn
from operations.gate import authorise_read
from pages.explanation import explain
from pages.listing import render_listing
from pages.request import CallerRequest


def events(request: CallerRequest) -> HttpResponseBase:
    """The account's Events, newest first."""
    caller = request.caller
    authorise_read(caller, "cloudtrail:LookupEvents", trail_arn(caller.account_id))
    return render_listing(request, events_of(caller.account_id), trail(caller.account_id), template="audit/events.html")


def event(request: CallerRequest, event_id: str) -> HttpResponse:
    """One Event with its decision, the change it made, and the CloudTrail record itself (`?format=json`)."""
    caller = request.caller
    authorise_read(caller, "cloudtrail:LookupEvents", trail_arn(caller.account_id))
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
        "related": related(row),
        "simulation": simulation_query(row, decision),
    }
    return render(request, "audit/event.html", context)
