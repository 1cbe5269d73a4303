"""Where one asks for what was refused: at the recorded denial, or by a sealed question that a page has put.

What a page refuses without a call (a button, a part) has no Event yet. Its link holds the question, sealed for this caller: so nobody can
be led by a link of somebody else's to have a denial recorded that they never met. The question has the condition keys of what it is about,
such as tags that the caller may not read: so nobody can read it, and its length tells little of it.
"""

import json
import zlib
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import InvalidToken
from django.urls import reverse
from django.utils.http import urlencode

from governance.askers import brought, may_ask
from operations.caller import Caller, ContextValue
from operations.secrets import keyring
from pages import asking

PURPOSE = "governance.asking"
STEP = 256  # bytes: all questions but those with many tags are as long as each other
LONGEST = 3_000  # characters: servers and browsers take no address of any length
VALID = 12 * 3600  # seconds: a page that stays open over a working day


class WhereToAsk:
    """Where one asks (pages.asking.Asking)."""

    def at_event(self, caller: Caller, event_id: str) -> str:
        return reverse("governance:request-access", args=[event_id]) if may_ask(caller) else ""

    def at_question(self, caller: Caller, action: str, resource: str, context: Mapping[str, ContextValue]) -> str:
        if not may_ask(caller):
            return ""
        token = _sealed([PURPOSE, caller.arn, action, resource, brought(caller, context)])
        if len(token) > LONGEST:
            return ""
        return f"{reverse('governance:request-access-start')}?{urlencode({'of': token})}"


def question_of(caller: Caller, token: str) -> tuple[str, str, Mapping[str, Any]] | None:
    """The action, resource and condition keys of a link; None for one that was not made for this caller, or too long ago."""
    found = _unsealed(token)
    if found is None or found[:2] != [PURPOSE, caller.arn]:
        return None
    return found[2], found[3], found[4]


def _sealed(question: list[Any]) -> str:
    data = zlib.compress(json.dumps(question, ensure_ascii=False).encode("utf-8", "replace"), 9)
    return keyring().encrypt(data + b"\0" * (-len(data) % STEP)).decode()


def _unsealed(token: str) -> Any:
    try:
        data = keyring().decrypt(token.encode("utf-8", "replace"), ttl=VALID)
        return json.loads(zlib.decompressobj().decompress(data))
    except (InvalidToken, zlib.error, ValueError):  # a text of another kind may be sealed with the same keys
        return None


asking.register(WhereToAsk())
