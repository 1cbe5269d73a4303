"""Deactivating the old access keys of many users: how old is chosen first, then each key is told with its age and last use."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.deletable import users_not_permitted
from accounts.holders import KINDS
from accounts.listings.users import USERS
from accounts.models import AccessKey, User
from accounts.operations.access_keys import update_access_key
from accounts.page_request import PageRequest
from accounts.queries.users import listed_users
from accounts.reauthentication import fresh_factor_required
from accounts.resolve import keys_of
from operations.caller import Caller
from operations.clock import now
from operations.gate import authorise_read, authorise_reads, one_change
from operations.ids import iam_arn
from operations.rehearsal import Step
from pages.components.shell import grouped
from pages.listing import BulkRun, Loss, bulk_page, is_confirmed
from pages.listing.needs import sees

USUAL, MOST = 90, 3650  # days
CREATED, USED = "created", "used"
LISTING, LAST_USED = "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed"
UPDATING = "iam:UpdateAccessKey"
NEEDED = (LISTING, UPDATING)
LEAD = gettext_lazy(
    "Programs that use a key are refused as soon as it is inactive. It stays with its user and can be activated again."
)


class AgeForm(forms.Form):
    """How old a key must be to become inactive, and from when on its age counts."""

    days = forms.IntegerField(
        label=gettext_lazy("Minimum age in days"),
        min_value=0,
        max_value=MOST,
        initial=USUAL,
        help_text=gettext_lazy("With 0, all active keys of the selected users become inactive."),
    )
    since = forms.ChoiceField(
        label=gettext_lazy("The age counts from"),
        widget=forms.RadioSelect,
        initial=CREATED,
        choices=[
            (CREATED, gettext_lazy("the key's creation")),
            (USED, gettext_lazy("its last use, or its creation where it was never used")),
        ],
    )


@dataclass(frozen=True)
class Age:
    """How old a key must be to become inactive."""

    days: int
    since: str

    @property
    def _latest(self) -> datetime:
        return now() - timedelta(days=self.days)

    @property
    def due(self) -> Q:
        """Active keys that are old enough."""
        created = Q(created_at__lte=self._latest)
        if self.since == USED:
            return Q(Q(last_used_at__lte=self._latest) | Q(created, last_used_at=None), is_active=True)
        return Q(created, is_active=True)

    def reaches(self, key: AccessKey) -> bool:
        """Whether a key is one of these."""
        moment = (key.last_used_at if self.since == USED else None) or key.created_at
        return key.is_active and moment <= self._latest

    @property
    def needed(self) -> tuple[str, ...]:
        """What somebody must be permitted to deactivate keys by this age."""
        return (LISTING, LAST_USED, UPDATING) if self.since == USED else NEEDED


@fresh_factor_required(when=is_confirmed)
def expire_many(request: PageRequest) -> HttpResponse:
    """Deactivate the active access keys of the selected users that are old enough."""
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListUsers", iam_arn(account_id, "user/"))
    rows, form = listed_users(account_id), AgeForm(request.POST)
    if form.is_valid():  # what it decides about each user is counted in the database
        due = AccessKey.objects.filter(_age(form.cleaned_data).due, user=OuterRef("pk"))
        rows = rows.annotate(has_key=Exists(AccessKey.objects.filter(user=OuterRef("pk"))), has_due_key=Exists(due))
    return bulk_page(request, USERS, rows, _run(request.caller, None))


def _age(data: Mapping[str, Any]) -> Age:
    return Age(data["days"], data["since"])


def _run(caller: Caller, age: Age | None) -> BulkRun:
    """Deactivating keys, before their age is chosen and after."""
    needed = age.needed if age else NEEDED
    return BulkRun(
        title=_("Deactivate access keys"),
        button=_("Deactivate keys"),
        lead=f"{_said(age)}. {LEAD}" if age else LEAD,
        tells_blocked=True,
        back=reverse("accounts:users"),
        perform=lambda row, data: _deactivate(caller, row, _age(data)),
        form=AgeForm,
        decided=lambda data: _run(caller, _age(data)),
        blocked=_no_due_key if age else None,
        left_out=Q(has_due_key=False) if age and all(sees(caller, (each,)) for each in needed) else None,
        opposite=lambda row, data: [_status(row, key, "Active") for key in _due(row, _age(data))],
        refused=lambda rows: users_not_permitted(caller, rows, *needed),
        heading=_("What happens to each key"),
        losses=(lambda rows: _told(caller, rows, age)) if age else None,
        go=lambda counted: _("Deactivate keys of %(counted)s") % {"counted": counted},
        done=lambda n: (
            ngettext("Access keys of %(n)s user deactivated", "Access keys of %(n)s users deactivated", n)
            % {"n": grouped(n)}
        ),
        with_what=lambda data: _said(_age(data)),
        address=lambda row: KINDS["user"].address(row.name),
    )


def _said(age: Age) -> str:
    """Which keys these are."""
    if age.since == USED:
        words = ngettext(
            "Active keys that were not used for %(n)d day", "Active keys that were not used for %(n)d days", age.days
        )
    else:
        words = ngettext(
            "Active keys that are at least %(n)d day old", "Active keys that are at least %(n)d days old", age.days
        )
    return words % {"n": age.days}


def _no_due_key(row: Any) -> str:
    """Why nothing becomes of a user's keys; empty where something does."""
    if row.has_due_key:
        return ""
    return _("No active key is that old") if row.has_key else _("Has no access key")


