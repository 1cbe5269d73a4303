"""Bulk actions: a review of what will happen to each selected row, then the doing, piece by piece, with an outcome for each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from operations import rehearsal
from operations.errors import AccessDenied, ServiceError
from operations.rehearsal import Step
from pages import drafts, reasons
from pages.components.shell import grouped
from pages.listing import meanwhile
from pages.listing.review import SHOWN, Refused, look_ahead
from pages.listing.selection import Selection, selection
from pages.listing.spec import Listing
from pages.picking import created_on_the_way, left_to_create, looked_up
from pages.undo import offered

WHAT_GOES = gettext_lazy("What goes with it")
NOW = gettext_lazy("Now")
CHANGED = gettext_lazy("It was changed after the review. Choose it once more to see what it has now.")
NOTHING = gettext_lazy("Nothing was selected.")
GONE = gettext_lazy("Nothing of what was selected is there any more.")
PIECE = 25  # rows done in one request; the page asks for the next piece by itself
Text = str | Promise


class NothingSelectedError(Exception):
    """No row is selected, or none of them is there any more."""


@dataclass(frozen=True)
class Loss:
    """Something that goes with a row that is deleted or changed: how many (None for a sentence without a number), what they are or become,
    when they were used last, the first names.
    """

    count: int | None
    text: str
    used_at: datetime | None = None
    names: tuple[str, ...] = ()

    @property
    def unnamed(self) -> int:
        """How many there are besides the names."""
        return (self.count or 0) - len(self.names) if self.names else 0


def left_as_is(number: int, counted: str) -> str:
    """How many rows stay as they are; `counted` is how many were selected, with their noun."""
    words = ngettext(
        "%(number)s of %(counted)s will be left unchanged.", "%(number)s of %(counted)s will be left unchanged.", number
    )
    return words % {"number": grouped(number), "counted": counted}


def not_deleted(number: int, counted: str) -> str:
    """The same for a deletion."""
    words = ngettext(
        "%(number)s of %(counted)s will not be deleted.", "%(number)s of %(counted)s will not be deleted.", number
    )
    return words % {"number": grouped(number), "counted": counted}


@dataclass(frozen=True)
class BulkRun:
    """What a bulk action does. `perform(row, data)` calls the operation for one row and may return a sentence; `blocked(row)` says
    beforehand why a row cannot be done, or returns an empty text, and `left_out` is the same as a condition, by which all selected rows
    are counted. `hindered(rows)` says the same of many at once, by primary key, for what has to be read about them. `refused(rows)`
    says by primary key which of them the caller may not do, in a fixed number of queries; the gate decides
    all the same when it is done. `opposite(row, data)`, asked before a row is done, is the operation that takes it back, or several, or
    None where nothing will change; what one request has done can be undone. `back` is the list's address, which gets the list's state;
    `then` is where the outcome leads instead, and `back_label` what that is called where it is no list. `watches` are operations that
    change what the review told: a row that one of them has changed since is left as it is, and that is said.

    `form` makes the form of what the action needs besides the rows, and of the reason too where `asks_reason` is false: its class, or
    with who chooses in its pickers (`partial(SomeForm, caller=…)`). Where it decides what becomes of a row, `decided(data)` is the run
    as it is then: the form has a page of its own, and the review comes after it. `now(row)` is what a row has so far, below
    `now_heading`.

    Words: `button` is the verb beside each row, `go(counted)` the button that does it (`Delete 2 users`), `done(number)` the title of
    the outcome (`2 users deleted`), `with_what(data)` the sentence below it, `left` how many are left out. `address(row)` is the row's
    page. A deletion is `dangerous`: `losses(rows)` says by primary key what goes with each, in a fixed number of queries, under the
    words of `heading`, or of `nothing` where nothing does; with `tells_blocked` also of rows that cannot be done. Where `confirm(rows)`
    gives a reason, their number is typed before they go. `impact(rows)` is what it does to access, which `components/impact.html` shows.
    """

    title: Text
    button: Text
    back: str
    perform: Callable[[Any, Mapping[str, Any]], str | None]
    lead: Text = ""
    blocked: Callable[[Any], str] | None = None
    left_out: Q | None = None
    opposite: Callable[[Any, Mapping[str, Any]], Step | Sequence[Step] | None] | None = None
    refused: Callable[[Sequence[Any]], Refused] | None = None
    hindered: Callable[[Sequence[Any]], Refused] | None = None
    watches: Sequence[str] = ()
    then: str = ""
    back_label: Text = ""
    form: Callable[..., forms.Form] | None = None
    decided: Callable[[Mapping[str, Any]], "BulkRun"] | None = None
    now: Callable[[Any], str] | None = None
    now_heading: Text = NOW
    asks_reason: bool = True
    dangerous: bool = False
    go: Callable[[str], str] | None = None
    done: Callable[[int], str] | None = None
    with_what: Callable[[Mapping[str, Any]], str] = lambda data: ""
    left: Callable[[int, str], str] = left_as_is
    address: Callable[[Any], str] | None = None
    heading: Text = WHAT_GOES
    nothing: Text = ""
    losses: Callable[[Sequence[Any]], Mapping[Any, Sequence[Loss]]] | None = None
    tells_blocked: bool = False
    confirm: Callable[["QuerySet[Any]"], str] = lambda rows: ""
    impact: Callable[["QuerySet[Any]"], Any] = lambda rows: None

    def why_blocked(self, row: Any) -> str:
        """Why a row cannot be done whoever asks, or an empty text."""
        return str(self.blocked(row)) if self.blocked else ""


@dataclass(frozen=True)
class Item:
    """A row in the review: its name, its page, why it is left out, what goes with it, and what it has now."""

    name: str
    href: str
    why: str
    losses: Sequence[Loss] = ()
    now: str = ""


@dataclass(frozen=True)
class Done:
    """The outcome of one row; `href` is its page while it is there."""

    name: str
    outcome: str
    message: str
    href: str = ""
    opposites: Sequence[Step] = ()


def is_confirmed(request: HttpRequest) -> bool:
    """Whether a review's button was pressed: for what is asked for only then."""
    return "go" in request.POST


