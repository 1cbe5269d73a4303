"""Who would gain or lose access by a change of a document, and which calls of late would be decided otherwise: asked while somebody writes.

Looked at are the principals that were active last, and of them the newest calls: what is told costs the same whoever has the policy.
"""

from collections.abc import Sequence, Set
from datetime import timedelta
from typing import Final

from access.bundles import Bundle, Held, Key, bundles
from access.replay.answer import Answer, key_of, sides
from access.replay.calls import calls
from access.replay.concerned import Concerned, concerned
from access.replay.deciding import Touched
from accounts.models import Role, User
from engine import Policy, PolicySyntaxError
from engine.access_difference import AccessDifference, differing_actions
from engine.bounded_difference import WITHOUT, holders_difference
from engine.catalog import Action
from engine.room import Room, TooMuch
from operations.caller import Caller
from operations.clock import now
from policies.access_changes import NOTHING
from policies.consequences import Called, Compared, Live, Some, register_live
from policies.documents import read_document
from policies.replays import DocumentChange

PRINCIPALS: Final = 50
TOLD_APART: Final = 6  # sets of other policies that are compared; who holds the same is told together
ACTIONS: Final = 12_000  # that are compared in all: of a set each that the documents say something else of, so that "*" is soon told too
CALLS: Final = 1_000
WINDOW: Final = timedelta(days=7)


@register_live
def live(caller: Caller, change: DocumentChange, knows_holders: bool, knows_calls: bool, room: Room) -> Live:
    """What the caller may know of it, as far as there is `room` for comparing.

    At most five queries, besides those that bring the journal of reads into the record.
    """
    if not (knows_holders or knows_calls):
        return Live()
    try:
        before, after = read_document(change.before or NOTHING), read_document(change.after)
    except PolicySyntaxError:
        return Live()
    whom = concerned(change.holder, caller.account_id)
    first = Concerned(whom.principals[:PRINCIPALS], whom.total)
    key = key_of(change)
    compared = _compared(first, key, before, after, room) if knows_holders else None
    called = _called(caller.account_id, first, key, before if change.before else None, after) if knows_calls else None
    return Live(compared, called)


# --- who gains and who loses ----------------------------------------------------------------------------------------------


def _compared(whom: Concerned, key: Key, before: Policy, after: Policy, room: Room) -> Compared:
    """One query."""
    found = Compared(whom.total, len(whom.principals))
    try:
        among = differing_actions(before, after, room)
    except TooMuch:
        _add(found.untold, whom.principals)
        return found
    held = bundles(whom.principals, implicit=False).of
    alike: dict[tuple[object, ...], tuple[Bundle, list[User | Role]]] = {}
    for row in whom.principals:
        bundle = held[row.unique_id]
        same = tuple(sorted(id(named.policy) for each, named in bundle.identity if each != key))
        is_held = key[0] != "managed" or any(each == key for each, _named in bundle.identity)
        limit = bundle.boundary
        mark: tuple[object, ...] = (
            same,
            is_held,
            limit is not None and limit[0] == key,
            id(limit[1].policy) if limit else None,
        )
        alike.setdefault(mark, (bundle, []))[1].append(row)
    cases = sorted(alike.items(), key=lambda each: -len(each[1][1]))
    most = max(1, min(TOLD_APART, ACTIONS // max(1, len(among))))
    for number, (mark, (bundle, rows)) in enumerate(cases):
        told = None
        if number < most:
            with room.half() as part:
                told = _difference(bundle, key, before, after, bool(mark[1]), among, part)
        if told is None:
            _add(found.untold, rows)
        elif told.gains and told.losses:
            _add(found.both, rows)
        else:
            _add(found.gaining if told.gains else found.losing if told.losses else found.same, rows)
    return found


def _difference(
    bundle: Bundle, key: Key, before: Policy, after: Policy, is_held: bool, among: Set[Action], room: Room
) -> AccessDifference | None:
    others = [named.policy for each, named in bundle.identity if each != key]
    limits = [_limit(bundle.boundary, key, document) for document in (before, after)]
    one, other = ([*others, document] if is_held else others for document in (before, after))
    try:
        return holders_difference(one, other, (limits[0], limits[1]), among=among, room=room)
    except TooMuch:
        return None


def _limit(boundary: Held | None, key: Key, document: Policy) -> Policy:
    if boundary is None:
        return WITHOUT
    return document if boundary[0] == key else boundary[1].policy


def _add(some: Some, rows: Sequence[User | Role]) -> None:
    for row in rows:
        some.add("user" if isinstance(row, User) else "role", row.name)


# --- which calls would be decided otherwise -------------------------------------------------------------------------------


def _called(account_id: str, whom: Concerned, key: Key, before: Policy | None, after: Policy) -> Called:
    """Three queries."""
    since = now() - WINDOW
    looked = calls(account_id, whom.principals, since, Touched(before, after), CALLS)
    losses, gains, unknown = sides(looked, key, after)
    answer = Answer(since, whom, looked, losses, gains, unknown)
    return Called(since, answer.sentences, looked.number, len(whom.principals), whom.total, bool(looked.cut))
