"""Pages for what went wrong, and the way to show a part of a page as refused."""

from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar, cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from engine import resource_named
from engine.trace import Trace
from operations.errors import AccessDenied, ServiceError
from pages import asking, typed
from pages.outcomes import OUTCOMES
from pages.refusing import LAYERS, Denial, Text, layers_of, whom_to_ask

P = ParamSpec("P")
T = TypeVar("T")
Explanation = Callable[[HttpRequest, AccessDenied], str]

_explanations: list[Explanation] = []


def verdict_word(outcome: str, blocked_by: Sequence[str] = ()) -> Text:
    """A decision's outcome as people say it; `blocked_by` are the layers that turned an allow into a denial."""
    if outcome == "allowed":
        return OUTCOMES[outcome].word
    if outcome == "explicitDeny":
        return _("Denied: a policy forbids it")
    return _("Denied: allowed only in part") if blocked_by else _("Denied: no policy allows it")


def layer_label(outcome: str) -> Text:
    """What the layers of a denial are called: nothing refuses where nothing allows."""
    return _("Refused by") if outcome == "explicitDeny" else _("Missing in")


def register_explanation(explanation: Explanation) -> Explanation:
    """Register the function that gives the address of a refusal's full explanation, or an empty text for who may not see it."""
    _explanations[:] = [explanation]
    return explanation


@dataclass(frozen=True)
class Refusal:
    """A denied call as pages show it: AWS's sentence, the permission, the resource, and the layers that refused."""

    error: AccessDenied

    @property
    def message(self) -> str:
        return self.error.message

    @property
    def permission(self) -> str:
        request = self.error.details.get("request")
        return request.action if request else ""

    @property
    def resource(self) -> str:
        request = self.error.details.get("request")
        return request.resource if request else ""

    @property
    def named(self) -> str:
        """The resource as the caller named it: what was denied must not tell of its path."""
        return resource_named(self.permission, self.resource)

    @property
    def context(self) -> Mapping[str, Any]:
        """The condition keys that were asked with."""
        request = self.error.details.get("request")
        return request.context if request else {}

    @property
    def outcome(self) -> str:
        decision = self.error.details.get("decision")
        return decision.outcome if decision else "implicitDeny"

    @property
    def event_id(self) -> str:
        """The id under which the refusal is kept in the record; empty where it was not recorded."""
        return str(self.error.details.get("event_id", ""))

    @property
    def word(self) -> Text:
        """The outcome as people say it."""
        decision = self.error.details.get("decision")
        return verdict_word(self.outcome, decision.blocked_by if decision else ())

    @property
    def layer_label(self) -> Text:
        """What the layers are called."""
        return layer_label(self.outcome)

    @property
    def layer_names(self) -> list[str]:
        """The layers that refused or lack an allow, by their keys. When none blocked an allow, nothing allowed it."""
        decision = self.error.details.get("decision")
        if decision is None:
            return []
        kinds = [match.kind for match in decision.matched]
        silent = Trace(decision.explanation).silent
        return layers_of(Denial(decision.outcome, self.permission, self.resource, decision.blocked_by, kinds, silent))

    @property
    def layers(self) -> list[Any]:
        """The same in words."""
        return [LAYERS.get(layer, layer) for layer in self.layer_names]

    def advice(self, *, can_request: bool = False) -> list[Text]:
        """Whom to ask, in sentences."""
        return whom_to_ask(self.outcome, self.layer_names, can_request=can_request)


@dataclass(frozen=True)
class Part(Generic[T]):
    """A part of a page: its value, or the refusal that stands in its place (`{% refusal part.refusal %}`)."""

    value: T | None = None
    refusal: Refusal | None = None

    @property
    def count(self) -> int | None:
        """How many rows it has, for its heading; None when refused: zero would say that there is nothing."""
        return None if self.refusal else len(cast("Sized", self.value))


def part(read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Part[T]:
    """Read a part of a page; a denial becomes its refusal, so that the rest of the page is shown all the same."""
    try:
        return Part(read(*args, **kwargs))
    except AccessDenied as error:
        return Part(refusal=Refusal(error))


def explanation_of(request: HttpRequest, error: AccessDenied) -> str:
    """The address of a refusal's full explanation; empty for who may not see it."""
    return _explanations[0](request, error) if _explanations else ""


def service_error(request: HttpRequest, error: ServiceError) -> HttpResponse:
    """The page (or for htmx the message) for an operation's error."""
    values: dict[str, Any] = {"error": error, "refusal": None, "again": typed.again(request)}
    if isinstance(error, AccessDenied):
        found = Refusal(error)
        values |= {"refusal": found, "explanation": explanation_of(request, error)}
        values["ask"] = asking.address_of(getattr(request, "caller", None), found)
        values["advice"] = found.advice(can_request=bool(values["ask"]))
    if getattr(request, "htmx", False):
        return in_place(request, "errors/message.html", values, status=error.status, add=True)
    name = "denied" if values["refusal"] else "not_found" if error.status == 404 else "service"
    return render(request, f"errors/{name}.html", values, status=error.status)


def in_place(
    request: HttpRequest, template: str, values: dict[str, Any], *, status: int, add: bool = False
) -> HttpResponse:
    """A message for htmx above a page that stays: instead of the messages that are there, or added to them."""
    response = render(request, template, values, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#flash", "beforeend" if add else "innerHTML"
    response["HX-Push-Url"] = "false"
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """No such page, or nothing of that name."""
    message = (
        str(exception.args[0])
        if isinstance(exception, Http404) and exception.args and isinstance(exception.args[0], str)
        else ""
    )
    return render(request, "errors/not_found.html", {"message": message, "again": typed.again(request)}, status=404)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's own refusals."""
    return render(request, "errors/service.html", {"message": _("This request was refused.")}, status=403)


def not_allowed(request: HttpRequest, bare: HttpResponse) -> HttpResponse:
    """The page for an address that takes forms only, such as one that somebody typed or kept (RFC 9110 15.5.6)."""
    message = _("This address takes what a form sends; there is nothing to see at it.")
    page = render(request, "errors/not_found.html", {"message": message}, status=405)
    page["Allow"] = bare["Allow"]
    return page


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request that is none, such as one for a host that is not served."""
    return HttpResponse(render_to_string("errors/bad_request.html"), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our own fault: a page that needs neither database nor session, with the request id that the log has too, and what was typed."""
    try:
        left = typed.shown(typed.again(request))
    except Exception:  # noqa: BLE001 - what was sent may be what is broken
        left = []
    values = {"request_id": getattr(request, "request_id", ""), "typed": left}
    return HttpResponseServerError(render_to_string("errors/server_error.html", values))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token did not fit: say so, and lose nothing. What another site sent is never offered to be sent again."""
    if request.headers.get("HX-Request"):  # a part of a page that stays as it is, with what was typed into it
        text = _("This page had been open since before your last sign-in. Send its form: what you typed is kept.")
        return in_place(request, "errors/aside.html", {"message": text}, status=403)
    ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    fields = typed.resendable(request) if ours else []
    return render(request, "errors/csrf.html", {"fields": fields, "typed": typed.shown(fields)}, status=403)
