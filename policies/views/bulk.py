"""What is done to many policies at once."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from operations.gate import authorise_read
from operations.ids import iam_arn
from pages.components.shell import grouped
from pages.listing import BulkRun, bulk_page, not_deleted
from pages.listing.needs import sees
from pages.request import CallerRequest
from policies.cascades import delete_policy_completely
from policies.deletable import policies_not_deletable
from policies.last_decided import known_since
from policies.listings import SEE_DECISIONS, policies_listing
from policies.losses import losses_of_policies
from policies.models import AWS
from policies.queries import policy_rows
from policies.reading import tag_keys
from policies.tagging import Noun, tag_many


def delete_many(request: CallerRequest) -> HttpResponse:
    """Delete the selected policies, each detached everywhere first; those that bound somebody and AWS's stay."""
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListPolicies", iam_arn(account_id, "policy/"))
    run = BulkRun(
        title=_("Delete policies"),
        button=_("Delete"),
        lead=_(
            "Each policy is detached from all users, groups and roles and deleted with all its versions. This cannot be undone."
        ),
        back=reverse("policies:policies"),
        perform=lambda row, data: delete_policy_completely(request.caller, row),
        blocked=_why_not,
        left_out=Q(account_id=AWS) | Q(boundary_count__gt=0),
        refused=lambda rows: policies_not_deletable(request.caller, rows),
        dangerous=True,
        go=lambda counted: _("Delete %(counted)s") % {"counted": counted},
        done=lambda n: ngettext("%(n)s policy deleted", "%(n)s policies deleted", n) % {"n": grouped(n)},
        left=not_deleted,
        address=lambda row: reverse("policies:policy", args=[row.arn]),
        heading=_("Use, and what goes with it"),
        losses=lambda rows: losses_of_policies(rows, account_id),
        confirm=_in_use,
    )
    rows = policy_rows(account_id)
    if sees(request.caller, SEE_DECISIONS):
        rows = rows.annotate(known_since=known_since(account_id))
    return bulk_page(request, policies_listing(account_id), rows, run)


POLICIES = Noun(
    "Policy",
    "policy_arn",
    "arn",
    "policies:policies",
    gettext_lazy("Tag policies"),
    lambda n: ngettext("%(n)s policy tagged", "%(n)s policies tagged", n) % {"n": grouped(n)},
    reading=("iam:ListPolicyTags", "iam:GetPolicy"),
    keys=lambda row, action: tag_keys(row),
    address=lambda row: reverse("policies:policy", args=[row.arn]),
    folds=False,
    left_out=Q(account_id=AWS),
    why_not=lambda row: _("AWS managed policies have no tags.") if row.is_aws_managed else "",
)


def tag(request: CallerRequest) -> HttpResponse:
    """Set a tag on the selected policies; AWS's have none."""
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListPolicies", iam_arn(account_id, "policy/"))
    return tag_many(request, request.caller, policies_listing(account_id), policy_rows(account_id), POLICIES)


def _in_use(rows: "QuerySet[Any]") -> str:
    """Why a deletion of these policies is confirmed with their number, or an empty text."""
    used = rows.exclude(account_id=AWS).filter(boundary_count=0, attachment_count__gt=0).exists()
    return _("At least one policy is attached: whoever has it loses what it gives.") if used else ""


def _why_not(row: Any) -> str:
    """Why a policy stays, or an empty text."""
    if row.is_aws_managed:
        return _("AWS managed policies cannot be deleted.")
    if row.boundary_count:
        words = ngettext(
            "It is the permissions boundary of %(n)d user or role, who would have no limit without it.",
            "It is the permissions boundary of %(n)d users and roles, who would have no limit without it.",
            row.boundary_count,
        )
        return words % {"n": row.boundary_count}
    return ""
