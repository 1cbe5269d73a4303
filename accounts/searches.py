"""Users, groups and roles in the search over everything: by name, unique id, ARN, tag, and users by an access key."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.holders import KINDS
from accounts.listings import roles as role_list
from accounts.listings import users as user_list
from accounts.models import AccessKey, Group, Role, RoleTag, User, UserTag
from operations.caller import Caller
from operations.ids import iam_arn
from pages import search
from pages.listing.needs import sees
from pages.search import Command, Hit, listed_or_tagged

search.offer(
    Command(gettext_lazy("Create user"), "plus", "accounts:user-create", action="iam:CreateUser", order=10),
    Command(gettext_lazy("Create group"), "plus", "accounts:group-create", action="iam:CreateGroup", order=20),
    Command(gettext_lazy("Create role"), "plus", "accounts:role-create", action="iam:CreateRole", order=30),
    Command(
        gettext_lazy("Sign out"), "sign-out", "accounts:sign-out", words=gettext_lazy("log out"), fields={}, order=60
    ),
)
ENOUGH_OF_AN_ID = 6  # the four letters of its kind, and something of its own


@search.register(gettext_lazy("Users"), "user", "accounts:users", listed_or_tagged)
def users(caller: Caller, text: str, limit: int) -> Iterable[Hit]:
    """Users for whoever may list them; by a tag for whoever may see all tags, by an access key for whoever may list that user's keys."""
    found: list[Hit] = []
    if caller.may("iam:ListUsers", iam_arn(caller.account_id, "user/")):
        found = _fitting("user", "AIDA", User.objects.filter(account_id=caller.account_id), text, limit)
        if sees(caller, user_list.SEE_TAGS):
            found += _tagged("user", UserTag, caller.account_id, text, limit)
    return _once([*_by_access_key(caller, text, limit), *found])


@search.register(gettext_lazy("Groups"), "group", "accounts:groups")
def groups(caller: Caller, text: str, limit: int) -> Iterable[Hit]:
    """Groups for whoever may list them."""
    if not caller.may("iam:ListGroups", iam_arn(caller.account_id, "group/")):
        return []
    return _fitting("group", "AGPA", Group.objects.filter(account_id=caller.account_id), text, limit)


@search.register(gettext_lazy("Roles"), "role", "accounts:roles", listed_or_tagged)
def roles(caller: Caller, text: str, limit: int) -> Iterable[Hit]:
    """Roles for whoever may list them; by a tag for whoever may see all tags."""
    if not caller.may("iam:ListRoles", iam_arn(caller.account_id, "role/")):
        return []
    found = _fitting("role", "AROA", Role.objects.filter(account_id=caller.account_id), text, limit)
    if sees(caller, role_list.SEE_TAGS):
        found += _tagged("role", RoleTag, caller.account_id, text, limit)
    return _once(found)


def _fitting(kind: str, prefix: str, rows: "QuerySet[Any]", text: str, limit: int) -> list[Hit]:
    """Rows by ARN or the beginning of one, by unique id or the beginning of one, by name: names that begin with the text first."""
    if text.startswith("arn:"):
        condition = _of_arn(kind, text)
        found = list(rows.filter(condition).order_by("name_key")[:limit]) if condition else []
        return [_hit(kind, row) for row in found if row.arn.lower().startswith(text.lower())]
    if text.upper().startswith(prefix) and len(text) >= ENOUGH_OF_AN_ID:
        by_id = list(rows.filter(unique_id__startswith=text.upper()).order_by("unique_id")[:limit])
        if by_id:
            return [_hit(kind, row, row.unique_id) for row in by_id]
    begins = Q(name_key__startswith=text.lower())
    found = list(rows.filter(begins).order_by("name_key")[:limit])
    if len(found) < limit:
        inside = rows.filter(~begins, name_key__inside=text.lower())
        found += inside.order_by("name_key")[: limit - len(found)]
    return [_hit(kind, row) for row in found]


def _of_arn(kind: str, text: str) -> Q | None:
    """The rows that an ARN, whole or begun, can mean; None when it is of another kind."""
    parts = text.split(":", 5)
    resource = parts[5] if len(parts) == 6 else ""
    if parts[2:3] != ["iam"] or not resource.startswith(f"{kind}/"):
        return None
    path, _slash, name = resource.removeprefix(kind).rpartition("/")
    return Q(path=f"{path}/", name_key__startswith=name.lower())


def _tagged(kind: str, model: Any, account_id: str, text: str, limit: int) -> list[Hit]:
    """Rows with a tag: `team=ops`, `tag:team`, or a key or a value alone."""
    key, value = search.tag_of(text) or ("", None)
    asked = Q(key_folded=key.lower()) if value is None else Q(key_folded=key.lower(), value=value)
    condition = asked if key else Q(key_folded=text.lower()) | Q(value=text)
    tags = model.objects.filter(condition, **{f"{kind}__account_id": account_id}).select_related(kind)
    rows = tags.order_by(f"{kind}__name_key", "id")[:limit]
    return [_hit(kind, getattr(tag, kind), f"{tag.key} = {tag.value}") for tag in rows]


def _by_access_key(caller: Caller, text: str, limit: int) -> list[Hit]:
    word = text.upper()
    if not word.startswith("AKIA") or len(word) < ENOUGH_OF_AN_ID:
        return []
    keys = AccessKey.objects.filter(
        key_id__startswith=word, user__account_id=caller.account_id, user__is_root=False
    ).select_related("user")
    return [
        _hit("user", key.user, _("access key %(id)s") % {"id": key.key_id})
        for key in keys.order_by("key_id")[:limit]
        if caller.may("iam:ListAccessKeys", key.user.arn)
    ]


def _hit(kind: str, row: User | Group | Role, note: str = "") -> Hit:
    return Hit(row.name, KINDS[kind].address(row.name), note or row.arn)


def _once(hits: list[Hit]) -> list[Hit]:
    """Each address once, as it was found first."""
    return list({hit.href: hit for hit in reversed(hits)}.values())[::-1]
