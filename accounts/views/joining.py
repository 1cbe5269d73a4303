"""Adding many users to a group: which one it is first, then what it gives to whom and who is in it already."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.consequences import Impact, joining
from accounts.holders import KINDS
from accounts.listings.users import SEE_GROUPS, USERS
from accounts.models import Group, Membership, User
from accounts.operations.memberships import add_user_to_group
from accounts.opposites import leaving
from accounts.page_request import PageRequest
from accounts.picks import ADD_USER, closed_groups
from accounts.queries.users import listed_users
from accounts.quotas import in_most_groups, in_too_many_groups
from accounts.resolve import find_group
from operations.caller import Caller
from operations.gate import authorise_read
from operations.ids import iam_arn
from pages.components.shell import grouped
from pages.listing import BulkRun, bulk_page
from pages.listing.needs import sees
from pages.picking import PickField


class GroupForm(forms.Form):
    """The group that users are added to; none is chosen beforehand."""

    group = PickField("groups", single=True, label=gettext_lazy("Group"))

    def __init__(self, *args: Any, caller: Caller, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.caller = caller
        self.fields["group"].ask(caller, already=closed_groups(caller))  # type: ignore[attr-defined]

    def clean_group(self) -> str:
        """It is looked up once for all. Raises ValidationError for one that is not there or to which the Caller may add nobody."""
        name = str(self.cleaned_data["group"])
        group = find_group(self.caller.account_id, name)
        if not self.caller.may(ADD_USER, group.arn if group else iam_arn(self.caller.account_id, f"group/{name}")):
            raise forms.ValidationError(
                _("You may not add users to this group (%(permission)s)."), params={"permission": ADD_USER}
            )
        if group is None:
            raise forms.ValidationError(_("There is no group of this name."))
        return group.name


def add_many_to_group(request: PageRequest) -> HttpResponse:
    """Add the selected users to a group."""
    caller = request.caller
    authorise_read(caller, "iam:ListUsers", iam_arn(caller.account_id, "user/"))
    authorise_read(caller, "iam:ListGroups", iam_arn(caller.account_id, "group/"))
    group = find_group(caller.account_id, request.POST.get("group", ""))
    users = listed_users(caller.account_id)
    known = group is not None and _sees_members(caller, group)
    if known:
        users = users.annotate(is_member=Exists(Membership.objects.filter(user=OuterRef("pk"), group=group)))

    def perform(row: User, data: Mapping[str, Any]) -> None:
        add_user_to_group(caller, group_name=data["group"], user_name=row.name)

    def impact(rows: "QuerySet[Any]") -> Impact | None:
        return joining(caller, group, rows.exclude(is_member=True) if known else rows) if group else None

    run = BulkRun(
        title=_("Add users to a group"),
        button=_("Add to group"),
        back=reverse("accounts:users"),
        perform=perform,
        form=partial(GroupForm, caller=caller),
        decided=lambda data: replace(run, lead=_("Group: %(name)s") % {"name": data["group"]}, impact=impact),
        blocked=_why_not,
        left_out=in_most_groups() | Q(is_member=True) if known else in_most_groups(),
        opposite=lambda row, data: leaving(row, data["group"]),
        go=lambda counted: _("Add %(counted)s") % {"counted": counted},
        done=lambda n: ngettext("%(n)s user added to a group", "%(n)s users added to a group", n) % {"n": grouped(n)},
        with_what=lambda data: _("Group: %(name)s") % {"name": data["group"]},
        address=lambda row: KINDS["user"].address(row.name),
    )
    return bulk_page(request, USERS, users, run)


def _sees_members(caller: Caller, group: Group) -> bool:
    """Whether a caller may know who is in a group."""
    return caller.may("iam:GetGroup", group.arn) or sees(caller, SEE_GROUPS)


def _why_not(row: User) -> str:
    return _("Already a member: nothing changes") if getattr(row, "is_member", False) else in_too_many_groups(row)
