"""Sets of the catalogue's actions as whole numbers, a bit for each action: thousands of policies are asked at once by `&`.

Kept texts of such sets (`packed`) hold for one edition of the catalogue only: its actions are numbered in the order in which it has them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal

from engine import catalog
from engine.document import Policy, Statement
from engine.summary import EVERY_ACTION, access_words
from engine.validate.context import actions_matching

_MOST_BYTES: Final = 16_384  # a packed set of every action has a few thousand


@lru_cache(maxsize=1)
def numbers() -> Mapping[str, int]:
    """The number of each action, by its full name in lower case."""
    return MappingProxyType({name.lower(): number for number, name in enumerate(_names())})


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    return tuple(action.full_name for prefix in catalog.services() for action in catalog.actions(prefix))


@lru_cache(maxsize=1)
def every_action() -> int:
    """The set of all actions."""
    return (1 << len(_names())) - 1


def set_of(actions: Iterable[catalog.Action]) -> int:
    """The set of some actions."""
    known, found = numbers(), bytearray(len(_names()) // 8 + 1)
    for action in actions:
        place = known[action.full_name.lower()]
        found[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(found, "little")


@lru_cache(maxsize=16_384)
def matching(pattern: str) -> int:
    """The actions that a pattern such as `s3:Get*` names; `*` names all."""
    return every_action() if pattern in EVERY_ACTION else set_of(actions_matching(pattern))


@lru_cache(maxsize=512)
def of_service(prefix: str) -> int:
    """The actions of a service. Raises catalog.NotFound."""
    return set_of(catalog.actions(prefix))


@lru_cache(maxsize=8)
def of_level(level: str) -> int:
    """The actions of an access level, as AWS's own page has it."""
    return set_of(
        action for prefix in catalog.services() for action in catalog.actions(prefix) if action.access_level == level
    )


def allowed_by(policy: Policy) -> int:
    """The actions of which a document allows something: what it denies on everything and always is left out."""
    if any(statement.not_principal is not None for statement in policy.statements):
        return 0
    allowed = denied = 0
    for statement in policy.statements:
        if statement.effect == "Allow":
            allowed |= _named(statement)
        elif not statement.conditions and "*" in (statement.resources or ()):
            denied |= _named(statement)
    return allowed & ~denied


def _named(statement: Statement) -> int:
    found = 0
    for pattern in statement.actions if statement.actions is not None else statement.not_actions or ():
        found |= matching(pattern)
    return found if statement.actions is not None else every_action() & ~found


def size(found: int) -> int:
    """How many actions are in a set."""
    return found.bit_count()


def by_service(found: int) -> Iterator[tuple[str, int]]:
    """The services of which some action is in a set, by prefix, each with those of its actions."""
    for prefix in catalog.services():
        if own := found & of_service(prefix):
            yield prefix, own


def access(prefix: str, found: int) -> str:
    """How much of a service's actions is in a set, in the words of the summary. Raises catalog.NotFound."""
    levels: list[tuple[str, Literal["Full", "Limited"]]] = []
    for level in catalog.ACCESS_LEVELS:
        there = of_service(prefix) & of_level(level)
        if found & there:
            levels.append((level, "Full" if found & there == there else "Limited"))
    return access_words(levels, is_whole=found & of_service(prefix) == of_service(prefix))


def packed(found: int) -> bytes:
    """A set as a short text of bytes; of none, nothing."""
    return zlib.compress(found.to_bytes((found.bit_length() + 7) // 8, "little"), 9) if found else b""


@lru_cache(maxsize=4096)
def unpacked(text: bytes) -> int:
    """The set again; of a text that is none, nothing."""
    if not text:
        return 0
    try:
        found = int.from_bytes(zlib.decompressobj().decompress(text, _MOST_BYTES), "little")
    except zlib.error:
        return 0
    return found & every_action()
