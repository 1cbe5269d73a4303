"""The search over everything: the page, and the list under the search box."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from pages.search import search


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """What fits `q`; for htmx only the hits, for the list under the box."""
    text = request.GET.get("q", "").strip()
    if getattr(request, "caller", None) is None:
        return redirect("/")
    fragment = getattr(request, "htmx", False)
    values = {"text": text, "found": search(request.caller, text, 5 if fragment else 25)}  # type: ignore[attr-defined]
    return render(request, "components/search_hits.html" if fragment else "pages/search.html", values)
