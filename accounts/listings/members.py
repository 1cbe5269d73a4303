"""The users of a group, and those who could join it: the columns of the users list, with what can be done with the chosen ones."""

from dataclasses import replace

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.listings.users import USERS
from accounts.models import Group, Membership
from pages.listing import BulkAction, Choice, ChoiceFilter, Column, Listing


def members(group: Group, *, ruled: bool = False) -> Listing:
    """The users of a group; chosen ones can be taken out. In one that has a rule (`ruled`) it is shown whom that has added."""
    by_rule = Q(Exists(Membership.objects.filter(group=group, user=OuterRef("pk"), by_rule=True)))
    take_out = BulkAction(
        _("Remove from group"),
        "accounts:group-remove-users",
        "iam:RemoveUserFromGroup",
        kind="danger",
        args=(group.name,),
    )
    return replace(
        USERS,
        key="members",
        label=_("Users of the group"),
        columns=(*USERS.columns[:1], Column("by_rule", _("By rule"), default=ruled), *USERS.columns[1:]),
        filters=(
            *USERS.filters,
            ChoiceFilter("by-rule", _("By rule"), (Choice("yes", _("yes"), by_rule), Choice("no", _("no"), ~by_rule))),
        ),
        bulk=(take_out,),
        create=None,
        whole=lambda: group.member_count,
        empty_title=_("Nobody is in this group"),
        empty_text=_("Add users to give them the group's policies."),
    )


def outsiders(group: Group) -> Listing:
    """The users who are not in a group; chosen ones can be added."""
    add = BulkAction(
        _("Add to group"), "accounts:group-add-users", "iam:AddUserToGroup", kind="primary", args=(group.name,)
    )
    return replace(
        members(group),
        key="outsiders",
        columns=USERS.columns,
        filters=USERS.filters,
        label=_("Users outside the group"),
        bulk=(add,),
        whole=None,
        empty_title=_("Everybody is in this group already"),
        empty_text=_("A new user can be put into the group while being created."),
    )
