"""Where one asks for what was refused: at the recorded denial, or by a signed question that a page has put.

What a page refuses without a call (a button, a part) has no Event yet. Its link holds the question, signed for this caller: so nobody can
be led by a link of somebody else's to have a denial recorded that they never met.
"""

from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.urls import reverse
from django.utils.http import urlencode

from governance.askers import brought, may_ask
from operations.caller import Caller, ContextValue
from pages import asking

SALT = "governance.asking"
VALID = 12 * 3600  # seconds: a page that stays open over a working day


class WhereToAsk:
    """Where one asks (pages.asking.Asking)."""

    def at_event(self, caller: Caller, event_id: str) -> str:
        return reverse("governance:request-access", args=[event_id]) if may_ask(caller) else ""

    def at_question(self, caller: Caller, action: str, resource: str, context: Mapping[str, ContextValue]) -> str:
        if not may_ask(caller):
            return ""
        question = {"by": caller.arn, "action": action, "resource": resource, "context": brought(caller, context)}
        token = signing.dumps(question, salt=SALT, compress=True)
        return f"{reverse('governance:request-access-start')}?{urlencode({'of': token})}"


def question_of(caller: Caller, token: str) -> tuple[str, str, Mapping[str, Any]] | None:
    """The action, resource and condition keys of a link; None for one that was not made for this caller, or too long ago."""
    try:
        found = signing.loads(token, salt=SALT, max_age=VALID)
    except signing.BadSignature:
        return None
    if found["by"] != caller.arn:
        return None
    return found["action"], found["resource"], found["context"]


asking.register(WhereToAsk())
