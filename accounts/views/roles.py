"""The list of roles, and deleting many."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.cascades import delete_role_completely
from accounts.deletable import roles_not_deletable
from accounts.holders import KINDS
from accounts.listings.roles import ROLES, rows_of
from accounts.losses import losses_of_roles
from accounts.page_request import PageRequest
from operations.clock import now
from operations.gate import authorise_read
from operations.ids import iam_arn
from pages.components.shell import grouped
from pages.listing import BulkRun, bulk_page, not_deleted, render_listing

RECENTLY = 90  # days


def roles(request: PageRequest) -> HttpResponseBase:
    """All roles of the account."""
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListRoles", iam_arn(account_id, "role/"))
    return render_listing(request, ROLES, rows_of(account_id), template="accounts/roles/list.html")


def delete_many(request: PageRequest) -> HttpResponse:
    """Delete the selected roles with their policies; service-linked ones stay."""
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListRoles", iam_arn(account_id, "role/"))
    run = BulkRun(
        title=_("Delete roles"),
        button=_("Delete"),
        lead=_(
            "Each role is deleted with its policies and leaves its instance profiles. Who works with it loses access at once."
        ),
        back=reverse("accounts:roles"),
        perform=lambda row, data: delete_role_completely(request.caller, row),
        blocked=_why_not,
        left_out=~Q(service_linked_to=""),
        refused=lambda rows: roles_not_deletable(request.caller, rows),
        dangerous=True,
        go=lambda counted: _("Delete %(counted)s") % {"counted": counted},
        done=lambda n: ngettext("%(n)s role deleted", "%(n)s roles deleted", n) % {"n": grouped(n)},
        left=not_deleted,
        address=lambda row: KINDS["role"].address(row.name),
        losses=losses_of_roles,
        confirm=_in_use,
    )
    return bulk_page(request, ROLES, rows_of(account_id), run)


def _in_use(rows: "QuerySet[Any]") -> str:
    """Why a deletion of these roles is confirmed with their number, or an empty text."""
    recently = now() - timedelta(days=RECENTLY)
    if not rows.filter(service_linked_to="", last_used_at__gte=recently).exists():
        return ""
    return ngettext(
        "At least one role is in use: it was assumed in the last %(n)d day.",
        "At least one role is in use: it was assumed in the last %(n)d days.",
        RECENTLY,
    ) % {"n": RECENTLY}


def _why_not(row: Any) -> str:
    return _("A service-linked role is deleted on its own page.") if row.is_service_linked else ""