def _due(user: User, age: Age) -> list[AccessKey]:
    return [key for key in user.access_keys.order_by("created_at", "id") if age.reaches(key)]


def _status(user: User, key: AccessKey, status: str) -> Step:
    return Step("iam", "UpdateAccessKey", {"user_name": user.name, "access_key_id": key.key_id, "status": status})


def _deactivate(caller: Caller, user: User, age: Age) -> str:
    """Deactivate the keys of one user, all of them or none; which they were. Raises AccessDenied, also for who may not know them."""
    authorise_reads(caller, [(each, user.arn, keys_of(user, each)) for each in age.needed if each != UPDATING])
    keys = _due(user, age)
    with one_change():
        for key in keys:
            update_access_key(caller, **_status(user, key, "Inactive").params)
    return ", ".join(key.key_id for key in keys)


def _told(caller: Caller, users: Sequence[User], age: Age) -> dict[int, list[Loss]]:
    """What becomes of each key of some users, by their primary keys; one query, and what is read for it is recorded at once."""
    knowing = [user for user in users if caller.may(LAST_USED, user.arn, keys_of(user, LAST_USED))]
    reads = [*((LISTING, user) for user in users), *((LAST_USED, user) for user in knowing)]
    authorise_reads(caller, [(action, user.arn, keys_of(user, action)) for action, user in reads])
    known = {user.pk for user in knowing}
    found: dict[int, list[Loss]] = defaultdict(list)
    for key in AccessKey.objects.filter(user__in=users).order_by("created_at", "id"):
        found[key.user_id].append(_fate(key, age, is_use_known=key.user_id in known))
    return found


def _fate(key: AccessKey, age: Age, *, is_use_known: bool) -> Loss:
    """What becomes of a key: `AKIA… becomes inactive, 120 days old, never used`."""
    if not key.is_active:
        words = _("%(key)s is inactive already, %(old)s")
    elif age.reaches(key):
        words = _("%(key)s becomes inactive, %(old)s")
    else:
        words = _("%(key)s stays active, %(old)s")
    days = (now() - key.created_at).days
    old = ngettext("%(n)d day old", "%(n)d days old", days) % {"n": days}
    said = words % {"key": key.key_id, "old": old}
    if is_use_known and key.last_used_at is None:
        said = _("%(said)s, never used") % {"said": said}
    return Loss(None, said, key.last_used_at if is_use_known else None)
