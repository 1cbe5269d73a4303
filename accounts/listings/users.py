"""The list of users: its columns, filters and bulk actions.

ListUsers tells name, path, ARN, unique ID, when it was created and when the password was last used; whatever else the list shows needs
what AWS asks for it. The account's details and the credential report tell much of it at once.
"""

from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.listings.boundary import BoundaryFilter
from accounts.listings.risk import RISK_COLUMN, RISK_FILTER
from accounts.models import HAS_PASSWORD, IS_INVITED, Membership, UserAttachment, UserInlinePolicy, UserTag
from pages.listing import (
    AgeFilter,
    BulkAction,
    Choice,
    ChoiceFilter,
    Column,
    Create,
    Listing,
    NumberFilter,
    RelatedFilter,
    TagFilter,
    TextFilter,
    tag_column,
)

NO_AGE = _("none")  # of what is not there
DETAILS, REPORT = "iam:GetAccountAuthorizationDetails", "iam:GetCredentialReport"
SEE_USER = ("iam:GetUser", DETAILS)
SEE_GROUPS = ("iam:ListGroupsForUser", "iam:ListGroups iam:GetGroup", DETAILS)
SEE_ATTACHED = ("iam:ListAttachedUserPolicies", "iam:ListPolicies iam:ListEntitiesForPolicy", DETAILS)
SEE_TAGS = ("iam:ListUserTags", *SEE_USER)
SEE_MFA = ("iam:ListMFADevices",)
SEE_PASSWORD = ("iam:GetLoginProfile", REPORT)
SEE_KEYS = ("iam:ListAccessKeys", REPORT)
SEE_ACTIVITY = ("iam:ListAccessKeys iam:GetAccessKeyLastUsed", REPORT)
SEE_EMAIL = ("iam:GetUser",)  # our own property, for whoever may open the user's page
HAS_INLINE = Q(Exists(UserInlinePolicy.objects.filter(user=OuterRef("pk"))))


def console_access(row: Any) -> str:
    """Whether a user can sign in to the console, or is invited to."""
    return str(_("Enabled") if row.has_password else _("Invited") if row.is_invited else _("Disabled"))


def matching(text: str, *, email: bool = True) -> Q:
    """Users by free text: each word in the name; what looks like a unique id or an email address may also be that.

    Most words can be neither, and an index with the names alone then answers.
    """
    found = Q()
    for word in text.split():
        condition = Q(name_key__inside=word)
        if word.startswith("aida"):
            condition |= Q(unique_id=word.upper())
        if email and "@" in word:
            condition |= Q(email__iexact=word)
        found &= condition
    return found


