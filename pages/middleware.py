"""Middleware of the pages: times in the reader's zone, and a page for each error of an operation."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from operations.errors import ServiceError
from pages import errors, preferences

GetResponse = Callable[[HttpRequest], HttpResponse]


class ReaderZone:
    """Activates the time zone that the reader chose, or that their browser told in a cookie; UTC otherwise."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = preferences.read(request).get("zone") or request.COOKIES.get("zone", "")
        try:
            zone = ZoneInfo(str(name)[:64]) if name else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            zone = None
        with timezone.override(zone):
            return self.get_response(request)


class ErrorPages:
    """Shows the operations' errors as pages: a refusal with its reason, anything else with AWS's code and sentence."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return errors.service_error(request, exception) if isinstance(exception, ServiceError) else None
