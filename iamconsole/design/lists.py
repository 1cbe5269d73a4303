"""Lists in each state for the living page: rows, none, no match, a filter that is not understood, offers for a date, a saved
filter with which the list opens."""

from copy import copy
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.models import User
from pages.listing import make_list
from pages.listing.saved import SavedFilter
from pages.listing.suggest import offers
from pages.request import CallerRequest
from pages.views.design import example_listing

SAVED = (SavedFilter("Without MFA", "f=mfa:eq:none", default=True), SavedFilter("Latest first", "sort=-activity"))


def lists_in_each_state(request: CallerRequest) -> dict[str, Any]:
    """The lists by what the templates call them, and the offers of the filter for dates."""
    rows = User.objects.filter(account_id=request.caller.account_id)
    dated = _list(request, "dated", rows, "f=created:ge:2026-11-01")
    return {
        "some_rows": _list(request, "rows", rows, "size=10"),
        "no_rows": _list(request, "none", rows.none(), ""),
        "no_match": _list(request, "unfit", rows, "f=name:eq:nobody-is-called-so"),
        "not_understood": _list(request, "wrong", rows, "f=created:ge:yesterday"),
        "opened_with": _list(request, "saved", rows, "f=mfa:eq:none", SAVED),
        "dated": dated,
        "date_offers": offers(dated.state, rows, "Created ≥ "),
    }


def _list(
    request: CallerRequest, key: str, rows: "QuerySet[User]", query: str, saved: tuple[SavedFilter, ...] = ()
) -> Any:
    asked = copy(request)
    asked.GET = QueryDict(query)
    page = make_list(asked, replace(example_listing(), key=f"design-{key}", label=f"Users: {key}"), rows)
    page.state.preferences = {"saved": [one.kept for one in saved]}
    return page
