"""The list of policies that can be attached, with a box to choose each."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from pages.listing import Choice, ChoiceFilter, Column, Listing, NumberFilter, TextFilter
from policies.models import AWS

ATTACHABLE = Listing(
    key="attachable-policies",
    label=_("Policies to attach"),
    icon="policy",
    sort="name",
    noun=lambda n: ngettext("policy", "policies", n),
    search=("name_key__inside", "description__icontains", "arn__icontains"),
    row_name=lambda row: row.name,
    columns=(
        Column("choose", _("Attach"), value="arn", fixed=True, css="pick"),
        Column("name", _("Policy name"), sort="name_key", fixed=True),
        Column("type", _("Type"), sort="type"),
        Column("attachments", _("Attached to"), value="attachment_count", sort="attachment_count", numeric=True),
        Column("description", _("Description")),
    ),
    filters=(
        ChoiceFilter(
            "type",
            _("Type"),
            (
                Choice("customer", _("Customer managed"), ~Q(account_id=AWS)),
                Choice("aws", _("AWS managed"), Q(account_id=AWS)),
            ),
        ),
        TextFilter("name", _("Policy name"), "name_key", fold=str.lower, shown_field="name"),
        TextFilter("path", _("Path"), "path", exact=True),
        NumberFilter("attachments", _("Attached to"), "attachment_count"),
    ),
    cells="accounts/holders/attach_cells.html",
    size=25,
    empty_title=_("Every policy is attached already"),
    empty_text=_("Create a policy to give more, or change one that is attached."),
)
