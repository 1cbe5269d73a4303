"""The signed-in user of a browser session, and the condition keys that the session carries."""

from datetime import datetime, timedelta

from django.http import HttpRequest

from accounts.models import User
from operations.caller import ContextValue


def current_user(request: HttpRequest) -> User | None:
    """The user of the session, or None: signed out, deleted meanwhile, or idle for longer than the account allows."""
    user_id = request.session.get("user_id")
    if user_id is None:
        return None
    return User.everyone.select_related("account", "boundary").prefetch_related("tags").filter(pk=user_id).first()


def session_facts(request: HttpRequest, now: datetime) -> dict[str, ContextValue]:
    """Condition keys of a console session: when it began, and whether and how long ago a second factor was given."""
    facts: dict[str, ContextValue] = {
        "aws:TokenIssueTime": request.session["signed_in_at"],
        "aws:MultiFactorAuthPresent": "false",
    }
    factor_at = request.session.get("mfa_at")
    if factor_at:
        age = now - datetime.fromisoformat(factor_at)
        facts["aws:MultiFactorAuthPresent"] = "true"
        facts["aws:MultiFactorAuthAge"] = str(max(0, age // timedelta(seconds=1)))
    return facts
