"""A list in a page: `{% listing %}`."""

from typing import Any

from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString


def listing(context: Context, page: Any = None) -> SafeString:
    """The list of `render_listing` (or the ListPage given), with filter, table, selection and pagination."""
    page = page or context["list"]
    request = context.get("request")
    values = {
        "page": page,
        "listing": page.listing,
        "state": page.state,
        "rows": list(page.cells(context)),
        "offers": context.get("listing_offers"),
    }
    return SafeString(render_to_string("components/listing/listing.html", values, request))
