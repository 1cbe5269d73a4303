"""Switching to a role in the console: the user's sign-in stays, the console acts as a session of the role.

A switch is an AssumeRole of the signed-in user: with the user's policies, the role's trust policy and the second factor of the sign-in,
never with the rights of a role that was switched to before (IAM User Guide, «Switch from a user to an IAM role (console)»). It lasts as
long as the role's sessions may, and no longer than the rest of the sign-in. The session's sealed token is kept in the browser's session
on the server; the browser never has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _

from accounts.console_session import iso
from accounts.models import Role
from accounts.signin import account_named
from accounts.signin_events import SIGN_IN, SOURCE
from engine import Principal
from federation import trust
from federation.models import IssuedSession
from federation.operations.assume_role import Wish, assume_role, assumption_keys
from federation.tokens import Session, unseal
from operations import record
from operations.caller import Caller
from operations.clock import now
from operations.ids import iam_arn, sts_arn

KEY = "switched"
SHORTEST = 900  # seconds: AssumeRole gives no shorter session; the sign-in's own end comes first then
LONGEST_NAME = 64
ONE_WARNING = timedelta(minutes=1)  # what ends so close together is warned of once
COLOURS = ("accent", "info", "success", "warning", "danger")


@dataclass(frozen=True)
class Switched:
    """The role that the console acts as: its session, how it is shown, and when and from where it was switched to."""

    session: Session
    display_name: str
    colour: str
    at: datetime
    source_ip: str
    ends: datetime
    ends_first: bool  # before the sign-in does, whose own warning comes else

    @property
    def seconds(self) -> int:
        """How long it lasts from now on; a begun second counts."""
        return max(0, ceil((self.ends - now()).total_seconds()))


def arn_of(account: str, role_name: str) -> str:
    """The ARN of the role of that name in an account, given by number or alias; of a role that does not exist, its ARN all the same.

    So whoever asks for one that is not there is refused in the same words as for one that does not let them in.
    """
    found = account_named(account)
    account_id, name = found.pk if found else account, role_name.strip("/").rpartition("/")[2]
    role = Role.objects.filter(account_id=account_id, name_key=name.lower()).first()
    return role.arn if role else iam_arn(account_id, f"role/{name}")


def session_name(caller: Caller) -> str:
    """The name of the role's session: the user's. (STS asks for two characters at least.)"""
    return str(caller.user_name or "").ljust(2, "-")


def wish_of(caller: Caller, role: Role) -> Wish:
    """What a switch asks for: the user as source identity, where the trust policy lets it be set."""
    named = Wish({}, {}, (), session_name(caller))
    keys = assumption_keys(role, named.source_identity, None, named)
    may_name = trust.ask(caller, role, role.arn, role.account_id, keys, "sts:SetSourceIdentity")[1].allowed
    return named if may_name else replace(named, source_identity="")


def may_switch(caller: Caller, role: Role) -> bool:
    """Whether a user could switch to a role now: the user's policies and the role's trust policy together. Root never may."""
    if caller.is_root:
        return False
    wish = wish_of(caller, role)
    keys = assumption_keys(role, session_name(caller), None, wish)
    return trust.ask(caller, role, role.arn, role.account_id, keys, "sts:AssumeRole")[1].allowed


def switch(
    session: SessionBase,
    original: Caller,
    role_arn: str,
    *,
    display_name: str = "",
    colour: str = "",
    target: str = "/",
) -> Switched:
    """Let the console act as a role from now on. Raises AccessDenied, ValidationError; whatever was acted as before stays then."""
    role = trust.role_of(role_arn)[0]
    wish = wish_of(original, role) if role else None
    given = assume_role(
        original,
        role_arn=role_arn,
        role_session_name=session_name(original),
        duration_seconds=_seconds(session, role) if role else None,
        source_identity=wish.source_identity if wish and wish.source_identity else None,
    )
    leave(session, original, reason="switched to another role")
    session[KEY] = {
        "token": given["Credentials"]["SessionToken"],
        "display_name": display_name[:LONGEST_NAME],
        "colour": colour if colour in COLOURS else COLOURS[0],
        "at": iso(now()),
        "source_ip": original.source_ip,
    }
    session.cycle_key()
    switched = read(session)
    assert switched is not None  # noqa: S101 - it was sealed by ourselves just now
    _note_use(switched.session)
    details = {"SwitchFrom": original.arn, "RedirectTo": target}
    _record("SwitchRole", original, switched.session, details, {"SwitchRole": "Success"})
    return switched


def read(session: SessionBase) -> Switched | None:
    """The role that a browser's session acts as, whether or not it still may; None when it acts as the user."""
    kept = session.get(KEY)
    found = unseal(kept["token"]) if kept else None
    if kept is None or found is None:
        return None
    return Switched(
        session=found,
        display_name=kept["display_name"],
        colour=kept["colour"],
        at=datetime.fromisoformat(kept["at"]),
        source_ip=kept["source_ip"],
        ends=min(found.expires, _end_of_sign_in(session)),
        ends_first=found.expires < _end_of_sign_in(session) - ONE_WARNING,
    )


