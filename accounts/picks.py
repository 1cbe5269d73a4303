"""Groups and users as forms let choose them."""

from collections.abc import Sequence

from django.db.models import QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import held_beside  # noqa: F401 - what it registers is asked for by the picker of policies
from accounts.listings.groups import SEE_MEMBERS
from accounts.models import Group, Role, User
from operations.caller import Caller
from operations.gate import authorise_read
from operations.ids import iam_arn
from pages.listing.needs import sees
from pages.picking import Already, Creation, Pick, register, register_already

ADD_USER = "iam:AddUserToGroup"
CLOSED = "closed-groups"


def groups_to_pick(caller: Caller) -> "QuerySet[Group]":
    """The account's groups, with the number of their users for whoever may know it; reading them is authorised."""
    authorise_read(caller, "iam:ListGroups", iam_arn(caller.account_id, "group/"))
    rows = Group.objects.filter(account_id=caller.account_id)
    return rows.annotate(counted=Value(sees(caller, SEE_MEMBERS)))


def _members(group: Group) -> str:
    if not group.counted:  # type: ignore[attr-defined]
        return ""
    return ngettext("%(n)d user", "%(n)d users", group.member_count) % {"n": group.member_count}


def closed_groups(caller: Caller) -> Already:
    """Of groups it is told to which of them the caller may add nobody."""

    def among(pick: str, names: Sequence[str]) -> set[str]:
        rows = Group.objects.filter(account_id=caller.account_id, name__in=names)
        return {row.name for row in rows if not caller.may(ADD_USER, row.arn)}

    return Already(CLOSED, gettext("Needs %(permission)s") % {"permission": ADD_USER}, among)


register_already(CLOSED, lambda caller, about: closed_groups(caller))


def users_to_pick(caller: Caller) -> "QuerySet[User]":
    """The account's users; reading them is authorised."""
    authorise_read(caller, "iam:ListUsers", iam_arn(caller.account_id, "user/"))
    return User.objects.filter(account_id=caller.account_id)


def roles_to_pick(caller: Caller) -> "QuerySet[Role]":
    """The account's roles that people can switch to: those of services they cannot. Reading them is authorised."""
    authorise_read(caller, "iam:ListRoles", iam_arn(caller.account_id, "role/"))
    return Role.objects.filter(account_id=caller.account_id, service_linked_to="")


register(
    Pick(
        key="groups",
        rows=groups_to_pick,
        value="name",
        label="name",
        order="name_key",
        search=("name_key__inside",),
        noun=lambda n: ngettext("group", "groups", n),
        placeholder=_("Search groups by name"),
        note=_members,
        href=lambda row: reverse("accounts:group", args=[row.name]),
        create=Creation(_("Create group"), "accounts:group-create", "iam:CreateGroup", "group/"),
    )
)
register(
    Pick(
        key="roles",
        rows=roles_to_pick,
        value="name",
        label="name",
        order="name_key",
        search=("name_key__inside", "description__icontains"),
        noun=lambda n: ngettext("role", "roles", n),
        placeholder=_("Search roles by name"),
        note=lambda row: row.description,
        href=lambda row: reverse("accounts:role", args=[row.name]),
    )
)
register(
    Pick(
        key="users",
        rows=users_to_pick,
        value="name",
        label="name",
        order="name_key",
        search=("name_key__inside", "unique_id__iexact"),
        noun=lambda n: ngettext("user", "users", n),
        placeholder=_("Search users by name"),
        note=lambda row: "" if row.path == "/" else row.path,
        href=lambda row: reverse("accounts:user", args=[row.name]),
    )
)
