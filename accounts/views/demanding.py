"""Requiring new passwords of many users at once: after a leak, or when the rules have become stricter.

Whoever must choose a new password needs iam:ChangePassword. To those who have it by nothing IAMUserChangePassword is attached along, as
on the page of a single user; who could not choose one even so would be locked out, and is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.deletable import users_not_permitted
from accounts.holders import KINDS
from accounts.listings.users import USERS
from accounts.models import HAS_PASSWORD, User
from accounts.operations.attachments import attach_user_policy
from accounts.operations.login_profiles import update_login_profile
from accounts.opposites import no_longer_demanding
from accounts.own_passwords import ATTACHED, FORBIDDEN, STUCK, helping_policy, outcomes_of
from accounts.page_request import PageRequest
from accounts.queries.users import listed_users
from accounts.reauthentication import fresh_factor_required
from operations.caller import Caller
from operations.gate import authorise_read, one_change
from operations.ids import iam_arn
from operations.rehearsal import Step
from pages.components.shell import grouped
from pages.listing import BulkRun, Loss, Refused, bulk_page, is_confirmed

LOOKED_AT = 1_000  # users of whom a review asks the engine; the others are asked as they are done
WOULD_LOCK_OUT: Final[Mapping[str, Promise]] = {
    FORBIDDEN: gettext_lazy(
        "Would be locked out: nothing lets the user change the password (iam:ChangePassword), and you may not attach"
        " IAMUserChangePassword (iam:AttachUserPolicy)"
    ),
    STUCK: gettext_lazy(
        "Would be locked out: the user may not change the password (iam:ChangePassword), and IAMUserChangePassword cannot be attached"
        " or would not help, for a policy denies it, the boundary leaves it out, or no more policies can be attached"
    ),
}
ALONG = gettext_lazy(
    "IAMUserChangePassword is attached: nothing lets the user change the password (iam:ChangePassword) yet"
)


@fresh_factor_required(when=is_confirmed)
def demand_many(request: PageRequest) -> HttpResponse:
    """Have the selected users choose a new password at their next sign-in."""
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListUsers", iam_arn(account_id, "user/"))
    choosing = _Choosing(request.caller)
    run = BulkRun(
        title=_("Require new passwords"),
        button=_("Choose a new password at the next sign-in"),
        lead=_(
            "The present password works once more, for choosing a new one. Sessions that are open go on; access keys are not touched."
        ),
        back=reverse("accounts:users"),
        perform=choosing.demand,
        blocked=_why_not,
        left_out=~HAS_PASSWORD | Q(login_profile__reset_required=True),
        hindered=choosing.locked_out,
        opposite=choosing.opposite,
        refused=lambda rows: users_not_permitted(request.caller, rows, "iam:UpdateLoginProfile"),
        heading=_("What is done besides"),
        nothing=_("Nothing: the user is able to choose a new password."),
        losses=choosing.told,
        go=lambda counted: _("Require it of %(counted)s") % {"counted": counted},
        done=lambda n: (
            ngettext("%(n)s user must choose a new password", "%(n)s users must choose a new password", n)
            % {"n": grouped(n)}
        ),
        address=lambda row: KINDS["user"].address(row.name),
    )
    return bulk_page(request, USERS, listed_users(account_id).select_related("login_profile"), run)


@dataclass(frozen=True)
class _Choosing:
    """Which of some users are able to choose a new password; asked once of each within a request."""

    caller: Caller
    known: dict[int, str] = field(default_factory=dict)

    def locked_out(self, rows: Sequence[User]) -> Refused:
        """Those who could not sign in any more, with the reason. A fixed number of queries."""
        asked = [row for row in rows if not _why_not(row)][:LOOKED_AT]
        self.known.update(outcomes_of(self.caller, asked))
        why = {row.pk: str(WOULD_LOCK_OUT[self.known[row.pk]]) for row in asked if self.known[row.pk] in WOULD_LOCK_OUT}
        return Refused(why, complete=len(rows) <= LOOKED_AT)

    def told(self, rows: Sequence[User]) -> Mapping[int, Sequence[Loss]]:
        """What is attached to whom."""
        return {row.pk: [Loss(None, str(ALONG))] for row in rows if self._is_helped(row)}

    def demand(self, row: User, data: Mapping[str, Any]) -> str:
        """Require it, and attach what is missing; both or nothing. What was attached."""
        with one_change():
            update_login_profile(self.caller, user_name=row.name, password_reset_required=True)
            if self._is_helped(row):
                attach_user_policy(self.caller, user_name=row.name, policy_arn=helping_policy())
        return _("IAMUserChangePassword is attached") if self._is_helped(row) else ""

    def opposite(self, row: User, data: Mapping[str, Any]) -> Sequence[Step]:
        """What takes it back."""
        detaching = KINDS["user"].step("Detach", "Policy", row.name, policy_arn=helping_policy())
        return [no_longer_demanding(row), *([detaching] if self._is_helped(row) else [])]

    def _is_helped(self, row: User) -> bool:
        return self.known.get(row.pk) == ATTACHED


def _why_not(row: User) -> str:
    if row.is_invited:
        return _("Has not chosen a password yet: the invitation is open")
    if not row.has_password:
        return _("Has no console access")
    return _("Must choose a new one already") if row.login_profile.reset_required else ""
