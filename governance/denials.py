"""What a recorded denial is about, and whose it is: an access request may name no more than a denial of the asker's own has shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from audit.principals import is_own
from audit.queries import find_event, record_of
from engine import resource_named
from operations.caller import Caller, ContextValue
from operations.errors import AccessDenied
from operations.models import Event
from pages import refusing


@dataclass(frozen=True)
class RecordedDenial:
    """A denial: what was asked of the engine, with which condition keys, and what refused."""

    event: Event
    decision: Mapping[str, Any]
    action: str
    resource: str
    context: Mapping[str, ContextValue]
    outcome: str
    layers: Sequence[str]

    @property
    def named(self) -> str:
        """The resource as whoever was denied has named it."""
        return resource_named(self.action, self.resource)


def own_denial(caller: Caller, event_id: str) -> RecordedDenial | None:
    """The caller's own denial of that id; None for everything else, whether there is such an Event or not. One query."""
    event = find_event(caller.account_id, event_id)
    return denial_of(event) if event is not None and is_own(caller, event) else None


def denial_of(event: Event) -> RecordedDenial | None:
    """What an Event says of a denial; None for an Event that is none."""
    decision = record_of(event).get("decision") or {}
    if event.error_code != AccessDenied.code or event.outcome == "allowed" or not decision.get("action"):
        return None
    outcome = event.outcome or "implicitDeny"
    action, resource = str(decision["action"]), str(decision.get("resource") or "*")
    layers = refusing.layers_of(refusing.recorded(decision, outcome, action, resource))
    return RecordedDenial(event, decision, action, resource, decision.get("context") or {}, outcome, layers)


def digest(action: str, resource: str) -> str:
    """A short name for what is asked, the same however the action is spelled: the database keeps one open request for it."""
    return sha256(f"{action.lower()}\n{resource}".encode("utf-8", "replace")).hexdigest()
