"""Who manages a user: the users and roles that may do the critical operations on it, page by page."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from access import managing
from accounts.holders import KINDS
from accounts.models import User
from operations.gate import authorise_read
from pages.components.shell import grouped
from pages.errors import part
from pages.request import CallerRequest

HOLDER = KINDS["user"]
DETAILS = "iam:GetAccountAuthorizationDetails"
LONGEST_NAME = 128
KIND_WORDS = ((managing.USER, gettext_lazy("Users")), (managing.ROLE, gettext_lazy("Roles")))


@require_safe
def managers(request: CallerRequest, name: str) -> HttpResponse:
    """Who may do one of the critical operations on a user, or that of `?action=`; what everybody's policies say is for whoever may read
    them all. Raises AccessDenied, NoSuchEntity, Http404.
    """
    row: User = HOLDER.read(request.caller, name)
    row.refresh_from_db(fields=row.get_deferred_fields())  # the page's head tells them: one query in place of three
    kind, action = request.GET.get("kind", managing.USER), request.GET.get("action", "")
    after = request.GET.get("after", "")[:LONGEST_NAME]
    known = [each.partition(":")[2] for each in managing.ACTIONS]
    if kind not in managing.KINDS or (action and action not in known):
        raise Http404

    def found() -> managing.Managers:
        authorise_read(request.caller, DETAILS, "*")
        return managing.find(row, kind, (f"iam:{action}",) if action else managing.ACTIONS, after)

    answer = part(found)
    value = answer.value
    context = {
        "holder": HOLDER,
        "row": row,
        "tab": "managers",
        "kind": kind,
        "kinds": KIND_WORDS,
        "action": action,
        "actions": known,
        "after": after,
        "answer": answer,
        "count": _counted(value) if value and value.found else "",
        "most_documents": grouped(managing.MOST_DOCUMENTS),
        "most_groups": managing.MOST_GROUPS,
        "worst": managing.WORST.rpartition("/")[2],
    }
    return render(request, "access/managers.html", context)


def _counted(found: managing.Managers) -> str:
    """How many may, of those whose policies made it worth asking."""
    said = ngettext(
        "%(found)s of the %(asked)s asked about on this page may do it",
        "%(found)s of the %(asked)s asked about on this page may do it",
        found.asked,
    )
    return said % {"found": grouped(len(found.found)), "asked": grouped(found.asked)}