def bulk_page(request: HttpRequest, listing: Listing, rows: "QuerySet[Any]", run: BulkRun) -> HttpResponse:
    """Answer a bulk action's address: the review when a list posts its selection, the outcome when the review is confirmed.

    A form that was left to create something comes back as it was (pages.drafts). Where nothing is selected, the list comes back and
    says so.
    """
    data = request.POST if request.method == "POST" else drafts.taken(request)
    if data is None:
        return redirect(run.back)
    listing = listing.for_reader(getattr(request, "caller", None))
    chosen = selection(data, listing, rows)
    try:
        return _step(request, listing, run, chosen, data)
    except NothingSelectedError:
        messages.warning(request, GONE if chosen.is_made else NOTHING)
        return redirect(chosen.list_at(run.back))


def single_page(request: HttpRequest, listing: Listing, rows: "QuerySet[Any]", row: Any, run: BulkRun) -> HttpResponse:
    """The same for one row, whose own address this is: opened it shows the review, and nothing need be selected."""
    listing = listing.for_reader(getattr(request, "caller", None))
    chosen = replace(selection(QueryDict(f"select={row.pk}"), listing, rows), fields=[])
    try:
        return _step(request, listing, run, chosen, request.POST)
    except NothingSelectedError:
        messages.warning(request, GONE)
        return redirect(run.back)


def _step(request: HttpRequest, listing: Listing, run: BulkRun, chosen: Selection, data: QueryDict) -> HttpResponse:
    """The form, the review or the outcome. Raises NothingSelectedError."""
    form = run.form(data if "asked" in data or "go" in data else None) if run.form else None
    if form is not None and (elsewhere := left_to_create(request, form)) is not None:
        return elsewhere
    if not _is_filled_in(request, data, form):
        context = {**_review(listing, run, chosen), "form": form, "is_asked": run.decided is not None}
        context["panels"] = created_on_the_way(form) if form is not None else []
        context = context if run.decided else _marked(request, run, context)
        return render(request, "pages/bulk_review.html", context)
    if run.decided is not None and form is not None:
        run = run.decided(form.cleaned_data)
    if "go" in data:
        return _confirmed(request, listing, run, chosen, form)
    context = {**_review(listing, run, chosen), **_form_in(run, chosen, data, form)}
    return render(request, "pages/bulk_review.html", _marked(request, run, context))


