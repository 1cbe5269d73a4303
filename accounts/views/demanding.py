"""Requiring new passwords of many users at once: after a leak, or when the rules have become stricter."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.deletable import users_not_permitted
from accounts.holders import KINDS
from accounts.listings.users import USERS
from accounts.models import HAS_PASSWORD, User
from accounts.operations.login_profiles import update_login_profile
from accounts.opposites import no_longer_demanding
from accounts.page_request import PageRequest
from accounts.queries.users import listed_users
from accounts.reauthentication import fresh_factor_required
from operations.gate import authorise_read
from operations.ids import iam_arn
from pages.components.shell import grouped
from pages.listing import BulkRun, bulk_page, is_confirmed


@fresh_factor_required(when=is_confirmed)
def demand_many(request: PageRequest) -> HttpResponse:
    """Have the selected users choose a new password at their next sign-in."""
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListUsers", iam_arn(account_id, "user/"))

    def perform(row: User, data: Mapping[str, Any]) -> None:
        update_login_profile(request.caller, user_name=row.name, password_reset_required=True)

    run = BulkRun(
        title=_("Require new passwords"),
        button=_("Choose a new password at the next sign-in"),
        lead=_(
            "The present password works once more, for choosing a new one. Sessions that are open go on; access keys are not touched."
        ),
        back=reverse("accounts:users"),
        perform=perform,
        blocked=_why_not,
        left_out=~HAS_PASSWORD | Q(login_profile__reset_required=True),
        opposite=lambda row, data: no_longer_demanding(row),
        refused=lambda rows: users_not_permitted(request.caller, rows, "iam:UpdateLoginProfile"),
        go=lambda counted: _("Require it of %(counted)s") % {"counted": counted},
        done=lambda n: (
            ngettext("%(n)s user must choose a new password", "%(n)s users must choose a new password", n)
            % {"n": grouped(n)}
        ),
        address=lambda row: KINDS["user"].address(row.name),
    )
    return bulk_page(request, USERS, listed_users(account_id).select_related("login_profile"), run)


def _why_not(row: User) -> str:
    if row.is_invited:
        return _("Has not chosen a password yet: the invitation is open")
    if not row.has_password:
        return _("Has no console access")
    return _("Must choose a new one already") if row.login_profile.reset_required else ""
