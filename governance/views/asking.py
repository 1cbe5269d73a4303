"""Asking for access: from a denial to a request, and taking it back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from governance import askers
from governance.asking import question_of
from governance.denials import RecordedDenial, digest, own_denial
from governance.forms import AskForm
from governance.models import AccessRequest
from governance.operations.access_requests import create_access_request, withdraw_access_request
from governance.queries.access_requests import own_requests
from governance.request_listings import my_requests
from operations.caller import Caller
from operations.errors import AccessDenied
from operations.gate import READS, authorise_form, authorise_read
from pages.listing import render_listing
from pages.request import CallerRequest
from policies.saving import save


def start(request: CallerRequest) -> HttpResponse:
    """From what a page refused without a call: the question is asked, and its denial is what can be asked for."""
    caller = request.caller
    _authorise(caller)
    question = question_of(caller, request.GET.get("of", ""))
    if question is None:
        raise Http404(_("This link has expired, or was made for somebody else. Open the page again on which it stood."))
    action, resource, context = question
    if caller.may(*question):
        messages.info(request, _allowed(action, resource))
        return redirect("governance:my-requests")
    authorise = authorise_read if action.partition(":")[2].startswith(READS) else authorise_form
    try:
        authorise(caller, action, resource, context)
    except AccessDenied as error:
        return redirect("governance:request-access", event_id=error.details["event_id"])
    raise Http404  # it was allowed in between


def ask(request: CallerRequest, event_id: str) -> HttpResponse:
    """Ask for what a denial of one's own was about. Whoever has asked already is led to the open request."""
    caller = request.caller
    _authorise(caller)
    denial = own_denial(caller, str(event_id))
    if denial is None:
        raise Http404(_("This is no denial of yours, so there is nothing to ask for."))
    rows = own_requests(caller).filter(state=AccessRequest.OPEN, digest=digest(denial.action, denial.resource))
    if (there := rows.first()) is not None:
        messages.info(request, _("You have asked for this already."))
        return redirect("governance:request", request_id=there.request_id)
    form = AskForm(request.POST or None)
    if form.is_valid():
        made: list[str] = []

        def create() -> None:
            answer = create_access_request(caller, event_id=str(event_id), **form.cleaned_data)
            made.append(answer["AccessRequest"]["AccessRequestId"])

        if save(form, create):
            messages.success(request, _("The request is sent. You will find the answer here and under My requests."))
            return redirect("governance:request", request_id=made[0])
    is_role = askers.asker_id(caller)[0] == "role"
    context = {"form": form, "denial": denial, "is_allowed": may_now(caller, denial), "is_role": is_role}
    return render(request, "governance/request_access.html", context)


def mine(request: CallerRequest) -> HttpResponseBase:
    """One's own requests and their answers."""
    authorise_own(request.caller)
    return render_listing(request, my_requests(), own_requests(request.caller), template="governance/my_requests.html")


@require_POST
def withdraw(request: HttpRequest, request_id: str) -> HttpResponse:
    """Take back an open request."""
    withdraw_access_request(request.caller, access_request_id=request_id)  # type: ignore[attr-defined]
    messages.success(request, _("The request is withdrawn."))
    return redirect("governance:request", request_id=request_id)


def authorise_own(caller: Caller) -> None:
    """Authorise and record that a caller reads its own requests. Raises AccessDenied; for who has none, on all of them."""
    arn, keys = askers.own_resource(caller)
    authorise_read(caller, askers.LIST, arn or "*", keys)


def may_now(caller: Caller, denial: RecordedDenial) -> bool:
    """Whether the caller may do at present what was denied; what the session says now stands above what it said then."""
    return caller.may(denial.action, denial.resource, askers.brought(caller, denial.context))


def _authorise(caller: Caller) -> None:
    arn, keys = askers.own_resource(caller)
    if not arn:
        raise Http404(_("Only users and sessions of roles ask for access."))
    authorise_form(caller, askers.CREATE, arn, keys)


def _allowed(action: str, resource: str) -> str:
    return _("You may perform %(action)s on %(resource)s now: there is nothing to ask for.") % {
        "action": action, "resource": resource,
    }  # fmt: skip
