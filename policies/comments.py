"""Comments on a policy: how many there may be, and whose one is."""

from typing import Final

from operations.caller import Caller

MOST: Final = 500  # comments on a policy
LONGEST: Final = 2_000  # characters


def author_id(caller: Caller) -> str:
    """Who wrote a comment, by the id that CloudTrail has for the caller: names are given again, ids are not."""
    return str(caller.identity.get("principalId") or caller.arn)[:256]


def may_delete(caller: Caller, author: str) -> bool:
    """Whether somebody may delete the comment of an author: one's own, and the root user and the operator anybody's."""
    return caller.is_root or caller.door == "command" or author_id(caller) == author
