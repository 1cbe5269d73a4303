"""The users of a group, and those who could join it: the columns of the users list, with what can be done with the chosen ones."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from accounts.listings.users import USERS
from accounts.models import Group
from pages.listing import BulkAction, Listing


def members(group: Group) -> Listing:
    """The users of a group; chosen ones can be taken out."""
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
        label=_("Users outside the group"),
        bulk=(add,),
        whole=None,
        empty_title=_("Everybody is in this group already"),
        empty_text=_("A new user can be put into the group while being created."),
    )