def _confirmed(
    request: HttpRequest, listing: Listing, run: BulkRun, chosen: Selection, form: forms.Form | None
) -> HttpResponse:
    """Do what the review has told, as soon as the number of rows is typed where it has to be."""
    if rehearsal.is_on():
        return _rehearse(listing, run, chosen, form)
    if _number(request, "after") or not run.confirm(
        chosen.rows
    ):  # a further piece of what was confirmed, or nothing to type
        return _perform(request, listing, run, chosen, form)
    review = _review(listing, run, chosen)
    if not review["confirm"] or request.POST.get("confirmation", "").strip() == str(review["rest_count"]):
        return _perform(request, listing, run, chosen, form)
    context = {**review, **_form_in(run, chosen, request.POST, form), "wrong": True}
    return render(request, "pages/bulk_review.html", _marked(request, run, context), status=400)


def _marked(request: HttpRequest, run: BulkRun, context: dict[str, Any]) -> dict[str, Any]:
    """A review whose button also says what its reader has seen."""
    if not run.watches or not context["rest_count"]:
        return context
    return {**context, "fields": [*context["fields"], meanwhile.mark(_account(request))]}


def _account(request: HttpRequest) -> str:
    return str(request.caller.account_id)  # type: ignore[attr-defined]


def _form_in(run: BulkRun, chosen: Selection, data: QueryDict, form: forms.Form | None) -> dict[str, Any]:
    """The form in a review: to be filled in, or where it came before, carried on."""
    if run.decided is None:
        return {"form": form}
    return {"fields": [*chosen.fields, *_sent(data, form)], "is_decided": True}


def _is_filled_in(request: HttpRequest, data: QueryDict, form: forms.Form | None) -> bool:
    """Whether what is asked for besides the rows was sent and is right; a step in a picker sends the form too, unfinished."""
    is_step = form is not None and looked_up(form)
    if is_step or request.method != "POST" or not ("go" in data or "review" in data):
        return False
    return (form is None or form.is_valid()) and not reasons.wrong(reasons.sent(request))


def _sent(data: QueryDict, form: forms.Form | None) -> list[tuple[str, str]]:
    """What was typed into the form, for the next step's hidden fields."""
    return [(name, value) for name in (form.fields if form is not None else ()) for value in data.getlist(name)]


def _review(listing: Listing, run: BulkRun, chosen: Selection) -> dict[str, Any]:
    found = look_ahead(run, chosen)
    if not found.count:
        raise NothingSelectedError
    shown = found.rows[:SHOWN]
    untold = found.refused if run.tells_blocked else found.why
    losses = run.losses([row for row in shown if row.pk not in untold]) if run.losses else {}
    items = [
        Item(
            listing.row_name(row),
            run.address(row) if run.address else "",
            found.why.get(row.pk, ""),
            losses.get(row.pk, ()),
            run.now(row) if run.now and row.pk not in found.refused else "",
        )
        for row in shown
    ]
    counted = f"{grouped(found.count)} {listing.noun(found.count)}"
    rest = found.count - found.left
    rest_counted = f"{grouped(rest)} {listing.noun(rest)}"
    go = run.go(rest_counted) if run.go else f"{run.button} · {rest_counted}"
    return {
        "run": run,
        "back": chosen.list_at(run.back),
        "losses_shown": run.losses is not None,
        "now_shown": run.now is not None,
        "count": found.count,
        "counted": counted,
        "items": items,
        "blocked": run.left(found.left, counted) if found.left else "",
        "reasons": found.reasons(listing),
        "is_whole": found.is_whole,
        "checked": grouped(len(found.rows)) if len(found.rows) < found.count else "",
        "rest_count": rest,
        "go": go if rest else "",
        "confirm": run.confirm(chosen.rows) if rest else "",
        "hidden_count": max(0, found.count - SHOWN),
        "impact": run.impact(chosen.rows) if rest else None,
        "fields": chosen.fields,
    }


