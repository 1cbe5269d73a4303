"""Comments on a policy: how many there may be, and whose one is."""

from typing import Final

from operations.caller import Caller

MOST: Final = 500  # comments on a policy
LONGEST: Final = 2_000  # characters


def author_id(caller: Caller) -> str:
    """Who wrote a comment, by the id that CloudTrail has for the caller: names are given again, ids are not."""
    return str(caller.identity.get("principalId") or caller.arn)[:256]
