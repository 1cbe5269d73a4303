"""When the session ends, for the page that warns of it (static/js/session.js)."""

from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.admission import public
from accounts.console_session import rest
from accounts.page_request import PageRequest


@public
@never_cache
@require_http_methods(["GET", "POST"])
def session_end(request: PageRequest) -> JsonResponse:
    """In how many seconds the browser's session ends, and whether that is final. Asking is no use of the session; posting is."""
    found = rest(request, stay=request.method == "POST")
    return JsonResponse({"seconds": max(0, int(found.seconds)), "final": found.is_final})
