"""What the editor asks for while somebody writes: what the document would do, told as far as the reader may know it."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse, RawPostDataException
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from operations.caller import Caller
from operations.errors import ServiceError
from operations.gate import Read, authorise_form
from operations.ids import iam_arn
from pages.engine_texts import translated
from pages.request import CallerRequest
from policies.affected import affected_by
from policies.consequences import NAMES, Consequences, Known, consequences_of, note_of, noted, read_all
from policies.operations.policy_proposals import REVIEWING
from policies.queries import policy_row
from policies.reading import tag_keys
from policies.replays import DocumentChange
from policies.tested import tested_by
from policies.views.editor import LONGEST

if TYPE_CHECKING:
    from policies.queries import PolicyRow

LONGEST_NAME: Final = 128  # of an inline policy
CALLS: Final = ("cloudtrail:LookupEvents", "*")
HOLDERS: Final = ("iam:GetAccountAuthorizationDetails", "*")


@require_POST
def of_version(request: CallerRequest, arn: str) -> HttpResponse:
    """What a new version of a policy would do. Raises AccessDenied for who may not read the policy's versions, Http404.

    At most eleven queries besides those of every page, whatever the policy is attached to.
    """
    sent = sent_with(request)
    if sent is None:
        return HttpResponseBadRequest()
    row = policy_row(request.caller.account_id, arn)
    needed = [("iam:GetPolicyVersion", arn, tag_keys(row))]
    known, note = admitted(request.caller, sent, arn, needed)
    if row is None or row.is_aws_managed:
        raise Http404
    change = DocumentChange(row, row.document, sent["document"])  # type: ignore[attr-defined]
    return told(
        request, request.caller, note, change, known, lambda found: _of_managed(request.caller, row, change, found)
    )


def _of_managed(caller: Caller, row: "PolicyRow", change: DocumentChange, found: Consequences) -> Mapping[str, Any]:
    """Who has the policy, for who may save the version or list them, and what its tests say: as the review tells it. Two queries."""
    context: dict[str, Any] = {"row": row, **tested_by(caller, row, change.after)}
    failing = [one.test.name for one in context.get("tested", ()) if not one.passes]
    context["failing_names"] = failing[:NAMES]
    keys = tag_keys(row)
    if any(caller.may(action, row.arn, keys) for action in (REVIEWING, "iam:ListEntitiesForPolicy")):
        context["attached"], context["bounded"] = affected_by(row, row.account_id)
    return context


@require_POST
def of_new(request: CallerRequest) -> HttpResponse:
    """What a policy that is not there yet would allow at most. Raises AccessDenied for who may create none."""
    sent = sent_with(request)
    if sent is None:
        return HttpResponseBadRequest()
    caller = request.caller
    authorise_form(caller, "iam:CreatePolicy", iam_arn(caller.account_id, "policy/*"), unfinished=True)
    change = DocumentChange(None, "", sent["document"])
    return told(request, caller, "", change, Known(holders=False, calls=False), lambda found: {})


def sent_with(request: HttpRequest) -> dict[str, str] | None:
    """What the editor has sent, its `document`, the `note` of the last answer, and perhaps a `name`; None for anything else.

    Half a character and NUL, which no database takes, are in no name and in no note; of a document it is said that it cannot be saved.
    """
    try:
        body: Any = json.loads(request.body)
        found = {key: body.get(key, "") for key in ("document", "note", "name")}
    except (ValueError, AttributeError, RecursionError, RawPostDataException):
        return None
    if not all(isinstance(value, str) for value in found.values()):
        return None
    fits = 0 < len(found["document"]) <= LONGEST and len(found["name"]) <= LONGEST_NAME
    return found if fits and _is_text(found["name"]) and _is_text(found["note"]) else None


def _is_text(value: str) -> bool:
    """Whether it can be written as UTF-8, and stored."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value


def admitted(caller: Caller, sent: Mapping[str, str], about: str, needed: Sequence[Read]) -> tuple[Known, str]:
    """What the caller may know besides the documents, and the note to send along next time. What is read is recorded once in a while, not
    with each letter: the note that came is handed back, with the moment at which that was, until it is too old.

    Raises AccessDenied.
    """
    known, is_new = read_all(caller, needed, HOLDERS, CALLS, noted(caller, about, sent["note"]))
    return known, note_of(caller, about, known) if is_new else sent["note"]


def told(
    request: HttpRequest,
    caller: Caller,
    note: str,
    change: DocumentChange,
    known: Known,
    besides: Callable[[Consequences], Mapping[str, Any]],
) -> HttpResponse:
    """The answer: the pane as `html`, `said` for who does not see it, and the `note` to send along next time. A document that AWS would not
    save has no consequences: then `unread` says why."""
    answer: dict[str, str] = {"html": "", "said": "", "note": note}
    try:
        found = consequences_of(caller, change, known)
    except ServiceError as error:
        return JsonResponse({**answer, "unread": _unread(error)})
    if found is None:
        return JsonResponse({**answer, "unread": _("The version in force cannot be read, so nothing can be compared.")})
    context = {"found": found, "holder": change.holder, **besides(found)}
    html = render_to_string("policies/consequences.html", context, request)
    return JsonResponse({**answer, "html": html, "said": found.change.lead})


def _unread(error: ServiceError) -> str:
    said = translated(error.details.get("explanation") or error.message)
    return _("As it is, the document cannot be saved: %(why)s") % {"why": said}
