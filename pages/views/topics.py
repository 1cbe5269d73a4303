"""The console's own help."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pages.topics import TOPICS


@require_safe
def read(request: HttpRequest, topic: str) -> HttpResponse:
    """A topic: its text alone for the panel beside a page, else a page. Raises Http404 for a key that is none."""
    if topic not in TOPICS:
        raise Http404
    in_panel = bool(request.headers.get("HX-Request"))
    others = sorted((one for one in TOPICS.values() if one.key != topic), key=lambda one: str(one.title))
    context = {"topic": TOPICS[topic], "others": others, "in_panel": in_panel}
    return render(request, "pages/help_text.html" if in_panel else "pages/help.html", context)
