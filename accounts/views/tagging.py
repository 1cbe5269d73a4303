"""Tagging many users or roles at once."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy, ngettext

from accounts.holders import KINDS
from accounts.listings.roles import ROLES
from accounts.listings.roles import rows_of as listed_roles
from accounts.listings.users import USERS
from accounts.page_request import PageRequest
from accounts.queries.users import listed_users
from accounts.resolve import keys_of
from accounts.rule_words import after_tagging
from operations.gate import authorise_read
from operations.ids import iam_arn
from pages.components.shell import grouped
from policies.tagging import Noun, tag_many

NOUNS: Mapping[str, Noun] = {
    "user": Noun(
        "User",
        "user_name",
        "name",
        "accounts:users",
        gettext_lazy("Tag users"),
        lambda n: ngettext("%(n)s user tagged", "%(n)s users tagged", n) % {"n": grouped(n)},
        reading=("iam:ListUserTags", "iam:GetUser"),
        keys=keys_of,
        address=lambda row: KINDS["user"].address(row.name),
        follows=after_tagging,
    ),
    "role": Noun(
        "Role",
        "role_name",
        "name",
        "accounts:roles",
        gettext_lazy("Tag roles"),
        lambda n: ngettext("%(n)s role tagged", "%(n)s roles tagged", n) % {"n": grouped(n)},
        reading=("iam:ListRoleTags", "iam:GetRole"),
        keys=keys_of,
        address=lambda row: KINDS["role"].address(row.name),
    ),
}
LISTS: Mapping[str, Any] = {"user": (USERS, listed_users), "role": (ROLES, listed_roles)}


def tag(request: PageRequest, kind: str) -> HttpResponse:
    """Set a tag on the selected users or roles."""
    noun, (listing, rows_of) = NOUNS[kind], LISTS[kind]
    account_id = request.caller.account_id
    authorise_read(request.caller, f"iam:List{noun.word}s", iam_arn(account_id, f"{kind}/"))
    return tag_many(request, request.caller, listing, rows_of(account_id), noun)
