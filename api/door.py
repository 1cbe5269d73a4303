"""The door of the API, in front of everything that pages need: sessions, cross-site protection, languages.

What belongs to the API is answered here and goes no further, so that the raw request stays untouched until its signature is verified. A
server asks `Door` (WSGI); where Django itself is the server, as in its test client, `ApiMiddleware` stands first and does the same.
"""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from threading import local
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest, HttpResponse

from api import questions, views, well_known
from api.answers import Answer
from api.wire import Incoming

Answering = Callable[[Incoming], Answer]
JSON_PATHS: Mapping[str, Answering] = {
    "/authorize": questions.authorize,
    "/verify": questions.verify,
    "/api/authorize": questions.authorize,
    "/api/verify": questions.verify,
}
HEALTH_PATHS = frozenset({"/healthz", "/readyz"})  # served on hosts of the API's own too
QUERY_PATHS = frozenset({"/", "/api", "/api/"})
TRUSTED_SECONDS = 5.0
_STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def answer_to(environ: Mapping[str, Any]) -> Answering | None:
    """Who answers a request of the API: below `/api/`, on the root by POST or with an Action, everything on hosts of the API's own.

    None for what is not the API's.
    """
    path, method = environ.get("PATH_INFO", "/"), environ.get("REQUEST_METHOD")
    if path in JSON_PATHS and method == "POST":
        return JSON_PATHS[path]
    if path in QUERY_PATHS and (method == "POST" or (method == "GET" and _asks(environ, path))):
        return views.serve
    if path.startswith(well_known.PREFIX):
        return well_known.serve
    if path.startswith("/api/") or (path not in HEALTH_PATHS and _is_own(environ)):
        return views.unknown
    return None


def _asks(environ: Mapping[str, Any], path: str) -> bool:
    """Whether a GET is one for the API: on paths and hosts of its own always, on the console's root with an Action or a signature."""
    query = environ.get("QUERY_STRING", "")
    asked = "Action=" in query or "X-Amz-Signature=" in query
    signed = str(environ.get("HTTP_AUTHORIZATION", "")).startswith("AWS4-")
    return path != "/" or asked or signed or _is_own(environ)


def _is_own(environ: Mapping[str, Any]) -> bool:
    hosts = settings.API_HOSTS
    if not hosts:
        return False
    host = str(environ.get("HTTP_HOST", "")).lower()
    return host in hosts or host.rpartition(":")[0] in hosts


_thread = local()


def _look_at_connections() -> None:
    """What Django does before each request, but a connection that worked a moment ago is not asked whether it still lives.

    When the database was restarted since, one request is answered with ServiceUnavailable, which every SDK repeats.
    """
    database = connections[DEFAULT_DB_ALIAS]
    database.close_if_unusable_or_obsolete()
    moment = monotonic()
    if moment - getattr(_thread, "used", 0.0) < TRUSTED_SECONDS:
        database.health_check_done = True  # type: ignore[attr-defined]
    _thread.used = moment


class Door:
    """The WSGI application: the API's requests are answered without Django's request, signals and middleware, which they do not need."""

    def __init__(self, console: Callable[..., Iterable[bytes]]) -> None:
        self.console = console

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answering = answer_to(environ)
        if answering is None:
            return self.console(environ, start_response)
        _look_at_connections()
        answer = answering(Incoming(environ))
        start_response(_STATUS[answer.status], list(answer.headers.items()))
        return [answer.content]


class ApiMiddleware:
    """The same door where Django is the server."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answering = answer_to(request.META)
        return answering(Incoming(request.META)).as_response() if answering else self.get_response(request)
