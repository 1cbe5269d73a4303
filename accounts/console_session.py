"""The signed-in session of a browser: how it begins, what it carries, when it ends.

A session ends after the account's idle time, and twelve hours after the sign-in whatever happens (AWS: «up to 12 hours»). It gets a new key
when somebody signs in and when a second factor is added, so a key that was planted before is worth nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from accounts.models import ConsoleSession, LoginProfile, MfaDevice, User
from accounts.resolve import find_person
from accounts.sessions import SessionStore
from accounts.signin_events import Place
from operations import clock
from operations.caller import ContextValue
from operations.clock import now

FRESH = timedelta(minutes=10)  # for so long a factor just given counts for sensitive actions
TOUCHED_EVERY = timedelta(seconds=60)
SWEPT_AT_ONCE = 50
ASKED_AT = "/session/"  # how long the session, and a role's, still lasts: asking that is no use of it
PENDING_LASTS = timedelta(minutes=5)  # from the password to the second factor


def begin(
    request: HttpRequest, user: User, place: Place, *, factor: str = "", must_change_password: bool = False
) -> None:
    """Sign a user in: a new session with a new key. `factor` is what the second factor was, empty for none."""
    moment = now()
    sweep(moment)
    request.session.flush()
    request.session.update(
        {
            "user_id": user.pk,
            "session_id": str(uuid4()),
            "signed_in_at": iso(moment),
            "factor_at": iso(moment),
            "source_ip": place.source_ip,
            "user_agent": place.user_agent,
        }
    )
    if factor:
        request.session.update({"mfa_at": iso(moment), "mfa_by": factor})
    if must_change_password:
        request.session["must_change_password"] = True
    request.session.set_expiry(moment + timedelta(seconds=settings.SESSION_COOKIE_AGE))
    rotate_token(request)


def sweep(moment: datetime) -> None:
    """Delete some sessions that have ended by themselves: every sign-in clears more of them away than it adds."""
    old = ConsoleSession.objects.filter(expire_date__lt=moment).values_list("pk", flat=True)[:SWEPT_AT_ONCE]
    ConsoleSession.objects.filter(pk__in=list(old)).delete()


def end(request: HttpRequest) -> None:
    """Sign out."""
    request.session.flush()
    rotate_token(request)


def current_user(request: HttpRequest) -> User | None:
    """The user of the session, or None: signed out, deleted meanwhile, idle for too long or signed in for too long."""
    user_id = request.session.get("user_id")
    if user_id is None:
        return None
    user = find_person(user_id)
    moment = now()
    if user is None or is_over(request.session, user, moment):
        request.ended_session = dict(request.session.items())  # type: ignore[attr-defined] # for accounts.kept_forms
        request.session.flush()
        return None
    store = request.session
    if isinstance(store, SessionStore) and (store.last_seen_at is None or moment - store.last_seen_at >= TOUCHED_EVERY):
        store.touch(moment)
    return user


def is_over(session: SessionBase, user: User, moment: datetime) -> bool:
    """Whether the session has lasted or idled for too long."""
    return ending(session, user, moment).seconds <= 0


@dataclass(frozen=True)
class Ending:
    """In how many seconds a session ends; `is_final`: whatever is done, for the sign-in has lasted as long as one may."""

    seconds: float
    is_final: bool


def ending(session: SessionBase, user: User, moment: datetime) -> Ending:
    """When a session ends if nothing is done with it from now on."""
    began = datetime.fromisoformat(session["signed_in_at"])
    seen = getattr(session, "last_seen_at", None) or began
    idle = seen + timedelta(minutes=user.account.session_idle_minutes)
    final = began + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return Ending((min(idle, final) - moment).total_seconds(), final <= idle)


def asks_when_it_ends(request: HttpRequest) -> bool:
    """Whether a request is about the session itself: it is no use of it, and whoever the console acts as plays no part."""
    return request.path_info.startswith(ASKED_AT)


def rest(request: HttpRequest, *, stay: bool) -> Ending:
    """When the browser's session ends; with `stay` it is used now. A session that is over stays so."""
    user = User.everyone.select_related("account").filter(pk=request.session.get("user_id") or 0).first()
    moment, store = now(), request.session
    if user is None or is_over(store, user, moment):
        return Ending(0, is_final=True)
    if stay and isinstance(store, SessionStore):
        store.touch(moment)
    return ending(store, user, moment)


def session_facts(request: HttpRequest, moment: datetime) -> dict[str, ContextValue]:
    """Condition keys of a console session: when it began, and whether and how long ago a second factor was given."""
    facts: dict[str, ContextValue] = {
        "aws:TokenIssueTime": request.session["signed_in_at"],
        "aws:MultiFactorAuthPresent": "false",
    }
    factor_at = request.session.get("mfa_at")
    if factor_at:
        age = moment - datetime.fromisoformat(factor_at)
        facts["aws:MultiFactorAuthPresent"] = "true"
        facts["aws:MultiFactorAuthAge"] = str(max(0, age // timedelta(seconds=1)))
    return facts


def has_mfa(request: HttpRequest) -> bool:
    """Whether the session carries a second factor."""
    return bool(request.session.get("mfa_at"))


def factor_given(request: HttpRequest, factor: str = "") -> None:
    """A factor was proved anew: it is fresh, and a second factor makes the session one with MFA. The key changes."""
    moment = iso(now())
    if factor:
        request.session.update({"mfa_at": moment, "mfa_by": factor})
    request.session["factor_at"] = moment
    request.session.cycle_key()


def lose_mfa(request: HttpRequest) -> None:
    """The last device is gone: this session no longer counts as one with MFA."""
    request.session.pop("mfa_at", None)
    request.session.pop("mfa_by", None)
    request.session.cycle_key()


def is_fresh(request: HttpRequest) -> bool:
    """Whether a factor was given so recently that a sensitive action need not ask again."""
    given = request.session.get("factor_at")
    return given is not None and now() - datetime.fromisoformat(given) < FRESH


# --- between the password and the second factor -----------------------------------------------------------------------------


def await_factor(request: HttpRequest, user: User, target: str, *, must_change_password: bool) -> None:
    """The password was right and a second factor is asked for; nobody is signed in yet."""
    request.session.flush()
    pending = {"user_id": user.pk, "at": iso(now()), "next": target, "must_change_password": must_change_password}
    request.session["pending"] = pending


def pending_user(request: HttpRequest) -> User | None:
    """Whose second factor is awaited; None after five minutes, and once the password that was right is no more."""
    pending = request.session.get("pending")
    if not pending or now() - (given := datetime.fromisoformat(pending["at"])) >= PENDING_LASTS:
        return None
    passwords = LoginProfile.objects.filter(user_id=pending["user_id"], changed_at__lt=given + timedelta(seconds=1))
    if not passwords.exclude(password_hash="").exists():
        return None
    return User.everyone.select_related("account").filter(pk=pending["user_id"]).first()


def name_of(device: MfaDevice | None) -> str:
    """What the session notes as its second factor."""
    return device.serial_number if device else "recovery code"


def iso(moment: datetime) -> str:
    """A moment as AWS writes it in condition keys."""
    return clock.text(moment)
