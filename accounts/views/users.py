"""The list of users, and what is done to many of them at once."""

from datetime import timedelta
from functools import partial

from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import shown_once
from accounts.cascades import delete_user_completely
from accounts.deletable import users_not_deletable
from accounts.holders import KINDS
from accounts.listings.users import USERS
from accounts.losses import losses_of_users
from accounts.models import User
from accounts.page_request import PageRequest
from accounts.queries.users import listed_users
from operations.clock import now
from operations.gate import authorise_read
from operations.ids import iam_arn
from pages.components.shell import grouped
from pages.listing import BulkRun, bulk_page, not_deleted, render_listing

RECENTLY = 90  # days


def users(request: PageRequest) -> HttpResponseBase:
    """All users of the account."""
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListUsers", iam_arn(account_id, "user/"))
    made = shown_once.read(request, shown_once.INVITATIONS) or ()
    invitations = {"invited": len(made), "until": shown_once.until(request, shown_once.INVITATIONS)}
    rows = listed_users(account_id)
    return render_listing(request, USERS, rows, template="accounts/users/list.html", context=invitations)


def delete_many(request: PageRequest) -> HttpResponse:
    """Delete the selected users, each with everything that hangs on it."""
    run = BulkRun(
        title=_("Delete users"),
        button=_("Delete"),
        lead=_(
            "Each user is deleted with password, access keys, MFA devices, policies and group memberships. This cannot be undone. Roles "
            "that trust one by name show the unique ID then: a new user of the same name is not trusted."
        ),
        back=reverse("accounts:users"),
        perform=lambda row, data: delete_user_completely(request.caller, row),
        blocked=lambda row: _("Not deleted: this is you") if row == request.user_row else "",
        left_out=Q(pk=request.user_row.pk) if request.user_row else None,
        refused=lambda rows: users_not_deletable(request.caller, rows),
        dangerous=True,
        go=lambda counted: _("Delete %(counted)s") % {"counted": counted},
        done=lambda n: ngettext("%(n)s user deleted", "%(n)s users deleted", n) % {"n": grouped(n)},
        left=not_deleted,
        address=_address,
        losses=partial(losses_of_users, request.caller),
        confirm=lambda rows: _in_use(request, rows),
    )
    return _bulk(request, run)


def _address(row: User) -> str:
    return KINDS["user"].address(row.name)


def _in_use(request: PageRequest, rows: "QuerySet[User]") -> str:
    """Why a deletion of these users is confirmed with their number, or an empty text."""
    others = rows.exclude(pk=request.user_row.pk) if request.user_row else rows
    recently = now() - timedelta(days=RECENTLY)
    in_use = Q(console_access=True) | Q(active_key_count__gt=0) | Q(last_activity_at__gte=recently)
    if not others.filter(in_use).exists():
        return ""
    said = ngettext(
        "At least one user is in use: with console access, active keys, or activity in the last %(n)d day.",
        "At least one user is in use: with console access, active keys, or activity in the last %(n)d days.",
        RECENTLY,
    )
    return said % {"n": RECENTLY}


def _bulk(request: PageRequest, run: BulkRun) -> HttpResponse:
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListUsers", iam_arn(account_id, "user/"))
    return bulk_page(request, USERS, listed_users(account_id), run)
