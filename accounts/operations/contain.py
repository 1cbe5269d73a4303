"""Contain: stop whatever a stolen credential can still do, in one step."""

from collections.abc import Callable

from accounts import resolve
from accounts.models import AccessKey, User
from accounts.notices import tell
from accounts.operations.access_keys import set_active
from accounts.sessions import end_sessions
from operations.gate import Call, Result, operation

Ender = Callable[[User], int]
_enders: list[Ender] = []


def also_ends(ender: Ender) -> Ender:
    """Register what else ends a user's sessions, and how many: temporary credentials belong to a package above this one."""
    _enders.append(ender)
    return ender


@operation("iam:ContainUser", on=resolve.user_or_self, permission="iam:UpdateAccessKey")
def contain_user(call: Call, *, reason: str, user_name: str | None = None) -> Result:
    """Deactivate all access keys of a user and end all sessions, temporary credentials too. The reason is recorded.

    Raises NoSuchEntity, AccessDenied.

    Needs iam:UpdateAccessKey and iam:EndConsoleSessions on the user. Containing oneself ends one's own session too.
    """
    user = resolve.require_user(call)
    call.authorise("iam:EndConsoleSessions", call.targets[0])
    keys = list(AccessKey.objects.filter(user=user, is_active=True).select_related("user").order_by("created_at", "id"))
    for key in keys:
        set_active(key, active=False)
    ended = end_sessions(user) + sum(end(user) for end in _enders)
    names = [key.key_id for key in keys]
    call.note(reason=reason)
    call.changed(
        before={"arn": user.arn, "activeKeys": names, "sessions": ended},
        after={"arn": user.arn, "activeKeys": [], "sessions": 0},
    )
    tell(user, "contained", reason=reason)
    return {"DeactivatedAccessKeyIds": names, "EndedSessions": ended}
