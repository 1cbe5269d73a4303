"""What a recorded denial is about, and whose it is: an access request may name no more than a denial of the asker's own has shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from access.views.why import is_own
from audit.queries import find_event, record_of
from operations.caller import Caller, ContextValue
from operations.errors import AccessDenied
from operations.models import Event
from pages import refusing


@dataclass(frozen=True)
class Denial:
    """A denial: what was asked of the engine, with which condition keys, and what refused."""

    event: Event
    decision: Mapping[str, Any]
    action: str
    resource: str
    context: Mapping[str, ContextValue]
    outcome: str
    layers: Sequence[str]


def own_denial(caller: Caller, event_id: str) -> Denial | None:
    """The caller's own denial of that id; None for everything else, whether there is such an Event or not. One query."""
    event = find_event(caller.account_id, event_id)
    return denial_of(event) if event is not None and is_own(caller, event) else None


def denial_of(event: Event) -> Denial | None:
    """What an Event says of a denial; None for an Event that is none.

    An operation may ask for more than one action (iam:PassRole besides its own): the explanation says which of them was denied.
    """
    decision = record_of(event).get("decision") or {}
    is_denied = event.error_code == AccessDenied.code and event.outcome != "allowed"
    if not is_denied or not decision.get("action"):
        return None
    asked = (decision.get("trace") or {}).get("request") or {}
    context = decision.get("context") or {}
    if asked and asked["action"] != decision["action"]:
        context = {key: values[0] if len(values) == 1 else values for key, values in asked["context"].items() if values}
    outcome = event.outcome or "implicitDeny"
    action = str(asked.get("action") or decision["action"])
    resource = str(asked.get("resource") or decision.get("resource") or "*")
    layers = refusing.layers_of(refusing.recorded(decision, outcome, action, resource))
    return Denial(event, decision, action, resource, context, outcome, layers)


def digest(action: str, resource: str) -> str:
    """A short name for what is asked, the same however the action is spelled: the database keeps one open request for it."""
    return sha256(f"{action.lower()}\n{resource}".encode("utf-8", "replace")).hexdigest()
