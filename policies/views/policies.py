"""The list of managed policies."""

from django.http import HttpResponseBase

from operations.gate import authorise_read
from operations.ids import iam_arn
from pages.listing import render_listing
from pages.listing.needs import sees
from pages.listing.presets import presets
from pages.request import CallerRequest
from policies.listings import PRESETS, PROPOSED, SEE_DOCUMENT, policies_listing
from policies.queries import policy_rows


def policies(request: CallerRequest) -> HttpResponseBase:
    """The account's own policies and AWS's, with their use."""
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListPolicies", iam_arn(account_id, "policy/"))
    ready = (*PRESETS, PROPOSED) if sees(request.caller, SEE_DOCUMENT) else PRESETS
    context = {"presets": presets(request.GET, ready)}
    listing, rows = policies_listing(account_id), policy_rows(account_id)
    return render_listing(request, listing, rows, template="policies/list.html", context=context)
