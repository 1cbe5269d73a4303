"""The list of users, and what is done to many of them at once."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.cascades import delete_user_completely
from accounts.listings.users import USERS
from accounts.models import Group, User
from accounts.operations.memberships import add_user_to_group
from accounts.operations.tags import tag_user
from accounts.page_request import PageRequest
from accounts.queries.users import listed_users
from operations.gate import authorise_read
from operations.ids import iam_arn
from pages.listing import BulkRun, bulk_page, render_listing


def users(request: PageRequest) -> HttpResponseBase:
    """All users of the account."""
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListUsers", iam_arn(account_id, "user/"))
    return render_listing(request, USERS, listed_users(account_id), template="accounts/users/list.html")


def delete_many(request: PageRequest) -> HttpResponse:
    """Delete the selected users, each with everything that hangs on it."""
    run = BulkRun(
        title=_("Delete users"),
        button=_("Delete"),
        lead=_(
            "Each user is deleted with password, access keys, MFA devices, policies and group memberships. This cannot be undone."
        ),
        back=reverse("accounts:users"),
        perform=lambda row, data: delete_user_completely(request.caller, row),
        blocked=lambda row: _("This is you.") if row == request.user_row else "",
        dangerous=True,
    )
    return _bulk(request, run)


def add_many_to_group(request: PageRequest) -> HttpResponse:
    """Add the selected users to a group."""
    authorise_read(request.caller, "iam:ListGroups", iam_arn(request.caller.account_id, "group/"))
    names = (
        Group.objects.filter(account_id=request.caller.account_id).order_by("name_key").values_list("name", flat=True)
    )

    class GroupForm(forms.Form):
        group = forms.ChoiceField(label=gettext_lazy("Group"), choices=[(name, name) for name in names])

    def perform(row: User, data: Mapping[str, Any]) -> None:
        add_user_to_group(request.caller, group_name=data["group"], user_name=row.name)

    run = BulkRun(
        title=_("Add users to a group"),
        button=_("Add to group"),
        back=reverse("accounts:users"),
        perform=perform,
        form=GroupForm,
    )
    return _bulk(request, run)


class TagForm(forms.Form):
    """A tag for many."""

    key = forms.CharField(label=gettext_lazy("Key"), max_length=128)
    value = forms.CharField(label=gettext_lazy("Value"), max_length=256, required=False)


def tag_many(request: PageRequest) -> HttpResponse:
    """Set a tag on the selected users."""

    def perform(row: User, data: Mapping[str, Any]) -> None:
        tag_user(request.caller, user_name=row.name, tags=[{"Key": data["key"], "Value": data["value"]}])

    run = BulkRun(
        title=_("Tag users"), button=_("Add tag"), back=reverse("accounts:users"), perform=perform, form=TagForm
    )
    return _bulk(request, run)


def _bulk(request: PageRequest, run: BulkRun) -> HttpResponse:
    account_id = request.caller.account_id
    authorise_read(request.caller, "iam:ListUsers", iam_arn(account_id, "user/"))
    return bulk_page(request, USERS, listed_users(account_id), run)
