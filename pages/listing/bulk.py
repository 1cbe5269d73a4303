"""Bulk actions: a review of what will happen to each selected row, then the doing, piece by piece, with an outcome for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise

from operations.errors import AccessDenied, ServiceError
from pages.listing.selection import Selection, selection
from pages.listing.spec import Listing

SHOWN = 100  # rows listed in the review
PIECE = 25  # rows done in one request; the page asks for the next piece by itself
Text = str | Promise


@dataclass(frozen=True)
class BulkRun:
    """What a bulk action does. `perform(row, data)` calls the operation for one row and may return a sentence; `blocked(row)` says
    beforehand why a row cannot be done, or returns an empty text. `form` asks for what the action needs besides the rows.
    """

    title: Text
    button: Text
    back: str
    perform: Callable[[Any, Mapping[str, Any]], str | None]
    lead: Text = ""
    blocked: Callable[[Any], str] = lambda row: ""
    form: type[forms.Form] | None = None
    dangerous: bool = False
    shown_with: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """The outcome of one row."""

    name: str
    outcome: str
    message: str


def bulk_page(request: HttpRequest, listing: Listing, rows: "QuerySet[Any]", run: BulkRun) -> HttpResponse:
    """Answer a bulk action's address: the review when a list posts its selection, the outcome when the review is confirmed."""
    if request.method != "POST":
        return redirect(run.back)
    chosen = selection(request, listing, rows)
    form = run.form(request.POST if "go" in request.POST else None) if run.form else None
    if "go" not in request.POST or (form is not None and not form.is_valid()):
        return _review(request, listing, run, chosen, form)
    return _perform(request, listing, run, chosen, form)


def _review(
    request: HttpRequest, listing: Listing, run: BulkRun, chosen: Selection, form: forms.Form | None
) -> HttpResponse:
    count = chosen.rows.count()
    items = [(row, listing.row_name(row), run.blocked(row)) for row in chosen.rows[:SHOWN]]
    blocked = sum(1 for item in items if item[2])
    rest = count - blocked
    values = {
        "run": run,
        "count": count,
        "counted": f"{count} {listing.noun(count)}",
        "items": items,
        "blocked_count": blocked,
        "rest": f"{rest} {listing.noun(rest)}" if rest else "",
        "hidden_count": max(0, count - SHOWN),
        "fields": chosen.fields,
        "form": form,
    }
    return render(request, "pages/bulk_review.html", values)


def _perform(
    request: HttpRequest, listing: Listing, run: BulkRun, chosen: Selection, form: forms.Form | None
) -> HttpResponse:
    data = form.cleaned_data if form is not None else {}
    after = _number(request, "after")
    rows = chosen.rows.filter(pk__gt=after) if after else chosen.rows
    total = _number(request, "total") or chosen.rows.count()
    piece = list(rows[: PIECE + 1])
    done = [_one(run, listing.row_name(row), row, data) for row in piece[:PIECE]]
    sent = [(name, value) for name in (form.fields if form is not None else ()) for value in request.POST.getlist(name)]
    values = {
        "run": run,
        "done": done,
        "number": _number(request, "number") + len(done),
        "total": total,
        "fields": [*chosen.fields, *sent],
        "after": piece[PIECE - 1].pk if len(piece) > PIECE else "",
    }
    fragment = getattr(request, "htmx", False)
    return render(request, "pages/bulk_outcome.html#piece" if fragment else "pages/bulk_outcome.html", values)


def _number(request: HttpRequest, name: str) -> int:
    """A whole number that the page carries on; 0 for anything else."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _one(run: BulkRun, name: str, row: Any, data: Mapping[str, Any]) -> Done:
    if reason := run.blocked(row):
        return Done(name, "neutral", str(reason))
    try:
        message = run.perform(row, data)
    except AccessDenied as error:
        return Done(name, "implicitDeny", error.message)
    except ServiceError as error:
        return Done(name, "warning", error.message)
    return Done(name, "allowed", message or "")
