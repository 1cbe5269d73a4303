"""The list of groups. ListGroups tells neither their users nor their policies."""

from functools import partial
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import GroupAttachment
from accounts.queries.groups import HAS_RULE, SAME_MEMBERS, SAME_POLICIES, same_members, same_policies
from pages.components.shell import grouped
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
    TextFilter,
)

DETAILS = "iam:GetAccountAuthorizationDetails"
SEE_MEMBERS = ("iam:GetGroup", DETAILS)
SEE_POLICIES = ("iam:ListAttachedGroupPolicies iam:ListGroupPolicies", DETAILS)
SEE_ATTACHED = ("iam:ListAttachedGroupPolicies", "iam:ListPolicies iam:ListEntitiesForPolicy", DETAILS)
SEE_DOCUMENTS = (f"{SEE_POLICIES[0]} iam:GetGroupPolicy", DETAILS)


def _yes_or_no(condition: Q) -> tuple[Choice, ...]:
    return Choice("yes", _("yes"), condition), Choice("no", _("no"), ~condition)


def _others(twin: str, row: Any) -> str:
    """The other groups that are the same: the first of them by name, and how many more."""
    name, more = getattr(row, twin), (getattr(row, f"{twin}s") or 0) - 1
    if not name or more < 1:
        return name or ""
    return ngettext("%(name)s and %(n)s more", "%(name)s and %(n)s more", more) % {"name": name, "n": grouped(more)}


GROUPS = Listing(
    key="groups",
    preview=True,
    label=_("Groups"),
    icon="group",
    sort="name",
    noun=lambda n: ngettext("group", "groups", n),
    search=("name_key__inside", "unique_id__iexact"),
    row_name=lambda row: row.name,
    columns=(
        Column("name", _("Group name"), sort="name_key", fixed=True),
        Column(
            "members",
            _("Users"),
            value="member_count",
            sort="member_count",
            numeric=True,
            needs=SEE_MEMBERS,
            along=same_members,
        ),
        Column(
            "policies",
            _("Policies"),
            value="policy_count",
            sort="policy_count",
            nulls="never",
            numeric=True,
            needs=SEE_POLICIES,
            along=same_policies,
        ),
        Column("created", _("Created"), value="created_at", sort="created_at"),
        Column(
            "same_users",
            _("Same users as"),
            value=partial(_others, "members_twin"),
            sort="members_digest",
            default=False,
            needs=SEE_MEMBERS,
            along=same_members,
        ),
        Column(
            "same_policies",
            _("Same policies as"),
            value=partial(_others, "policies_twin"),
            sort="policies_digest",
            default=False,
            needs=SEE_DOCUMENTS,
            along=same_policies,
        ),
        Column("path", _("Path"), sort="path", default=False),
        Column("arn", _("ARN"), default=False),
        Column("unique_id", _("Unique ID"), sort="unique_id", default=False),
    ),
    filters=(
        TextFilter("name", _("Group name"), "name_key", fold=str.lower, shown_field="name"),
        TextFilter("path", _("Path"), "path", exact=True),
        NumberFilter("members", _("Users"), "member_count", needs=SEE_MEMBERS),
        NumberFilter("policies", _("Number of policies"), "policy_count", needs=SEE_POLICIES),
        ChoiceFilter("same-users", _("Same users as another group"), _yes_or_no(SAME_MEMBERS), needs=SEE_MEMBERS),
        ChoiceFilter(
            "same-policies", _("Same policies as another group"), _yes_or_no(SAME_POLICIES), needs=SEE_DOCUMENTS
        ),
        RelatedFilter(
            "policy",
            _("Attached policy"),
            GroupAttachment,
            "group",
            "policy__name_key",
            "policy__name",
            needs=SEE_ATTACHED,
        ),
        ChoiceFilter("rule", _("Membership rule"), _yes_or_no(HAS_RULE)),
        TextFilter("id", _("Unique ID"), "unique_id", fold=str.upper),
        AgeFilter("created", _("Created"), "created_at"),
    ),
    cells="accounts/groups/cells.html",
    bulk=(
        BulkAction(_("Compare"), "access:compare-groups", "iam:GetGroup", exactly=2),
        BulkAction(_("Delete"), "accounts:groups-delete", "iam:DeleteGroup", kind="danger"),
    ),
    create=Create(_("Create group"), "accounts:group-create", "iam:CreateGroup"),
    empty_title=_("No groups yet"),
    empty_text=_(
        "A group gives its members the same policies. Most people should have their permissions through groups."
    ),
)
PRESETS = (  # each with what a reader needs to filter by it
    (_("All"), (), ()),
    (_("Empty"), ("members:eq:0",), SEE_MEMBERS),
    (_("Without policies"), ("policies:eq:0",), SEE_POLICIES),
    (_("Same users as another"), ("same-users:eq:yes",), SEE_MEMBERS),
    (_("Same policies as another"), ("same-policies:eq:yes",), SEE_DOCUMENTS),
)
