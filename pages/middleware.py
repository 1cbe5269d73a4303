"""Middleware of the pages: times in the reader's zone, and a page for each error of an operation."""

from collections.abc import Callable
from http import HTTPStatus
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.utils.translation import gettext

from operations.errors import ServiceError
from pages import commands, errors, preferences
from pages.forms import unsaid
from pages.request import FOUND_NOWHERE, NUL, without_nul

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


class WholeForms:
    """Answers a form that did not come whole, because its sender hung up or was too slow; no page sees a part of it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            request.POST  # noqa: B018 - reading it is what may fail
        except UnreadablePostError:
            text = gettext("The form did not arrive in time. Go back and send it again.")
            return HttpResponse(text, status=HTTPStatus.REQUEST_TIMEOUT, content_type="text/plain; charset=utf-8")
        return self.get_response(request)


class WithoutNul:
    """Takes NUL out of the address and the form: PostgreSQL takes it in no text, and no page has to think of it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.path_info = request.path_info.replace(NUL, FOUND_NOWHERE)
        request.GET = without_nul(request.GET)  # type: ignore[assignment]
        request.POST = without_nul(request.POST)  # type: ignore[assignment]
        return self.get_response(request)


class Commands:
    """Shows a form as AWS CLI commands or as Terraform: it is rehearsed as if it were sent, and what its operations were is told.

    The button's value is what the form's own button would have sent, such as `create` or `action=save` (components: `commands`).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or commands.FIELD not in request.POST or getattr(request, "caller", None) is None:
            return self.get_response(request)
        return commands.shown(request, self.get_response)


class ErrorPages:
    """Shows the operations' errors as pages: a refusal with its reason, anything else with AWS's code and sentence.

    A form that was denied is shown with its refusal (pages.forms.apply_error), and answered as one; where a page shows no form, the denied
    page stands in its place. An address that takes forms only has a page for those who open it, too.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        unsaid.set(None)
        response = self.get_response(request)
        refused = unsaid.get()
        if response.status_code == HTTPStatus.OK and refused is not None:
            return errors.service_error(request, refused)
        if response.status_code == HTTPStatus.OK and getattr(request, "shows_refusal", False):
            response.status_code = HTTPStatus.FORBIDDEN
        opened = request.method == "GET" and response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
        return errors.not_allowed(request, response) if opened else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return errors.service_error(request, exception) if isinstance(exception, ServiceError) else None
