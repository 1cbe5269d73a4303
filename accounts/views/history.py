"""The history of a user, group or role, and bringing back what one change found."""

from itertools import islice
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.history.consequences import consequences_of
from accounts.history.events import MEMBERSHIPS, history_of, one_of
from accounts.history.restoring import Plan, carry_out, plan_of, restorable
from accounts.history.words import sentence
from accounts.holders import KINDS, Kind
from accounts.listings.history import history_list
from accounts.page_request import PageRequest
from accounts.reauthentication import fresh_factor_required
from operations.models import Event
from pages.listing import render_listing
from pages.undo import done
from policies.saving import save

LOOKED_AT, TOLD = 50, 5  # changes since, the newest: of so many, those of the same thing


class SeenForm(forms.Form):
    """What the reader of the review has seen of the present state."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)


def history(request: PageRequest, kind: str, name: str) -> HttpResponseBase:
    """Every change of it, newest first, each with what can be brought back."""
    holder = KINDS[kind]
    row = holder.read(request.caller, name)
    events = history_of(request.caller, row)
    context = {"holder": holder, "row": row, "entity": row, "tab": "history"}
    template = "accounts/holders/history.html"
    return render_listing(request, history_list(row.account_id), events, template=template, context=context)


@fresh_factor_required
def restore(request: PageRequest, kind: str, name: str, event_id: str) -> HttpResponse:
    """Show what would change if what one change found were brought back, and bring it back.

    It is done by the operations that the pages' own forms call, with the caller's rights. As what comes back may give access or make
    a credential work again, a fresh factor is asked for.
    """
    holder = KINDS[kind]
    row = holder.read(request.caller, name)
    event, later = one_of(request.caller, row, event_id)
    if event is None or event.error_code:
        raise Http404(_("There is no such change."))
    found = restorable(holder, row, event)
    back = holder.address(row.name, "history")
    context: dict[str, Any] = {"holder": holder, "row": row, "event": event, "back": back, "why_not": found.why_not}
    if found.why_not:
        return render(request, "accounts/holders/restore.html", context)
    plan = plan_of(request.caller, holder, row, found)
    form = SeenForm(request.POST or None)
    is_stale = form.is_bound and form.is_valid() and form.cleaned_data["seen"] not in ("", plan.seen)
    may_go = form.is_bound and not is_stale and plan.steps and not plan.hindered
    if may_go and save(form, lambda: carry_out(request.caller, plan.steps)):
        return _restored(request, holder, row, event, plan)
    context |= {
        "plan": plan,
        "form": form,
        "is_stale": is_stale,
        "since": _since(holder, row, later, plan) if plan.is_changed_since else (),
        "told": consequences_of(request.caller, holder, row, event, plan),
    }
    status = 409 if is_stale else 403 if getattr(form, "refusal", None) else 200
    return render(request, "accounts/holders/restore.html", context, status=status)


def _restored(request: PageRequest, holder: Kind, row: Any, event: Event, plan: Plan) -> HttpResponse:
    """Say so, with the way back, on the page of it under the name that it has now."""
    now = type(row)._default_manager.get(pk=row.pk)  # noqa: SLF001 - Django documents it as public
    said = _("Restored as before: “%(what)s”.") % {"what": sentence(event)}
    is_storable = all(
        step.name != "UpdateAccessKeyDetails" for step in plan.back
    )  # has a moment, which no session keeps
    on = "*" if event.name in MEMBERSHIPS else now.arn
    before = holder.address(row.name, "history") if now.name != row.name else ""
    done(request, said, plan.back if is_storable else (), on=on, replaces=on != "*", back=before)
    return redirect(holder.address(now.name, "history"))


def _since(holder: Kind, row: Any, later: "QuerySet[Event]", plan: Plan) -> list[Event]:
    """The newest of later changes that are about the same thing. One query."""
    newest = later.filter(error_code="").order_by("-sequence")[:LOOKED_AT]
    same = (
        each for each in newest if {facet.label for facet in restorable(holder, row, each).facets} & plan.now.keys()
    )
    return list(islice(same, TOLD))
