"""Why a call was denied: the recorded decision, whole for who may read the trail, its layers and permission for the caller denied."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from access.variant import Variants
from access.variants import variants
from audit.principals import is_own, page_of
from audit.queries import find_event, record_of, simulation_query
from engine import resource_named
from operations.errors import AccessDenied
from operations.gate import authorise_read
from operations.models import Event
from pages import asking
from pages.errors import layer_label, register_explanation, verdict_word
from pages.explanation import explain, reason, sentence
from pages.refusing import LAYERS, layers_of, recorded, whom_to_ask
from pages.request import CallerRequest

LOOK_UP = "cloudtrail:LookupEvents"


def why(request: CallerRequest, event_id: str) -> HttpResponse:
    """The explanation of a recorded denial. Whoever may not read the trail and was not denied themself is refused."""
    caller = request.caller
    row = find_event(caller.account_id, str(event_id))
    may_read = caller.may(LOOK_UP, "*")
    if may_read or row is None or not is_own(caller, row):
        authorise_read(caller, LOOK_UP, "*")
    if row is None or row.error_code != AccessDenied.code:
        raise Http404
    record = record_of(row)
    found: dict[str, Any] = record.get("decision") or {}
    explanation = explain(found["trace"]) if may_read and "trace" in found else None
    outcome, blocked = row.outcome or "implicitDeny", found.get("blockedBy") or ()
    action, resource = found.get("action", row.name), found.get("resource", row.resource)
    refusing = layers_of(recorded(found, outcome, action, resource))
    if not may_read:  # who was denied learns of the resource no more than they have asked
        resource = resource_named(action, resource)
        found = {**found, "resource": resource} if found.get("resource") else found
    layers = [LAYERS.get(layer, layer) for layer in refusing]
    said = sentence(row.principal_arn, action, resource, outcome, reason(outcome, blocked))
    ways = variants(caller, row, found, refusing) if may_read else None
    link = request.build_absolute_uri()
    ask = asking.address_at(caller, row.event_id) if is_own(caller, row) and row.outcome != "allowed" else ""
    context = {
        "text": as_text(row, record, found, explanation.sentence if explanation else said, layers, ways, link),
        "variants": ways,
        "similar": list(_similar(row)) if may_read else [],
        "event": row,
        "record": record,
        "decision": found,
        "explanation": explanation,
        "outcome": outcome,
        "word": verdict_word(outcome, blocked),
        "sentence": said,
        "layers": layers,
        "layer_label": layer_label(outcome),
        "advice": whom_to_ask(outcome, refusing, can_request=bool(ask)),
        "principal_url": page_of(caller, row.principal_arn),
        "whole": may_read,
        "simulation": simulation_query(row, found) if may_read else "",
        "ask": ask,
    }
    return render(request, "access/why.html", context)


def as_text(
    row: Event,
    record: Mapping[str, Any],
    decision: Mapping[str, Any],
    said: str,
    layers: Iterable[object],
    ways: Variants | None,
    link: str,
) -> str:
    """The denial as plain text, for a ticket: no more than the page shows its reader."""
    facts = [
        (_("Principal"), row.principal_arn),
        (_("Missing permission"), decision.get("action")),
        (_("Resource"), decision.get("resource")),
        (layer_label(row.outcome or "implicitDeny"), ", ".join(map(str, layers))),
        (_("Event time"), f"{row.time:%Y-%m-%d %H:%M:%S} UTC"),
        (_("Source IP address"), row.source_ip),
        (_("Request ID"), row.request_id),
        (_("Event ID"), row.event_id),
        (_("Message"), record.get("errorMessage")),
        (_("Link"), link),
    ]
    lines = [said, "", *(f"{label}: {value}" for label, value in facts if value)]
    if ways and ways.rows:
        lines += ["", ways.lead, *(f"- {each.change}. {each.risk}" for each in ways.rows)]
    return "\n".join(lines)


def _similar(row: Event) -> Iterator[tuple[str, str]]:
    """Questions like this one, as words and the trail's filters."""
    denied, name, words = ("outcome", "denied"), ("name", row.name), {"name": row.name}
    asked: list[tuple[str, list[tuple[str, str]]]] = []
    if row.principal_arn:
        same = ("principal", row.principal_arn)
        asked.append((_("%(name)s on other resources, denied to the same principal") % words, [same, name, denied]))
        asked.append((_("Denials of the same principal"), [same, denied]))
    asked.append((_("Who else was denied %(name)s") % words, [name, denied]))
    if row.resource:
        here = ("resource", row.resource)
        asked.append((_("Who else was denied %(name)s on this resource") % words, [name, here, denied]))
        asked.append((_("What else was denied on this resource"), [here, denied]))
    for said, filters in asked:
        yield said, urlencode([("f", f"{key}:eq:{value}") for key, value in filters])


@register_explanation
def address(request: HttpRequest, error: AccessDenied) -> str:
    """The address of a refusal's explanation; empty for refusals that were not recorded.

    Who may not read the trail finds there no more than the refused page says itself, so only a short message leads them there.
    """
    event_id, caller = error.details.get("event_id"), getattr(request, "caller", None)
    if not event_id or caller is None:
        return ""
    is_short = bool(getattr(request, "htmx", False))
    tells_more = is_short or caller.may(LOOK_UP, "*")
    return reverse("access:why", args=[event_id]) if tells_more else ""
