"""A first look at a file before anything is made of it: whether it is JSON, within bounds, of which account, and with which lists.

The file may come from anybody. What follows keeps the path to each value, whose cost grows with the depth and the length of keys, so both
are bounded here, where neither matters.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import ijson

MEMBERS: Final = ("Policies", "GroupDetailList", "UserDetailList", "RoleDetailList")
DEEPEST: Final = 100
LONGEST_KEY: Final = 2000
_ACCOUNT: Final = re.compile(r"arn:[a-z0-9-]+:iam::([0-9]{12}):")


class OutOfBounds(Exception):
    """The file is JSON, and not such as AWS prints; the message says what is wrong with it."""


@dataclass
class Survey:
    """What a first look has found: whether any of the lists is there, and the account of the first ARN that has one."""

    has_list: bool = False
    account_id: str | None = None


def survey(stream: Any) -> Survey:
    """Look through a stream of JSON values. Raises OutOfBounds, and ijson.JSONError or ValueError for what is no JSON."""
    found, depth, key = Survey(), 0, ""
    for event, value in ijson.basic_parse(stream, multiple_values=True):
        if event == "map_key":
            key = value
            if len(key) > LONGEST_KEY:
                raise OutOfBounds("The file has a member with an unusually long name.")
        elif event in ("start_map", "start_array"):
            depth += 1
            if depth > DEEPEST:
                raise OutOfBounds(f"The file is nested deeper than {DEEPEST} levels.")
            found.has_list |= event == "start_array" and depth <= 3 and key in MEMBERS
        elif event in ("end_map", "end_array"):
            depth -= 1
        elif event == "string" and key == "Arn" and found.account_id is None and (match := _ACCOUNT.match(value)):
            found.account_id = match[1]
    return found
