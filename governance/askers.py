"""Who asks for access, and who may not answer: the user or role that a Caller is, and the person behind a session."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from accounts.models import Role, User
from accounts.resolve import find_role_by_id, find_user_by_id, resource_tags
from operations.caller import Caller, ContextValue
from operations.gate import resource_keys
from operations.ids import iam_arn

CREATE, LIST = "iam:CreateAccessRequest", "iam:ListAccessRequests"
WITHDRAW, GRANT, DECLINE = "iam:WithdrawAccessRequest", "iam:GrantAccessRequest", "iam:DeclineAccessRequest"
MODELS: Mapping[str, type[User] | type[Role]] = {"user": User, "role": Role}


def asker_id(caller: Caller) -> tuple[str, str]:
    """The kind and unique id of the user or role that would ask; empty for the root user, federated users and strangers."""
    principal = caller.principal
    if principal.kind == "user" and caller.user_id is not None:
        return "user", str(principal.user_id or "")
    if principal.kind == "role_session" and principal.role_id:
        return "role", principal.role_id
    return "", ""


def own_resource(caller: Caller) -> tuple[str, dict[str, ContextValue]]:
    """The ARN and condition keys on which a caller's own requests are authorised, without a query; an empty ARN for who cannot ask."""
    kind, _unique_id = asker_id(caller)
    arn = caller.arn if kind == "user" else (caller.principal.role_arn or "") if kind == "role" else ""
    return arn, resource_keys(_Tag(key, value) for key, value in caller.principal.tags.items())


class _Tag(NamedTuple):
    key: str
    value: str


def brought(caller: Caller, context: Mapping[str, Any]) -> dict[str, Any]:
    """The condition keys of a call that are not the caller's own: what the action and the resource bring."""
    own = {key.lower() for key in caller.context}
    return {key: value for key, value in context.items() if key.lower() not in own}


def may_ask(caller: Caller | None) -> bool:
    """Whether a way to ask should be offered; the operation decides."""
    if caller is None:
        return False
    arn, keys = own_resource(caller)
    return bool(arn) and caller.may(CREATE, arn, keys)


def row_of(account_id: str, kind: str, unique_id: str) -> User | Role | None:
    """The user or role as it is now, whatever its name; None where it is gone. One query for a user, two for a role."""
    return (find_user_by_id if kind == "user" else find_role_by_id)(account_id, unique_id)


def rows_of(requests: Iterable[Any]) -> dict[str, Any]:
    """The users and roles of many requests by unique id, with their tags. Four queries at any number."""
    ids: dict[str, set[str]] = {kind: set() for kind in MODELS}
    for request in requests:
        ids[request.principal_kind].add(request.principal_id)
    found: dict[str, Any] = {}
    for kind, model in MODELS.items():
        rows: Any = model.objects.filter(unique_id__in=ids[kind])
        found |= {row.unique_id: row for row in rows.select_related("account").prefetch_related("tags")}
    return found


def keys(row: User | Role | None) -> Mapping[str, ContextValue]:
    """The condition keys that a requester brings to our own actions: the tags."""
    return resource_tags(row) if row is not None else {}


def person_id(caller: Caller) -> str:
    """The unique id of the user behind a caller, as far as it is known: a session tells who opened it. At most one query.

    A role that was assumed from another role's session tells the session, so that whoever began the chain is not found.
    """
    principal = caller.principal
    if principal.kind == "user":
        return str(principal.user_id or "")
    session = caller.session_facts.get("session")
    arn = principal.source_user_arn or (session.source_arn if session else "")
    if not arn.startswith(iam_arn(caller.account_id, "user/")):
        return ""
    found = User.objects.filter(account_id=caller.account_id, name_key=arn.rpartition("/")[2].lower()).first()
    return found.unique_id if found is not None and found.arn == arn else ""


def is_about(caller: Caller, principal_id: str, asked_by_person: str) -> bool:
    """Whether a request is the caller's own: of the same user or role, or of the same person behind it. At most one query."""
    mine = {asker_id(caller)[1], person_id(caller)} - {""}
    return bool(mine & {principal_id, asked_by_person})