def leave(session: SessionBase, original: Caller, *, reason: str = "") -> bool:
    """Act as the user again; whether the console acted as a role at all. The role's session is over with it."""
    switched = read(session)
    if session.pop(KEY, None) is None:
        return False
    session.cycle_key()
    if switched is not None:
        end(switched.session)
        details = {"SwitchFrom": original.arn} | ({"Reason": reason} if reason else {})
        _record("ExitRole", original, switched.session, details, {"ExitRole": "Success"})
    return True


def end(session: Session) -> None:
    """The credentials behind a switch are used no more: they leave the list of live sessions."""
    moment = now()
    IssuedSession.objects.filter(key_id=session.key_id, expires_at__gt=moment).update(expires_at=moment)


def ending(reason: str) -> str:
    """Why the console acts as the user again, for the reader."""
    sentences = {
        "expired": _("The role's session has expired. You act as yourself again."),
        "revoked": _("The role's session was revoked. You act as yourself again."),
        "role deleted": _("The role was deleted. You act as yourself again."),
        "duty first": _("You must do this first. You act as yourself again."),
        "no longer permitted": _("You may no longer switch to this role. You act as yourself again."),
    }
    return sentences[reason]


def _note_use(session: Session) -> None:
    """The role was used: by its session, from now on."""
    moment = now()
    IssuedSession.objects.filter(key_id=session.key_id).update(last_used_at=moment)
    Role.objects.filter(unique_id=session.subject).update(last_used_at=moment, last_used_region=settings.REGION)


def _seconds(session: SessionBase, role: Role) -> int:
    rest = int((_end_of_sign_in(session) - now()).total_seconds())
    return max(SHORTEST, min(role.max_session_duration, rest))


def _end_of_sign_in(session: SessionBase) -> datetime:
    return datetime.fromisoformat(session["signed_in_at"]) + timedelta(seconds=settings.SESSION_COOKIE_AGE)


def _record(
    name: str, original: Caller, session: Session, details: Mapping[str, Any], response: Mapping[str, Any]
) -> None:
    """The Event in the role's account, and between accounts one in the user's too (AWS CloudTrail, «sign-in events»)."""
    role = Role.objects.filter(unique_id=session.subject).first()
    arn = sts_arn(session.account_id, f"assumed-role/{role.name if role else session.subject}/{session.name}")
    identity = {
        "type": "AssumedRole",
        "principalId": f"{session.subject}:{session.name}",
        "arn": arn,
        "accountId": session.account_id,
        "sessionContext": {"assumedBy": original.arn, "sourceIdentity": original.user_name},
    }
    resources = [{"ARN": role.arn, "type": trust.ROLE_TYPE, "accountId": role.account_id}] if role else []
    acting = replace(
        original, account_id=session.account_id, principal=Principal.from_arn(arn), identity=identity, user_id=None
    )
    for caller in (acting, original)[: 1 if session.account_id == original.account_id else 2]:
        record.append(
            record.Draft(
                name=name,
                caller=caller,
                source=SOURCE,
                response=response,
                resources=list(resources),
                additional=details,
                event_type=SIGN_IN,
            )
        )
