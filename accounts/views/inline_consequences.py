"""What the editor of an inline policy asks for while somebody writes: what the document would do."""

from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.views.decorators.http import require_POST

from accounts.holders import KINDS, inline_policy
from accounts.page_request import PageRequest
from operations.ids import iam_arn
from policies.replays import DocumentChange
from policies.views.consequences import admitted, sent_with, told


@require_POST
def consequences(request: PageRequest, kind: str, name: str) -> HttpResponse:
    """What an inline policy would do that says what was sent; `name` names one that there is. Raises AccessDenied, Http404."""
    sent = sent_with(request)
    if sent is None:
        return HttpResponseBadRequest()
    caller, holder = request.caller, KINDS[kind]
    row, policy_name = holder.find(caller.account_id, name), sent["name"]
    arn = row.arn if row else iam_arn(caller.account_id, f"{kind}/{name}")
    actions = [holder.action("Get"), holder.action("Get", "Policy")] if policy_name else [holder.action("Get")]
    needed = [(action, arn, holder.keys(row, action)) for action in actions]
    about = f"{arn} {policy_name}"
    known, note = admitted(caller, sent, about, needed)
    if row is None:
        raise Http404
    if not policy_name and not holder.may(caller, holder.put_action, row):
        holder.authorise(caller, holder.put_action, row)
    stored = inline_policy(row, policy_name) if policy_name else None
    if policy_name and stored is None:
        raise Http404
    change = DocumentChange(row, stored.document if stored else "", sent["document"], policy_name)
    return told(request, caller, note, change, known, lambda found: {"kind": holder, "inline_holder": row})
