"""Drafts of forms: kept while somebody writes, and discarded."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pages import kept_drafts


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep what stands in the form at `?form=`. 413 for what is too long, 404 for what is no such form."""
    kept = kept_drafts.keep(request, request.GET.get("form", ""))
    if kept is None:
        raise Http404
    return HttpResponse(status=204 if kept else 413)


@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    """Discard the draft of the form at `form`, and open it empty."""
    path = request.POST.get("form", "")
    if not kept_drafts.discard(request, path):
        raise Http404
    messages.success(request, _("The draft is discarded."))
    return redirect(escape_uri_path(path))
