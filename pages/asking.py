"""The way from a refusal to asking for what was refused. The app that keeps requests for access registers here where they are made."""

from collections.abc import Mapping
from typing import Any, Protocol

from operations.caller import Caller, ContextValue


class Asking(Protocol):
    """Where one asks for what was refused."""

    def at_event(self, caller: Caller, event_id: str) -> str:
        """The address for a recorded denial of the caller's own; empty for who may not ask."""
        ...

    def at_question(self, caller: Caller, action: str, resource: str, context: Mapping[str, ContextValue]) -> str:
        """The same for what was refused without a call, such as a button that cannot be used."""
        ...


class Refused(Protocol):
    """What is known of a refusal (pages.errors.Refusal)."""

    @property
    def permission(self) -> str: ...
    @property
    def resource(self) -> str: ...
    @property
    def context(self) -> Mapping[str, Any]: ...
    @property
    def event_id(self) -> str: ...


_registered: list[Asking] = []


def register(asking: Asking) -> None:
    """Register where one asks."""
    _registered[:] = [asking]


def address_of(caller: Caller | None, refused: Refused) -> str:
    """Where to ask for what a refusal was about; empty for who may not, and for refusals that no policy made."""
    if caller is None or not _registered or not refused.permission:
        return ""
    if refused.event_id:
        return _registered[0].at_event(caller, refused.event_id)
    return _registered[0].at_question(caller, refused.permission, refused.resource, refused.context)


def address_for(caller: Caller | None, action: str, resource: str, context: Mapping[str, ContextValue]) -> str:
    """Where to ask for an action on a resource that a page says is missing."""
    return _registered[0].at_question(caller, action, resource, context) if caller and _registered else ""


def address_at(caller: Caller | None, event_id: str) -> str:
    """Where to ask for what a recorded denial of the caller's own was about."""
    return _registered[0].at_event(caller, event_id) if caller and _registered else ""
