"""A list in a page: `{% listing %}`, and what stands beside it of one row: `{% list_preview %}`."""

from typing import Any

from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from pages.listing.preview import preview
from pages.listing.table import Table


def listing(context: Context, page: Any = None) -> SafeString:
    """The list of `render_listing` (or the ListPage given), with filter, table, selection and pagination."""
    page = page or context["list"]
    request, table = context.get("request"), Table(page)
    values = {
        "page": page,
        "listing": page.listing,
        "state": page.state,
        "heads": list(table.headers),
        "rows": list(table.rows(context)),
        "preview": preview(page, context),
        "offers": context.get("listing_offers"),
    }
    return SafeString(render_to_string("components/listing/listing.html", values, request))


def list_preview(context: Context) -> SafeString:
    """The previewed row of the list of `render_listing` by itself, as it comes into the place of another."""
    page = context["list"]
    values = {"page": page, "listing": page.listing, "preview": preview(page, context)}
    return SafeString(render_to_string("components/listing/preview.html", values, context.get("request")))
