"""The list of groups. ListGroups tells neither their users nor their policies."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import GroupAttachment
from pages.listing import AgeFilter, BulkAction, Column, Create, Listing, NumberFilter, RelatedFilter, TextFilter

DETAILS = "iam:GetAccountAuthorizationDetails"
SEE_MEMBERS = ("iam:GetGroup", DETAILS)
SEE_POLICIES = ("iam:ListAttachedGroupPolicies iam:ListGroupPolicies", DETAILS)
SEE_ATTACHED = ("iam:ListAttachedGroupPolicies", "iam:ListPolicies iam:ListEntitiesForPolicy", DETAILS)
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
        Column("members", _("Users"), value="member_count", sort="member_count", numeric=True, needs=SEE_MEMBERS),
        Column(
            "policies",
            _("Policies"),
            value="policy_count",
            sort="policy_count",
            nulls="never",
            numeric=True,
            needs=SEE_POLICIES,
        ),
        Column("created", _("Created"), value="created_at", sort="created_at"),
        Column("path", _("Path"), sort="path", default=False),
        Column("arn", _("ARN"), default=False),
        Column("unique_id", _("Unique ID"), sort="unique_id", default=False),
    ),
    filters=(
        TextFilter("name", _("Group name"), "name_key", fold=str.lower, shown_field="name"),
        TextFilter("path", _("Path"), "path", exact=True),
        NumberFilter("members", _("Users"), "member_count", needs=SEE_MEMBERS),
        NumberFilter("policies", _("Number of policies"), "policy_count", needs=SEE_POLICIES),
        RelatedFilter(
            "policy",
            _("Attached policy"),
            GroupAttachment,
            "group",
            "policy__name_key",
            "policy__name",
            needs=SEE_ATTACHED,
        ),
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
)
