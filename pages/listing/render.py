"""Answering a request for a list: the page, its fragment, its suggestions or its export."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers

from operations.statistics import planned_by_values
from pages.listing.export import export
from pages.listing.page import ListPage
from pages.listing.shared import shared_filters
from pages.listing.spec import Listing
from pages.listing.state import State
from pages.listing.suggest import offers
from pages.preferences import of_list

# What htmx puts in a place of the list, by the end of the place's id.
FRAGMENTS = (("", "components/listing/fragment.html"), ("-preview", "components/listing/preview_fragment.html"))


def make_list(request: HttpRequest, listing: Listing, rows: "QuerySet[Any]") -> ListPage:
    """The list's page that the request asks for; a template shows it with `{% listing name %}`."""
    caller = getattr(request, "caller", None)
    listing = listing.for_reader(caller)
    state = State(listing, request.GET, of_list(request, listing.key), partial(shared_filters, caller, listing.key))
    return ListPage(listing, rows, state, caller, request.path)


def render_listing(
    request: HttpRequest,
    listing: Listing,
    rows: "QuerySet[Any]",
    *,
    template: str,
    context: Mapping[str, Any] | None = None,
) -> HttpResponseBase:
    """Answer a list page: `rows` are all rows that the caller may see, already authorised by the view; which of their properties the
    caller may see is decided here (`needs`).

    The template gets the page as `list` and shows it with `{% listing %}`. The same address also serves the fragment that htmx
    asks for, the filter's suggestions (`?suggest=`) and the export (`?export=csv`). Without any state of the list it leads on to the
    filter that the reader has made the default.
    """
    page = make_list(request, listing, rows)
    if page.state.opens_elsewhere and request.method in {"GET", "HEAD"}:
        return redirect(f"{request.path}{page.state.opening}")
    if request.GET.get("export") in {"csv", "json"}:
        return export(page, request.GET["export"])
    with planned_by_values():
        return _shown(request, page, template, context or {})


def _shown(request: HttpRequest, page: ListPage, template: str, context: Mapping[str, Any]) -> HttpResponseBase:
    state, rows = page.state, page.all_rows
    if "suggest" in request.GET:
        groups = offers(state, rows, request.GET.get("add", "")[:200])
        return render(request, "components/listing/suggestions.html", {"groups": groups})
    if taken := state.taking_typed:
        return redirect(f"{request.path}{taken}")
    shown = offers(state, rows, request.GET["add"][:200]) if "add" in request.GET else None
    htmx = getattr(request, "htmx", None)
    refreshed = bool(htmx) and htmx.trigger == f"{page.dom_id}-refresh"  # type: ignore[union-attr]
    values = {**context, "list": page, "listing_offers": shown, "refreshed": refreshed}
    fragment = next((name for end, name in FRAGMENTS if htmx and htmx.target == page.dom_id + end), None)
    response = render(request, fragment or template, values)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
