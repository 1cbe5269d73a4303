"""The Caller of a console session that acts as a role: built anew for each request, and only as long as the role still lets it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from access.callers import Connection, role_caller
from accounts.models import Role
from federation import trust
from federation.models import IssuedSession
from federation.operations.assume_role import Wish, assumption_keys
from federation.revocation import is_cut_off
from federation.switching import Switched
from operations.caller import Caller, ContextValue


class SwitchEnded(Exception):
    """The role can be acted as no more; the text is the reason, in English, for the record and (translated) for the reader."""


@dataclass(frozen=True)
class Acting:
    """The role that a console session acts as, and the Caller that this makes."""

    role: Role
    caller: Caller


def acting(
    switched: Switched | None,
    original: Caller,
    facts_at: Callable[[datetime], Mapping[str, ContextValue]],
    connection: Connection,
    moment: datetime,
) -> Acting:
    """The Caller of the role's session. Raises SwitchEnded.

    The trust policy and the user's own policies are asked again as they are now, but about the moment of the switch: `facts_at` are the
    condition keys of the sign-in at a moment, so that an age of the second factor does not end what it once let in.
    """
    if switched is None or switched.ends <= moment:
        raise SwitchEnded("expired")
    session = switched.session
    if not IssuedSession.objects.filter(key_id=session.key_id, revoked_at=None).exists():
        raise SwitchEnded("revoked")
    roles = Role.objects.select_related("boundary", "account").prefetch_related("tags")
    role = roles.filter(account_id=session.account_id, unique_id=session.subject).first()
    if role is None:
        raise SwitchEnded("role deleted")
    caller = role_caller(session, role, connection, moment)
    if is_cut_off(caller.policies.identity, caller.principal, session.issued):
        raise SwitchEnded("revoked")
    place = replace(connection, source_ip=switched.source_ip)
    then = replace(original, context={**place.context(switched.at), **facts_at(switched.at)})
    if not _may_still(then, role, switched):
        raise SwitchEnded("no longer permitted")
    return Acting(role, _signed_by(caller, original))


def _may_still(original: Caller, role: Role, switched: Switched) -> bool:
    wish = Wish({}, {}, (), switched.session.source_identity)
    keys = assumption_keys(role, switched.session.name, None, wish)
    return all(trust.ask(original, role, role.arn, role.account_id, keys, action)[1].allowed for action in wish.actions)


def _signed_by(caller: Caller, original: Caller) -> Caller:
    """The person behind the session stands in every Event, also where the role did not let a source identity be set."""
    context = {**caller.identity["sessionContext"], "sourceIdentity": original.user_name}
    return replace(caller, identity={**caller.identity, "sessionContext": context})
