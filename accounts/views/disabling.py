"""Disabling users, one or many: console access, access keys and sessions end, and the users stay with all that they are and hold.

It is more than containing them: who has left, or is away for long, has no password any more. The rest can be switched on again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.deletable import users_not_permitted
from accounts.holders import KINDS
from accounts.listings.users import USERS
from accounts.models import LoginProfile, User
from accounts.operations.contain import contain_user
from accounts.operations.login_profiles import delete_login_profile
from accounts.other_credentials import OTHER_CREDENTIALS
from accounts.page_request import PageRequest
from accounts.queries.users import listed_users
from accounts.reauthentication import fresh_factor_required
from accounts.views.containing import ReasonOfMany, what_ends
from operations.caller import Caller
from operations.gate import authorise_form, authorise_read, one_change
from operations.ids import iam_arn
from operations.rehearsal import Step
from pages.components.shell import grouped
from pages.listing import BulkRun, Loss, bulk_page, is_confirmed, single_page
from pages.listing.needs import sees

HOLDER = KINDS["user"]
TAKING = "iam:DeleteLoginProfile"
NEEDED = ("iam:UpdateAccessKey", "iam:EndConsoleSessions", TAKING)


@fresh_factor_required(when=is_confirmed)
def disable_many(request: PageRequest) -> HttpResponse:
    """Disable the selected users."""
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListUsers", iam_arn(account_id, "user/"))
    return bulk_page(request, USERS, listed_users(account_id), _run(request, reverse("accounts:users")))


@fresh_factor_required(when=is_confirmed)
def disable(request: PageRequest, name: str) -> HttpResponse:
    """Disable one user: the same review, reached from the user's page."""
    row: User = HOLDER.read(request.caller, name)
    if request.method != "POST":
        for action in NEEDED:
            authorise_form(request.caller, action, row.arn, HOLDER.keys(row, action))
    run = _run(request, HOLDER.address(row.name), row.name)
    return single_page(request, USERS, listed_users(row.account_id), row, run)


def _run(request: PageRequest, back: str, name: str = "") -> BulkRun:
    """Disabling users, or with a name the one who is called so."""
    caller = request.caller
    return BulkRun(
        title=_("Disable %(name)s?") % {"name": name} if name else _("Disable users"),
        button=_("Disable"),
        lead=_(
            "Signing in to the console and calling with access keys end at once, sessions and temporary credentials too. Keys can be"
            " activated again; a password is deleted, and who comes back gets a new one or an invitation. Groups, policies and MFA"
            " devices stay."
        ),
        back=back,
        back_label=_("Back to %(name)s") % {"name": name} if name else "",
        perform=lambda row, data: _disable(caller, row, data["reason"]),
        form=ReasonOfMany,
        asks_reason=False,
        blocked=lambda row: _("Not disabled: this is you") if row == request.user_row else "",
        left_out=Q(pk=request.user_row.pk) if request.user_row else None,
        opposite=lambda row, data: _opposite(row),
        refused=lambda rows: users_not_permitted(caller, rows, *NEEDED),
        dangerous=True,
        heading=_("What happens"),
        nothing=_("Nothing is active."),
        losses=lambda rows: _what_ends(caller, rows),
        go=lambda counted: _("Disable %(counted)s") % {"counted": counted},
        done=lambda n: ngettext("%(n)s user disabled", "%(n)s users disabled", n) % {"n": grouped(n)},
        address=lambda row: HOLDER.address(row.name),
    )


def _disable(caller: Caller, row: User, reason: str) -> None:
    """All of it or nothing. Whoever may not take a password away is refused also where there is none: else that would be told."""
    authorise_form(caller, TAKING, row.arn, HOLDER.keys(row, TAKING))
    with one_change():
        contain_user(caller, user_name=row.name, reason=reason)
        if LoginProfile.objects.filter(user=row).exists():
            delete_login_profile(caller, user_name=row.name)


def _opposite(row: User) -> Sequence[Step]:
    """What takes it back: the keys that are active now. Of whoever has a password nothing, for that does not come back."""
    if row.console_access:
        return ()
    named = {"user_name": row.name, "status": "Active"}
    keys = row.access_keys.filter(is_active=True).order_by("created_at", "id").values_list("key_id", flat=True)
    return [Step("iam", "UpdateAccessKey", {**named, "access_key_id": key_id}) for key_id in keys]


def _what_ends(caller: Caller, users: Sequence[User]) -> Mapping[int, list[Loss]]:
    """What containing ends, and console access; and how many other credentials go on. Six queries at any number."""
    found = {key: list(lines) for key, lines in what_ends(users).items()}
    profiles = LoginProfile.objects.filter(user__in=users).values_list("user", "password_hash")
    for key, password in profiles:
        said = _("The console password is deleted") if password else _("The invitation to choose a password ends")
        found[key].insert(0, Loss(None, said))
    for key, number in _going_on(caller, users).items():
        words = ngettext("other credential goes on working", "other credentials go on working", number)
        found[key].append(Loss(number, words))
    return found


def _going_on(caller: Caller, users: Sequence[User]) -> Mapping[int, int]:
    """How many SSH keys, certificates and credentials of single services each has active: they sign in nowhere here, and stay.

    Of each kind for who may list it: of one user, or of all.
    """
    found: Counter[int] = Counter()
    for kind in OTHER_CREDENTIALS:
        is_one = len(users) == 1 and HOLDER.may(caller, kind.lists, users[0])
        if not is_one and not sees(caller, (kind.lists,)):
            continue
        model: Any = getattr(User, kind.relation).rel.related_model
        found.update(model.objects.filter(user__in=users, is_active=True).values_list("user", flat=True))
    return found