USERS = Listing(
    key="users",
    preview=True,
    label=_("Users"),
    icon="user",
    sort="name",
    noun=lambda n: ngettext("user", "users", n),
    search=matching,
    search_needs=SEE_EMAIL,
    plain_search=partial(matching, email=False),
    row_name=lambda row: row.name,
    columns=(
        Column("name", _("User name"), sort="name_key", fixed=True),
        Column("groups", _("Groups"), value="group_count", sort="group_count", numeric=True, needs=SEE_GROUPS),
        Column("mfa", _("MFA"), value="mfa_device_count", sort="mfa_device_count", needs=SEE_MFA),
        Column("console", _("Console access"), value=console_access, sort="console_access", needs=SEE_PASSWORD),
        Column(
            "password_age",
            _("Password age"),
            value="password_changed_at",
            sort="password_changed_at",
            nulls="low",
            empty=_("None"),
            needs=SEE_PASSWORD,
        ),
        Column(
            "key_age",
            _("Active key age"),
            value="oldest_active_key_at",
            sort="oldest_active_key_at",
            nulls="low",
            empty=_("None"),
            needs=SEE_KEYS,
        ),
        Column(
            "activity",
            _("Last activity"),
            value="last_activity_at",
            sort="last_activity_at",
            nulls="low",
            empty=_("Never"),
            needs=SEE_ACTIVITY,
        ),
        Column(
            "signed_in",
            _("Console last sign-in"),
            value="password_last_used",
            sort="password_last_used",
            nulls="low",
            empty=_("Never"),
            default=False,
        ),
        Column(
            "keys",
            _("Active keys"),
            value="active_key_count",
            sort="active_key_count",
            numeric=True,
            default=False,
            needs=SEE_KEYS,
        ),
        Column("created", _("Created"), value="created_at", sort="created_at", default=False),
        Column("path", _("Path"), sort="path", default=False),
        Column(
            "boundary",
            _("Permissions boundary"),
            value="boundary.name",
            sort="boundary_key",
            blank=True,
            default=False,
            needs=SEE_USER,
        ),
        Column("arn", _("ARN"), default=False),
        Column("unique_id", _("Unique ID"), sort="unique_id", default=False),
        Column("email", _("Email"), sort="email", blank=True, default=False, needs=SEE_EMAIL),
        RISK_COLUMN,
        tag_column(SEE_TAGS),
    ),
    filters=(
        TextFilter("name", _("User name"), "name_key", fold=str.lower, shown_field="name"),
        TextFilter("path", _("Path"), "path", exact=True),
        ChoiceFilter(
            "mfa",
            _("MFA"),
            (Choice("none", _("none"), Q(mfa_device_count=0)), Choice("any", _("any"), Q(mfa_device_count__gt=0))),
            needs=(*SEE_MFA, REPORT),
        ),
        ChoiceFilter(
            "console",
            _("Console access"),
            (
                Choice("yes", _("yes"), HAS_PASSWORD),
                Choice("invited", _("invited"), IS_INVITED),
                Choice("no", _("no"), Q(console_access=False)),
            ),
            needs=SEE_PASSWORD,
        ),
        AgeFilter("activity", _("Last activity"), "last_activity_at", needs=SEE_ACTIVITY),
        AgeFilter("signed-in", _("Console last sign-in"), "password_last_used"),
        AgeFilter("password-age", _("Password age"), "password_changed_at", never=NO_AGE, needs=SEE_PASSWORD),
        AgeFilter("key-age", _("Active key age"), "oldest_active_key_at", never=NO_AGE, needs=SEE_KEYS),
        AgeFilter("created", _("Created"), "created_at"),
        NumberFilter("keys", _("Active keys"), "active_key_count", needs=SEE_KEYS),
        NumberFilter("groups", _("Number of groups"), "group_count", needs=SEE_GROUPS),
        RelatedFilter(
            "group",
            _("Group"),
            Membership,
            "user",
            "group__name_key",
            "group__name",
            absent=Q(group_count=0),
            needs=SEE_GROUPS,
        ),
        RelatedFilter(
            "policy",
            _("Attached policy"),
            UserAttachment,
            "user",
            "policy__name_key",
            "policy__name",
            needs=SEE_ATTACHED,
        ),
        ChoiceFilter(
            "inline",
            _("Inline policies"),
            (Choice("none", _("none"), ~HAS_INLINE), Choice("any", _("any"), HAS_INLINE)),
            needs=("iam:ListUserPolicies", DETAILS),
        ),
        BoundaryFilter("boundary", _("Permissions boundary"), needs=SEE_USER),
        TextFilter("id", _("Unique ID"), "unique_id", fold=str.upper),
        TextFilter("email", _("Email"), "email", absent=Q(email=""), needs=SEE_EMAIL),
        RISK_FILTER,
        TagFilter("tag", _("Tag"), UserTag, "user", needs=SEE_TAGS),
    ),
    cells="accounts/users/cells.html",
    bulk=(
        BulkAction(_("Compare"), "access:compare-users", "iam:GetUser", exactly=2),
        BulkAction(_("Add to group"), "accounts:users-add-to-group", "iam:AddUserToGroup"),
        BulkAction(_("Add tag"), "accounts:users-tag", "iam:TagUser", more=True),
        BulkAction(
            _("Set permissions boundary"),
            "accounts:users-set-boundary",
            "iam:PutUserPermissionsBoundary",
            more=True,
        ),
        BulkAction(_("Require new password"), "accounts:users-require-password", "iam:UpdateLoginProfile", more=True),
        BulkAction(_("Deactivate keys"), "accounts:users-deactivate-keys", "iam:UpdateAccessKey"),
        BulkAction(_("Contain"), "accounts:users-contain", "iam:UpdateAccessKey"),
        BulkAction(_("Disable"), "accounts:users-disable", "iam:DeleteLoginProfile", more=True),
        BulkAction(
            _("Remove permissions boundary"),
            "accounts:users-remove-boundary",
            "iam:DeleteUserPermissionsBoundary",
            kind="danger",
            more=True,
        ),
        BulkAction(_("Delete"), "accounts:users-delete", "iam:DeleteUser", kind="danger"),
    ),
    create=Create(_("Create user"), "accounts:user-create", "iam:CreateUser"),
    empty_title=_("No users yet"),
    empty_text=_(
        "A user is a person or a program with credentials of its own. Give people groups, and programs roles where you can."
    ),
)
