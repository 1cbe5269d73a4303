"""Principals that other services ask about: from their ARNs to the engine's principals and their policies, in a few queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from access.callers import principal_of_role, principal_of_user, session_keys
from access.credentials import INVALID, NOWHERE, credential
from access.effective import policies_of_role, policies_of_user
from accounts.models import Role, User
from engine import Policies, Principal
from federation.errors import InvalidClientTokenId
from federation.tokens import unseal
from operations.caller import ContextValue


@dataclass(frozen=True)
class Asked:
    """Somebody who is asked about: the principal, its policies, and the condition keys of its credential where that is known."""

    principal: Principal
    policies: Policies
    context: Mapping[str, ContextValue] = field(default_factory=dict)


def of_session(account_id: str, arn: str, token: str, now: datetime) -> Asked:
    """Who holds temporary credentials, with their session policies and tags: they must be good, and those of this principal of the account.

    Raises InvalidClientTokenId, ExpiredToken.
    """
    session = unseal(token)
    if session is None or session.account_id != account_id:
        raise InvalidClientTokenId(INVALID)
    caller = credential(session.key_id, token, now).caller(NOWHERE, now)
    if caller.arn != arn:
        raise InvalidClientTokenId(f"The session token is not one of {arn}.")
    return Asked(caller.principal, caller.policies, session_keys(session, now))


def missing(account_id: str, arn: str) -> str:
    """Why nobody is known by an ARN."""
    if arn.partition(":sts::")[2].startswith(f"{account_id}:federated-user/"):
        return f"The federated user {arn} is known by its session token alone."
    return f"The principal {arn} cannot be found."


def principals(account_id: str, arns: Iterable[str]) -> Mapping[str, Asked]:
    """By ARN, those of one account that exist: users, the root user, roles, and sessions of roles by any name."""
    wanted = {arn: parsed for arn in arns if (parsed := _parsed(account_id, arn)) is not None}
    users = {name for kind, name, _ in wanted.values() if kind == "user"}
    roles = {name for kind, name, _ in wanted.values() if kind in {"role", "session"}}
    found_users = _users(account_id, users, root=any(kind == "root" for kind, _, _ in wanted.values()))
    found_roles = _roles(account_id, roles)
    found: dict[str, Asked] = {}
    for arn, (kind, name, session) in wanted.items():
        if kind in {"user", "root"}:
            user = found_users.get(name)
            if user is not None and user.arn == arn:
                found[arn] = Asked(principal_of_user(user), policies_of_user(user))
        else:
            role = found_roles.get(name)
            if role is not None and (kind == "session" or role.arn == arn):
                found[arn] = Asked(principal_of_role(role, session), policies_of_role(role))
    return found


def _parsed(account_id: str, arn: str) -> tuple[str, str, str] | None:
    """Kind, lower-case name and session name of a principal of this account."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[4] != account_id:
        return None
    kind, _, rest = parts[5].partition("/")
    if parts[2] == "iam" and parts[5] == "root":
        return "root", "", ""
    if parts[2] == "iam" and kind in {"user", "role"} and rest:
        return kind, rest.rsplit("/", 1)[-1].lower(), ""
    if parts[2] == "sts" and kind == "assumed-role" and "/" in rest:
        name, _, session = rest.partition("/")
        return "session", name.lower(), session
    return None


def _users(account_id: str, names: set[str], *, root: bool) -> dict[str, User]:
    rows = User.everyone.select_related("boundary").prefetch_related("tags").filter(account_id=account_id)
    found = {user.name_key: user for user in rows.filter(is_root=False, name_key__in=names)} if names else {}
    if root:
        found[""] = rows.get(is_root=True)
    return found


def _roles(account_id: str, names: set[str]) -> dict[str, Role]:
    rows = Role.objects.select_related("boundary").prefetch_related("tags")
    return {role.name_key: role for role in rows.filter(account_id=account_id, name_key__in=names)} if names else {}
