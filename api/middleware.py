"""The door of the API, in front of everything that pages need: sessions, cross-site protection, languages.

What belongs to the API is answered here and goes no further, so that the raw request stays untouched until its signature is verified.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from api import questions, views, well_known

GetResponse = Callable[[HttpRequest], HttpResponse]
JSON_PATHS = {
    "/authorize": questions.authorize,
    "/verify": questions.verify,
    "/api/authorize": questions.authorize,
    "/api/verify": questions.verify,
}
HEALTH_PATHS = frozenset({"/healthz", "/readyz"})  # served on hosts of the API's own too
QUERY_PATHS = frozenset({"/", "/api", "/api/"})


class ApiMiddleware:
    """Answers requests to the API: below `/api/`, on the root by POST or with an Action, and everything on hosts of the API's own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.hosts = frozenset(settings.API_HOSTS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.META.get("PATH_INFO", "/")
        if path in JSON_PATHS and request.method == "POST":
            return JSON_PATHS[path](request)
        if path in QUERY_PATHS and (request.method == "POST" or self._asks(request, path)):
            return views.serve(request)
        if path.startswith(well_known.PREFIX):
            return well_known.serve(request)
        if path.startswith("/api/") or (path not in HEALTH_PATHS and self._is_own(request)):
            return views.unknown(request)
        return self.get_response(request)

    def _asks(self, request: HttpRequest, path: str) -> bool:
        """Whether a GET is one for the API: on paths and hosts of its own always, on the console's root with an Action or a signature."""
        if request.method != "GET":
            return False
        query = request.META.get("QUERY_STRING", "")
        asked = "Action=" in query or "X-Amz-Signature=" in query
        signed = str(request.META.get("HTTP_AUTHORIZATION", "")).startswith("AWS4-")
        return path != "/" or asked or signed or self._is_own(request)

    def _is_own(self, request: HttpRequest) -> bool:
        if not self.hosts:
            return False
        host = str(request.META.get("HTTP_HOST", "")).lower()
        return host in self.hosts or host.rpartition(":")[0] in self.hosts
