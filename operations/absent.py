"""The Caller of a user who is not there: what is done later in a user's name is that user's call, with the rights of that moment."""

from collections.abc import Callable
from dataclasses import replace

from operations.caller import Caller

STAYS = frozenset(  # of what a request brings, what the Caller of a user who is not there has, too
    f"aws:{name}" for name in ("CurrentTime", "EpochTime", "RequestedRegion", "PrincipalIsAWSService", "ViaAWSService")
)

Build = Callable[[str, str, str], Caller | None]
_registered: list[Build] = []


def register_absent(build: Build) -> Build:
    """Register who builds that Caller, from the account, the user's unique id and what acts in the user's name. A decorator."""
    _registered[:] = [build]
    return build


def absent_caller(account_id: str, unique_id: str, agent: str) -> Caller | None:
    """The Caller of a user who is not there, without anything that only a request brings; None where the user is gone.

    `agent` is what the record names as acting in the user's name.
    """
    return _registered[0](account_id, unique_id, agent) if _registered else None


def once_absent(caller: Caller) -> Caller:
    """A user who is there now, without what only the present request brings: whether what is done later would be allowed as of now."""
    kept = {key: value for key, value in caller.context.items() if key in STAYS}
    return replace(caller, context={**kept, "aws:SecureTransport": "true"})
