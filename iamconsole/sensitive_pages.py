"""Forms of other pages that ask for a fresh factor: those by which somebody is given administrator access.

Which pages save documents, attachments, memberships and trust is listed here, where everything is wired; the pages themselves know
nothing of it. A review saves nothing and asks nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict

from access.administrator import (
    document_gives_all,
    groups_give_all,
    policies_give_all,
    roles_have_all,
    some_have_all,
    user_has_all,
    version_gives_all,
)
from accounts.forms.users import MOST_USERS
from accounts.listings.roles import ROLES
from accounts.listings.roles import rows_of as listed_roles
from accounts.listings.users import USERS
from accounts.page_request import PageRequest
from accounts.queries.membership_rules import asking_for_names, asking_for_tags
from accounts.queries.users import listed_users
from accounts.user_table import groups_in
from operations.caller import Caller
from pages.listing import selection

KINDS = ("user", "group", "role")
INLINE = {f"accounts:{kind}-{page}" for kind in KINDS for page in ("inline", "inline-create")}
ATTACH = {f"accounts:{kind}-attach" for kind in KINDS}
CREATE = {f"accounts:{kind}-create" for kind in KINDS}
BOUNDARY = {"accounts:user-boundary", "accounts:role-boundary"}
BOUNDARIES: Mapping[str, Any] = {  # of many, and the list that they are selected in
    f"accounts:{kind}s-{page}-boundary": listed
    for kind, listed in {"user": (USERS, listed_users), "role": (ROLES, listed_roles)}.items()
    for page in ("set", "remove")
}
VERSION = {"policies:edit", "policies:review-proposal"}
SAVES_NOTHING = {
    "review",
    "edit",
    "propose",
}  # their buttons that lead to a review, back to the editor, to somebody else's review
# How their address names the role, and the button that saves, where another leads to a review.
TRUST = {"accounts:role-trust": ("name", "save"), "federation:group-mend": ("role_name", "")}

GROUP = "accounts:group-create"  # has no review, and a side panel whose fields bear a prefix


def gives_administrator_access(request: PageRequest) -> bool:
    """Whether a submitted form, as it stands, would give somebody administrator access. At most ten queries."""
    match, form = request.resolver_match, request.POST
    if match is None:
        return False
    name, account_id = match.view_name, request.caller.account_id
    return (
        _by_policies(name, account_id, form, match.kwargs)
        or _by_holders(name, request.caller, form, match.kwargs)
        or groups_give_all(account_id, _following(name, account_id, form))
    )


def _following(name: str, account_id: str, form: QueryDict) -> Iterable[str]:
    """The groups that may be joined by what a form says of users, for their membership rules ask for it. At most two queries."""
    if name == "accounts:user-tags" or (name == "accounts:users-tag" and "go" in form):
        return asking_for_tags(account_id, form.get("key", ""))
    if name == "accounts:user-rename":
        return asking_for_names(account_id)
    if name == "accounts:user-create" and "create" in form:
        return [*asking_for_tags(account_id), *asking_for_names(account_id)]
    return ()


def _by_policies(name: str, account_id: str, form: QueryDict, address: Mapping[str, str]) -> bool:
    """A document that is saved, or policies that somebody gets."""
    if (
        name in INLINE
        or (name == "policies:create" and "create" in form)
        or (name in VERSION and not SAVES_NOTHING & form.keys())
    ):
        return any(document_gives_all(document) for document in form.getlist("policy_document"))
    if name in ATTACH and "attach" in form:
        return policies_give_all(account_id, _chosen(form, "policy_arn"))
    if name == "policies:attach" and "attach" in form:
        return policies_give_all(account_id, [address["arn"]])
    if name in {"policies:set-default", "policies:schedule"}:
        return version_gives_all(account_id, address["arn"], form.get("version_id", ""))
    if name in CREATE and (name == GROUP or "create" in form):
        fields = ("policies", "new-group-policies") if name == GROUP else ("policies",)
        return policies_give_all(account_id, [arn for field in fields for arn in _chosen(form, field)])
    return False


def _by_holders(name: str, caller: Caller, form: QueryDict, address: Mapping[str, str]) -> bool:
    """Groups that somebody joins, a user who is copied, roles that somebody may take on, a boundary that holds somebody back."""
    account_id = caller.account_id
    if name == "accounts:user-create" and "create" in form:
        copied = form.get("copy_from", "").strip()
        joined = {*_chosen(form, "groups"), *groups_in(form.get("user_names", ""), MOST_USERS)}
        return groups_give_all(account_id, joined) or (bool(copied) and user_has_all(account_id, copied))
    if name == "accounts:user-groups" and "join" in form:
        return groups_give_all(account_id, _chosen(form, "groups"))
    if name == "accounts:users-add-to-group" and "go" in form:
        return groups_give_all(account_id, _chosen(form, "group"))
    if (name == "accounts:group-add-users" and "go" in form) or (name == "accounts:group-rule" and "put" in form):
        return groups_give_all(account_id, [address["name"]])
    if name in TRUST:
        parameter, button = TRUST[name]
        return (not button or button in form) and roles_have_all(account_id, [address[parameter]])
    if name == "federation:group-add-roles":
        typed = form.get("role_arn", "").strip().rpartition("/")[2]
        return roles_have_all(account_id, [*_chosen(form, "roles"), *([typed] if typed else [])])
    if name in BOUNDARY and ("removed" in form or "changed" in form):
        wanted = _chosen(form, "permissions_boundary")
        holds = user_has_all if name == "accounts:user-boundary" else _role_has_all
        return ("removed" in form or policies_give_all(account_id, wanted)) and holds(account_id, address["name"])
    if name in BOUNDARIES and "go" in form:
        is_open = "remove" in name or policies_give_all(account_id, _chosen(form, "permissions_boundary"))
        listing, rows_of = BOUNDARIES[name]
        chosen = selection(form, listing.for_reader(caller), rows_of(account_id)).rows
        return is_open and some_have_all(chosen.exclude(boundary=None))
    return False


def _role_has_all(account_id: str, name: str) -> bool:
    return roles_have_all(account_id, [name])


def _chosen(form: QueryDict, field: str) -> Iterable[str]:
    """What a picker's field chooses: several values may stand in one, one a line (pages.picking)."""
    return [line.strip() for text in form.getlist(field) for line in text.splitlines() if line.strip()]