def _perform(
    request: HttpRequest, listing: Listing, run: BulkRun, chosen: Selection, form: forms.Form | None
) -> HttpResponse:
    """Do the next piece. Pieces go along the ids, which no action moves; within a piece rows stand as in the list."""
    data = form.cleaned_data if form is not None else {}
    after = _number(request, "after")
    rows = chosen.rows.filter(pk__gt=after) if after else chosen.rows
    total = _number(request, "total") or chosen.rows.count()
    keys = list(rows.values_list("pk", flat=True)[: PIECE + 1])
    if not keys and not after:
        raise NothingSelectedError
    piece = replace(chosen, rows=rows.filter(pk__in=keys[:PIECE])).first(PIECE)
    refused = run.refused(piece).why if run.refused else {}
    hindered = run.hindered(piece).why if run.hindered else {}
    changed = meanwhile.changed_since(request, _account(request), run.watches, piece) if run.watches else ()
    done = [
        _one(
            run,
            listing.row_name(row),
            row,
            data,
            refused.get(row.pk, ""),
            hindered.get(row.pk, ""),
            is_changed=bool(changed) and row.arn in changed,
        )
        for row in piece
    ]
    succeeded = _number(request, "succeeded") + sum(item.outcome == "allowed" for item in done)
    is_last = len(keys) <= PIECE
    title = run.done(succeeded) if run.done and is_last else str(run.title)
    leads = run.then or chosen.list_at(run.back)
    steps = [step for item in done for step in item.opposites]
    number = _number(request, "number") + len(done)
    values = {
        "run": run,
        "back": leads,
        "undo": offered(request, title, steps, on="*", back=leads) if is_last and not after else "",
        "done": done,
        "number": number,
        "succeeded": succeeded,
        "total": total,
        "fields": [*chosen.fields, *_sent(request.POST, form), *reasons.fields_of(request), *_seen(request)],
        "after": "" if is_last else keys[PIECE - 1],
        "title": title,
        "said": _ended(run, listing, number, succeeded, is_titled=not after) if is_last else "",
        "lead": run.with_what(data),
        "messages_shown": not is_last or bool(after) or any(item.message for item in done),
    }
    fragment = getattr(request, "htmx", False)
    return render(request, "pages/bulk_outcome.html#piece" if fragment else "pages/bulk_outcome.html", values)


def _ended(run: BulkRun, listing: Listing, number: int, succeeded: int, *, is_titled: bool) -> str:
    """What stands below the outcomes of a whole run: what was done, if the title does not say it already, and how many were not."""
    counted = f"{grouped(number)} {listing.noun(number)}"
    said = [] if run.done and is_titled else [run.done(succeeded) if run.done else _("Finished: %s") % counted]
    if left := number - succeeded:
        words = ngettext("Not done: %(left)s of %(counted)s", "Not done: %(left)s of %(counted)s", left)
        said.append(words % {"left": grouped(left), "counted": counted})
    return " ".join(f"{each}." for each in said)


def _number(request: HttpRequest, name: str) -> int:
    """A whole number that the page carries on; 0 for anything else."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _seen(request: HttpRequest) -> list[tuple[str, str]]:
    return [(meanwhile.FIELD, value) for value in request.POST.getlist(meanwhile.FIELD)[:1]]


def _one(
    run: BulkRun,
    name: str,
    row: Any,
    data: Mapping[str, Any],
    refused: str = "",
    hindered: str = "",
    *,
    is_changed: bool = False,
) -> Done:
    """Do one row; `refused` says that the caller may not, who then is told that alone, whether there would be something to do or not."""
    href = run.address(row) if run.address else ""
    if reason := run.why_blocked(row) or hindered or (str(CHANGED) if is_changed else ""):
        return Done(name, "implicitDeny" if refused else "neutral", refused or reason, href)
    opposites = _steps(run.opposite(row, data) if run.opposite else None)
    try:
        message = run.perform(row, data)
    except AccessDenied as error:
        return Done(name, "implicitDeny", refused or error.message, href)
    except ServiceError as error:
        return Done(name, "warning", error.message, href)
    is_gone = run.dangerous and not opposites
    return Done(name, "allowed", message or "", "" if is_gone else href, opposites)


def _steps(found: Step | Sequence[Step] | None) -> Sequence[Step]:
    return () if found is None else (found,) if isinstance(found, Step) else found


def _rehearse(listing: Listing, run: BulkRun, chosen: Selection, form: forms.Form | None) -> HttpResponse:
    """Do the first rows, to be told as commands: nothing of it stays, so the number that confirms it is not asked for."""
    data = form.cleaned_data if form is not None else {}
    rows = chosen.first(SHOWN)
    hindered = run.hindered(rows).why if run.hindered else {}
    for row in rows:
        _one(run, listing.row_name(row), row, data, hindered=hindered.get(row.pk, ""))
    rehearsal.leave_out(chosen.rows.count() - SHOWN)
    return HttpResponse()
