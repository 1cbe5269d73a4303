"""Import of an account: a file of authorization details, a preview of what would come in, and then the import itself."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.importing import Source, progress, uploads
from accounts.importing.report import KINDS, MOST_PROBLEMS
from accounts.importing.source import Unreadable
from accounts.importing.words import LABELS, by_entity, named
from accounts.operations.authorization_details import import_account_authorization_details
from accounts.page_request import PageRequest
from accounts.reauthentication import fresh_factor_required
from operations.errors import AccessDenied, ServiceError
from operations.gate import authorise_read

ACTION = "iam:ImportAccountAuthorizationDetails"
PENDING, DONE = "import_pending", "import_done"


class ImportForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=gettext_lazy("Authorization details"),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": "application/json,.json,.txt"}),
        help_text=gettext_lazy("The JSON that “aws iam get-account-authorization-details” prints. At most 64 MB."),
    )


def _imports(request: PageRequest) -> bool:
    return "import" in request.POST


@fresh_factor_required(when=_imports)
def importing(request: PageRequest) -> HttpResponse:
    """The page of the import, with a file that waits or without one."""
    if not request.caller.may(ACTION):
        authorise_read(request.caller, ACTION, "*")
    if request.method != "POST":
        return _shown(request, ImportForm())
    if "discard" in request.POST:
        _forget(request)
        return redirect("accounts:import")
    if "import" in request.POST:
        return _import(request)
    return _preview(request)


def _preview(request: PageRequest) -> HttpResponse:
    """Keep the file, try it, and show what would come in."""
    _forget(request)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        if "file" in form.errors and not request.FILES:
            sentence = _(
                "Choose a file of at most 64 MB; a larger one is imported on the machine itself, with manage.py."
            )
            form.errors["file"] = form.error_class([sentence])
        return _shown(request, form)
    file = form.cleaned_data["file"]
    token = uploads.keep(file.chunks())
    try:
        found = _run(request, token, dry_run=True)
    except ServiceError as error:
        uploads.forget(token)
        if isinstance(error, AccessDenied):
            raise
        form.add_error("file", error.message)
        return _shown(request, form)
    if found is None:
        return redirect("accounts:import")
    answer, account = found
    foreign = account if account and account != request.caller.account_id else ""
    uploads.note(token, {"name": file.name, "size": file.size, "answer": answer, "foreign": foreign})
    request.session[PENDING] = token
    request.session.pop(DONE, None)
    return redirect("accounts:import")


def _import(request: PageRequest) -> HttpResponse:
    """Import the file that was previewed; whatever comes of it, the file is gone afterwards."""
    token = request.session.get(PENDING, "")
    kept = uploads.noted(token)
    try:
        found = _run(request, token, dry_run=False)
    except ServiceError as error:
        if isinstance(error, AccessDenied):
            raise
        messages.error(request, error.message)
        return redirect("accounts:import")
    finally:
        _forget(request)
    if found is None or kept is None:
        messages.error(request, _("The file has gone in the meantime. Choose it again."))
        return redirect("accounts:import")
    request.session[DONE] = {"name": kept["name"], "answer": found[0], "request_id": request.caller.request_id}
    return redirect("accounts:import")


def _run(request: PageRequest, token: str, *, dry_run: bool) -> tuple[dict[str, Any], str | None] | None:
    """The answer, and the account that the file is of; None when the file has gone."""
    file = uploads.opened(token)
    if file is None:
        return None
    session = request.session.session_key or ""
    try:
        with file:
            source = Source(file, progress.teller(session))
            answer = import_account_authorization_details(request.caller, authorization_details=source, dry_run=dry_run)
            return answer, _account_of(source)
    finally:
        progress.forget(session)


def _account_of(source: Source) -> str | None:
    """The account that a file is of; None for one that names none, or cannot be read."""
    try:
        return source.account_id()
    except Unreadable:
        return None


@require_GET
def share_done(request: PageRequest) -> HttpResponse:
    """How far this session's import has come, for the bar on the page that waits for it."""
    return JsonResponse({"share": progress.told(request.session.session_key or "")})


def _forget(request: PageRequest) -> None:
    token = request.session.pop(PENDING, None)
    if token:
        uploads.forget(token)


def _shown(request: PageRequest, form: forms.Form) -> HttpResponse:
    done = request.session.pop(DONE, None) if request.method == "GET" else None
    found = done or uploads.noted(request.session.get(PENDING, ""))
    answer = found["answer"] if found else {}
    context = {
        "form": form,
        "found": found,
        "answer": answer,
        "foreign": found.get("foreign", "") if found else "",
        "is_done": done is not None,
        "rows": [(LABELS[kind], answer[kind]) for kind in KINDS] if answer else [],
        "named": named(answer, is_done=done is not None) if answer else [],
        "problems": by_entity(answer.get("Problems", ())),
        "notices": by_entity(answer.get("Notices", ())),
        "most_problems": MOST_PROBLEMS,
        "anything": any(answer[kind]["Created"] or answer[kind]["Changed"] for kind in KINDS) if answer else False,
    }
    return render(request, "accounts/importing/import.html", context)
