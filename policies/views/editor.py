"""What the editor asks for while somebody writes: findings, a formatted text, completions, and its own frame."""

import json
from collections import Counter
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse, RawPostDataException
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from engine import PolicySyntaxError
from engine.canonical import fmt
from engine.validate import Finding
from engine.validate import check as findings_of
from pages.engine_texts import translated
from pages.request import CallerRequest
from policies.adding import OPERATOR_NAMES, offer_of
from policies.completion import completions
from policies.documents import size
from policies.editing import grouped
from policies.editor import KINDS, frame_context, limit_of
from policies.finding_words import in_words
from policies.words import said

LONGEST = 60_000  # characters; the largest quota, which counts no white space, is a third of it


@require_GET
def frame(request: CallerRequest) -> HttpResponse:
    """The frame for a text area that a page brought without it."""
    kind = request.GET.get("kind", "identity")
    if kind not in KINDS:
        return HttpResponseBadRequest()
    return render(request, "components/editor_frame.html", frame_context(kind))


@require_POST
def check(request: CallerRequest) -> HttpResponse:
    """What there is to say about a document: its sentences and the panel as HTML, the places of the findings, and the size that counts."""
    sent = _sent(request)
    if sent is None:
        return HttpResponseBadRequest()
    text, kind = sent
    found = findings_of(text, kind) if text.strip() else []
    sentences = said(kind, request.caller, text)
    answer = {
        "sentences": render_to_string("policies/sentences.html", {"sentences": sentences, "in_editor": True}, request)
        if sentences
        else "",
        "html": render_to_string("components/findings.html", {"groups": grouped(found)}, request),
        "marks": [_mark(each) for each in found],
        "size": size(text),
        "limit": limit_of(kind),
        "said": in_words(Counter(each.severity for each in found)),
    }
    return JsonResponse(answer)


@require_POST
def format_document(request: CallerRequest) -> HttpResponse:
    """The document laid out anew; for one that is not JSON, where it is not."""
    sent = _sent(request)
    if sent is None:
        return HttpResponseBadRequest()
    try:
        return JsonResponse({"text": fmt(sent[0])})
    except PolicySyntaxError as error:
        return JsonResponse(
            {"line": error.line, "column": error.column, "message": translated(error.message)}, status=422
        )


@require_GET
def complete(request: CallerRequest) -> JsonResponse:
    """What may stand at a place: `?place=action&text=s3:Ge&kind=identity&services=s3,ec2`, and for a value `&operator=&key=`."""
    services = [prefix for prefix in request.GET.get("services", "")[:500].split(",") if prefix]
    found = completions(
        request.GET.get("place", ""),
        request.GET.get("text", "")[:200],
        kind=request.GET.get("kind", "identity"),
        services=services,
        key=request.GET.get("key", "")[:200],
        operator=request.GET.get("operator", "")[:60],
        account_id=request.caller.account_id,
        caller=request.caller,
    )
    return JsonResponse(
        {"found": [{"value": each.value, "note": translated(each.note), "about": each.about} for each in found]}
    )


@require_GET
def actions(request: CallerRequest) -> HttpResponse:
    """What there is to choose of a service, `?service=s3`: its actions, the forms of its resources, its condition keys. It tells nothing
    about the account. Raises Http404."""
    offer = offer_of(request.GET.get("service", "")[:100], request.caller.account_id)
    if offer is None:
        raise Http404(_("There is no such service."))
    return render(request, "policies/service_actions.html", {"offer": offer, "operators": OPERATOR_NAMES})


def _sent(request: CallerRequest) -> tuple[str, str] | None:
    """The text and kind of a request with a JSON body; None for one that is none."""
    try:
        body: Any = json.loads(request.body)
        text, kind = body["document"], body["kind"]
    except (ValueError, KeyError, TypeError, RecursionError, RawPostDataException):
        return None
    fits = isinstance(text, str) and len(text) <= LONGEST and kind in KINDS
    return (text, kind) if fits else None


def _mark(found: Finding) -> dict[str, Any]:
    span = found.span
    return {
        "severity": found.severity,
        "message": translated(found.message),
        "line": span.start_line,
        "column": span.start_column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
