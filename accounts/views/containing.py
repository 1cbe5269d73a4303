"""Containing many users at once: when it is not known yet whose credentials are in wrong hands."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.credential_forms import ReasonForm
from accounts.deletable import users_not_permitted
from accounts.holders import KINDS
from accounts.listings.users import USERS
from accounts.models import AccessKey, ConsoleSession, User
from accounts.operations.contain import contain_user
from accounts.page_request import PageRequest
from accounts.queries.users import listed_users
from accounts.reauthentication import fresh_factor_required
from operations.clock import now
from operations.gate import authorise_read
from operations.ids import iam_arn
from pages.components.shell import grouped
from pages.listing import BulkRun, Loss, bulk_page, is_confirmed

NEEDED = ("iam:UpdateAccessKey", "iam:EndConsoleSessions")


class ReasonOfMany(ReasonForm):
    """The reason, told to those who have an address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, sent=True, **kwargs)


@fresh_factor_required(when=is_confirmed)
def contain_many(request: PageRequest) -> HttpResponse:
    """Deactivate the keys of the selected users and end their sessions."""
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListUsers", iam_arn(account_id, "user/"))

    def perform(row: User, data: Mapping[str, Any]) -> None:
        contain_user(request.caller, user_name=row.name, reason=data["reason"])

    run = BulkRun(
        title=_("Contain credentials"),
        button=_("Contain"),
        lead=_(
            "Use this when somebody else may have got hold of access keys or sessions. Keys become inactive and can be activated again;"
            " sessions and temporary credentials end at once."
        ),
        back=reverse("accounts:users"),
        perform=perform,
        form=ReasonOfMany,
        asks_reason=False,
        blocked=lambda row: _("Not contained: this is you") if row == request.user_row else "",
        left_out=Q(pk=request.user_row.pk) if request.user_row else None,
        refused=lambda rows: users_not_permitted(request.caller, rows, *NEEDED),
        dangerous=True,
        heading=_("What ends"),
        nothing=_("Nothing is active."),
        losses=what_ends,
        go=lambda counted: _("Contain %(counted)s") % {"counted": counted},
        done=lambda n: ngettext("%(n)s user contained", "%(n)s users contained", n) % {"n": grouped(n)},
        address=lambda row: KINDS["user"].address(row.name),
    )
    return bulk_page(request, USERS, listed_users(account_id), run)


def what_ends(users: Sequence[User]) -> dict[int, list[Loss]]:
    """The active keys and console sessions of each of some users, by their primary keys; two queries at any number."""
    keys = _counted(AccessKey.objects.filter(user__in=users, is_active=True))
    sessions = _counted(ConsoleSession.objects.filter(user__in=users, expire_date__gt=now()))
    found = {}
    for user in users:
        active, open_ones = keys.get(user.pk, 0), sessions.get(user.pk, 0)
        lines = [
            Loss(active, ngettext("access key becomes inactive", "access keys become inactive", active)),
            Loss(open_ones, ngettext("console session ends", "console sessions end", open_ones)),
        ]
        found[user.pk] = [line for line in lines if line.count]
    return found


def _counted(rows: Any) -> dict[int, int]:
    return dict(rows.order_by().values_list("user").annotate(number=Count("pk")))
