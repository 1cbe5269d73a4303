"""Where somebody is led who has made something: to its page, or no further than may be seen."""

from collections.abc import Iterable

from operations.caller import Caller

Way = tuple[str, str, str]  # an address, the permission to see it, and the ARN on which that is asked


def first_open(caller: Caller, ways: Iterable[Way], otherwise: str) -> str:
    """The address of the first way that is open to the Caller, else the other address: whoever may create and not look is not refused
    for it."""
    return next((address for address, action, arn in ways if caller.may(action, arn)), otherwise)
