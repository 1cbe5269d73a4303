"""The worked list of docs/ui.md, error pages and a page without the frame, to look at and to test. Only with DEBUG; each component in each
state is shown by iamconsole.design."""

from functools import cache
from typing import Any

from django import forms
from django.apps import apps
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from engine import Principal, Request
from engine.decision import Decision
from engine.policies import Policies
from operations.errors import AccessDenied, LimitExceeded, ServiceError
from pages.listing import (
    AgeFilter,
    BulkAction,
    BulkRun,
    Choice,
    ChoiceFilter,
    Column,
    DateFilter,
    Listing,
    NumberFilter,
    RelatedFilter,
    TagFilter,
    TextFilter,
    bulk_page,
    render_listing,
)

POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "KeepLedgers",
      "Effect": "Deny",
      "Action": "s3:Delete*",
      "Resource": "arn:aws:s3:::ledger-*",
      "Condition": { "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } }
    }
  ]
}"""
EDITED = POLICY.replace('"s3:Delete*"', '["s3:Delete*", "s3:PutBucketPolicy"]').replace("ledger-*", "ledger-2026-*")
FACTORS = [("app", _("Authenticator app")), ("passkey", _("Passkey"))]
GROUPS = [("ops", "ops"), ("audit", "audit")]
FAILURE = (
    "1 validation error detected: Value at 'userName' failed to satisfy constraint: "
    r"Member must satisfy regular expression pattern: [\w+=,.@-]+"
)
ALICE = "arn:aws:iam::123456789012:user/alice"


class ExampleForm(forms.Form):
    """Every kind of field."""

    user_name = forms.CharField(
        label=_("User name"),
        max_length=64,
        help_text=_("Up to 64 letters, digits and +\u00a0=\u00a0,\u00a0.\u00a0@\u00a0_\u00a0-"),
    )
    path = forms.CharField(label=_("Path"), required=False, initial="/")
    kind = forms.ChoiceField(
        label=_("Access"), choices=[("console", _("Console")), ("keys", _("Access keys")), ("both", _("Both"))]
    )
    mfa = forms.ChoiceField(label=_("Second factor"), widget=forms.RadioSelect, choices=FACTORS, required=False)
    groups = forms.MultipleChoiceField(
        label=_("Groups"), widget=forms.CheckboxSelectMultiple, choices=GROUPS, required=False
    )
    must_change = forms.BooleanField(label=_("The user must choose a new password at the next sign-in"), required=False)
    policy_document = forms.CharField(
        label=_("Policy document"), widget=forms.Textarea(attrs={"class": "mono", "rows": 6}), required=False
    )
    photo = forms.FileField(label=_("File"), required=False)


def denied() -> AccessDenied:
    request = Request(Principal.from_arn("arn:aws:iam::123456789012:user/build-bot"), "iam:DeleteUser", ALICE)
    sentence = (
        "User: arn:aws:iam::123456789012:user/build-bot is not authorized to perform: iam:DeleteUser on resource: "
        "user alice because no identity-based policy allows the iam:DeleteUser action"
    )
    return AccessDenied(sentence, decision=Decision("implicitDeny", request, Policies()), request=request)


@cache
def example_listing() -> Listing:
    """The worked list of docs/ui.md, over users."""
    return Listing(
        key="design-users",
        preview=True,
        label=_("Users"),
        noun=lambda number: ngettext("user", "users", number),
        icon="user",
        sort="name",
        search=("name_key__inside", "path__icontains", "unique_id__iexact"),
        columns=(
            Column("name", _("User"), sort="name_key", fixed=True),
            Column("groups", _("Groups"), value="group_count", sort="group_count", numeric=True),
            Column("mfa", _("MFA"), value="mfa_device_count", sort="mfa_device_count"),
            Column("key_age", _("Key age"), value="oldest_active_key_at", sort="oldest_active_key_at", numeric=True),
            Column(
                "activity",
                _("Last activity"),
                value="last_activity_at",
                sort="last_activity_at",
                nulls="low",
                empty=_("Never"),
            ),
            Column("created", _("Created"), value="created_at", sort="created_at"),
            Column("path", _("Path"), sort="path", default=False, css="mono"),
            Column("arn", _("ARN"), default=False, css="mono"),
        ),
        filters=(
            TextFilter("name", _("Name"), "name_key", fold=str.lower, shown_field="name"),
            TextFilter("path", _("Path"), "path", exact=True),
            ChoiceFilter(
                "mfa",
                _("MFA"),
                (Choice("none", _("none"), Q(mfa_device_count=0)), Choice("any", _("any"), Q(mfa_device_count__gt=0))),
            ),
            AgeFilter("activity", _("Last activity"), "last_activity_at"),
            DateFilter("created", _("Created"), "created_at"),
            NumberFilter("groups", _("Groups"), "group_count"),
            RelatedFilter(
                "group", _("Group"), apps.get_model("accounts", "Membership"), "user", "group__name_key", "group__name"
            ),
            TagFilter("tag", _("Tag"), apps.get_model("accounts", "UserTag"), "user"),
        ),
        cells="pages/design_cells.html",
        bulk=(
            BulkAction(_("Greet"), "pages:design-bulk"),
            BulkAction(_("Add tag"), "pages:design-bulk", more=True),
            BulkAction(_("Export"), "pages:design-bulk", more=True),
            BulkAction(_("Delete"), "pages:design-bulk", kind="danger"),
        ),
        empty_title=_("No users yet"),
        empty_text=_("A user is a person or a program that signs in to this account."),
    )


def _rows(request: HttpRequest) -> Any:
    caller = getattr(request, "caller", None)
    return apps.get_model("accounts", "User").objects.filter(account_id=caller.account_id if caller else "")


def design_list(request: HttpRequest) -> HttpResponseBase:
    """The worked list."""
    return render_listing(request, example_listing(), _rows(request), template="pages/design_list.html")


def design_bulk(request: HttpRequest) -> HttpResponse:
    """A bulk action that changes nothing: users of the path /machines/ cannot be greeted."""
    run = BulkRun(
        title=_("Greet users"),
        go=lambda counted: _("Greet %(counted)s") % {"counted": counted},
        done=lambda n: ngettext("%(n)d user greeted", "%(n)d users greeted", n) % {"n": n},
        lead=_("Each of them is greeted; nothing is stored."),
        button=_("Greet"),
        back="/design/list/",
        perform=lambda row, data: f"Hello {row.name}",
        blocked=lambda row: str(_("a machine does not answer")) if row.path == "/machines/" else "",
    )
    return bulk_page(request, example_listing(), _rows(request), run)


def design_error(request: HttpRequest, code: str) -> HttpResponse:
    """The error pages: denied, missing, limit."""
    errors: dict[str, ServiceError] = {
        "denied": denied(),
        "missing": ServiceError("The user with name alicia cannot be found.", code="NoSuchEntity", status=404),
    }
    raise errors.get(code) or LimitExceeded("Cannot exceed quota for UsersPerAccount: 5000")


def design_plain(request: HttpRequest) -> HttpResponse:
    """A page without the frame."""
    return render(request, "pages/design_plain.html", {"form": ExampleForm()})


urlpatterns = [
    path("design/list/", design_list, name="design-list"),
    path("design/list/bulk/", design_bulk, name="design-bulk"),
    path("design/error/<str:code>/", design_error, name="design-error"),
    path("design/plain/", design_plain, name="design-plain"),
]
