"""The search over everything: the page, and the list under the search box."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from pages.search import MOST, search


def _asked_on(request: HttpRequest) -> str:
    """The page that the box stands on, as a path."""
    parts = urlsplit(request.headers.get("Referer", ""))
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """What fits `q`; for htmx only the hits, for the list under the box."""
    text = request.GET.get("q", "").strip()
    if getattr(request, "caller", None) is None:
        return redirect("/")
    fragment = getattr(request, "htmx", False)
    found = search(request.caller, text, 5, by_fit=True) if fragment else search(request.caller, text, MOST)  # type: ignore[attr-defined]
    values = {"text": text, "found": found, "next": _asked_on(request) if fragment else request.get_full_path()}
    return render(request, "pages/search_suggestions.html" if fragment else "pages/search.html", values)
