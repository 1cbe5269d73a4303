"""The users of a group, and those who could join it: the columns of the users list, with a box to choose each."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from accounts.listings.users import USERS
from pages.listing import Column

_CHOOSE = Column("choose", _("Choose"), value="name", fixed=True, css="pick")

MEMBERS = replace(
    USERS,
    key="members",
    label=_("Users of the group"),
    columns=(_CHOOSE, *USERS.columns),
    bulk=(),
    create=None,
    cells="accounts/groups/member_cells.html",
    empty_title=_("Nobody is in this group"),
    empty_text=_("Add users to give them the group's policies."),
)
OUTSIDERS = replace(
    MEMBERS,
    key="outsiders",
    label=_("Users outside the group"),
    empty_title=_("Everybody is in this group already"),
    empty_text="",
)
