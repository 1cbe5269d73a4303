"""Undoing the change of a message."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from operations.errors import AccessDenied, ServiceError
from pages import undo
from pages.request import CallerRequest
from pages.views.preferences import back


@require_POST
def take_back(request: CallerRequest) -> HttpResponse:
    """Undo, and go back to where the message was. Raises AccessDenied."""
    place = ""
    try:
        what, place = undo.undo(request)
        messages.success(request, _("Undone: “%(what)s”") % {"what": what})
    except AccessDenied:
        raise
    except ServiceError as error:
        messages.error(request, error.said)
    return redirect(place or back(request))
