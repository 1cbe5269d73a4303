"""«My sessions», and those of another user: where somebody is signed in, and ending it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from accounts.looks import Looks
from accounts.operations.sessions import end_console_sessions
from accounts.owners import owner_of
from accounts.page_request import PageRequest
from accounts.views.security_credentials import LIST_SESSIONS, may, sessions_shown


def sessions(request: PageRequest, user_name: str | None = None) -> HttpResponse:
    """The sessions, each with device and address; end one, all the others, or all."""
    owner, caller = owner_of(request, user_name), request.caller
    mine = request.session.get("session_id", "")
    if request.method == "POST":
        wanted = request.POST.get("session", "")
        which = {"others": {"except_session_id": mine}, "all": {}}.get(wanted, {"session_id": wanted})
        ended = end_console_sessions(caller, user_name=owner.name, **which)["EndedSessions"]
        text = ngettext("%(n)d session was ended.", "%(n)d sessions were ended.", ended) % {"n": ended}
        if owner.is_self and wanted in {"all", mine}:
            request.session.flush()
            messages.success(request, text)
            return redirect("accounts:sign-in")
        messages.success(request, text)
        return redirect(owner.url("sessions"))
    context = {
        "owner": owner,
        "sessions": Looks(caller, owner).read(LIST_SESSIONS, lambda: sessions_shown(request, owner)),
        "may": may(caller, owner),
    }
    return render(request, "accounts/security/sessions.html", context)
