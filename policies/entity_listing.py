"""The list of those who use a managed policy."""

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from operations.caller import Caller
from pages.listing import AgeFilter, BulkAction, Choice, ChoiceFilter, Column, Listing, NumberFilter, TextFilter
from policies.cascades import HOLDERS
from policies.models import PolicyEntity

if TYPE_CHECKING:
    from policies.queries import PolicyRow

KINDS = {"user": _("User"), "group": _("Group"), "role": _("Role")}
USAGES = {"attached": _("Permissions policy"), "boundary": _("Permissions boundary")}
SEE_MEMBERS = ("iam:GetGroup", "iam:GetAccountAuthorizationDetails")

ENTITIES = Listing(
    key="entities",
    label=_("Entities"),
    icon="group",
    sort="name",
    noun=lambda n: ngettext("entity", "entities", n),
    search=("name_key__inside", "unique_id__iexact"),
    row_name=lambda row: row.name,
    columns=(
        Column("name", _("Name"), sort="name_key", fixed=True),
        Column("kind", _("Type"), value=lambda row: str(KINDS[row.kind]), sort="kind"),
        Column("usage", _("Used as"), value=lambda row: str(USAGES[row.usage]), sort="usage"),
        Column("since", _("Since"), sort="since"),
        Column("members", _("Users in the group"), sort="members", numeric=True, default=False, needs=SEE_MEMBERS),
        Column("path", _("Path"), sort="path", default=False),
        Column("unique_id", _("Unique ID"), sort="unique_id", default=False),
    ),
    filters=(
        ChoiceFilter("kind", _("Type"), tuple(Choice(key, word, Q(kind=key)) for key, word in KINDS.items())),
        ChoiceFilter("usage", _("Used as"), tuple(Choice(key, word, Q(usage=key)) for key, word in USAGES.items())),
        TextFilter("name", _("Name"), "name_key", fold=str.lower, shown_field="name"),
        AgeFilter("since", _("Since"), "since", never=_("unknown")),
        NumberFilter("members", _("Users in the group"), "members", needs=SEE_MEMBERS),
        TextFilter("path", _("Path"), "path", exact=True),
        TextFilter("id", _("Unique ID"), "unique_id", fold=str.upper),
    ),
    cells="policies/entity_cells.html",
    empty_title=_("Nobody uses this policy"),
    empty_text=_("It takes effect for users, groups and roles to which it is attached."),
)


def entities_listing(caller: Caller, policy: "PolicyRow") -> Listing:
    """The list for one policy, with its length, which is kept, and what the caller may do to some of the rows."""
    listing = replace(ENTITIES, whole=lambda: policy.attachment_count + policy.boundary_count)
    if not any(caller.may_somehow(f"iam:Detach{word}Policy") for _relation, _entity, word in HOLDERS):
        return listing
    detach = BulkAction(_("Detach"), "policies:detach", kind="danger", args=(policy.arn,))
    return replace(listing, bulk=(detach,))


def why_not_detached(row: PolicyEntity) -> str:
    """Why a policy is not taken from somebody here, or an empty text."""
    if row.usage == "boundary":
        return str(_("A permissions boundary is not detached here, but on the page of the user or role."))
    if row.kind == "role" and row.path.startswith(SERVICE_LINKED):
        return str(_("A service-linked role is changed by its service alone."))
    return ""


SERVICE_LINKED = "/aws-service-role/"
NOT_DETACHED = Q(usage="boundary") | Q(kind="role", path__startswith=SERVICE_LINKED)  # the same as a condition
