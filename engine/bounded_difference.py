"""What another permissions boundary gives and takes: only what the identity policies allow counts, for a boundary grants nothing.

What is allowed under a boundary is where a scope of the identity policies and one of the boundary meet; a deny holds in either (IAM User
Guide, «Permissions boundaries for IAM entities»). Sound as `access_difference` is: where a meeting cannot be ruled out it is reported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence, Set
from typing import Final

from engine.access_difference import AccessDifference, Found, Side, assembled, beyond, compared
from engine.catalog import Action
from engine.document import Effect, Policy
from engine.near import Near
from engine.room import Room
from engine.scopes import Open, Scope

WITHOUT: Final = Policy.parse('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}')

# What more than identity policies allow: a role's trust policy may name a user (IAM User Guide, «Policy evaluation logic»), and
# the password policy lets every user change the own password. A Deny of these is felt whatever the policies allow.
ALLOWED_ELSEWHERE: Final = frozenset(
    {
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
        "sts:SetSourceIdentity",
        "sts:TagSession",
        "iam:ChangePassword",
        "iam:GetAccountPasswordPolicy",
    }
)


def bounded_difference(held: Sequence[Policy], before: Policy, after: Policy) -> AccessDifference:
    """What of the policies that somebody holds is allowed under one boundary and not under the other; `WITHOUT` is no boundary.

    Raises TooMuch.
    """
    room = Room()
    own = Side(*held, room=room)
    return _difference(Bounded(own, Side(before, room=room)), Bounded(own, Side(after, room=room)))


def holders_difference(
    one: Sequence[Policy],
    other: Sequence[Policy],
    within: tuple[Policy, Policy] = (WITHOUT, WITHOUT),
    *,
    is_whole: bool = True,
    among: Set[Action] | None = None,
    room: Room | None = None,
) -> AccessDifference:
    """What the policies of the other allow and those of the one do not (`gain`), and the reverse (`loss`), each `within` a boundary.

    Where they are not the `is_whole` of what the holder has, other policies may allow what a Deny takes: it is a loss then.
    Policy variables (`${aws:username}`) are taken as they are written: what they stand for is another for each. `among` are the known
    actions that are looked at, all without it: those of which a changed policy says something else (`differing_actions`).

    Raises TooMuch.
    """
    room = room or Room()
    first, second = (
        Bounded(Side(*held, among=among, room=room), Side(limit, among=among, room=room))
        for held, limit in zip((one, other), within, strict=True)
    )
    first.is_whole = second.is_whole = is_whole
    return _difference(first, second)


def _difference(old: Bounded, new: Bounded) -> AccessDifference:
    found: Found = {}
    known: dict[tuple[bool, tuple[tuple[int, ...], ...]], list[tuple[str, Effect, tuple[Scope, ...]]]] = {}
    sides = (old.own, old.boundary, new.own, new.boundary)
    for action in sorted(old.own.actions.keys() | new.own.actions.keys(), key=lambda each: each.full_name.lower()):
        numbers = tuple(tuple(side.actions.get(action, ())) for side in sides)
        is_whole = new.is_whole and action.full_name not in ALLOWED_ELSEWHERE
        key = is_whole, numbers
        if key not in known:  # most actions are named by the same statements
            one, other = old.scopes(*numbers[:2]), new.scopes(*numbers[2:])
            known[key] = list(compared(one, other, new.room, is_whole=is_whole))
        for direction, effect, scopes in known[key]:
            found.setdefault((direction, effect, action.service, scopes), []).append(action)  # type: ignore[arg-type]
    return assembled(found, old, new)


class Bounded:
    """What somebody's policies and a boundary allow together.

    Of one action it is told by the numbers of the statements on both sides that name it.
    """

    def __init__(self, own: Side, boundary: Side) -> None:
        self.own, self.boundary, self.room = own, boundary, own.room
        self.is_whole = True
        self.effects: list[Effect] = []
        self.open: list[tuple[int, Open]] = []
        self._scopes: list[frozenset[Scope]] = []
        held, limits = Near(own.open, self.room), Near(boundary.open, self.room)
        for number, pattern in own.open:
            if own.effects[number] == "Deny":
                self._add("Deny", pattern, own.scopes_of(number))
                continue
            for other, both in limits.meeting(pattern):
                if boundary.effects[other] == "Allow":
                    together = meetings(own.scopes_of(number), boundary.scopes_of(other), self.room)
                    self._add("Allow", both, together)
        for number, pattern in boundary.open:
            if boundary.effects[number] == "Deny" and any(held.meeting(pattern)):
                self._add("Deny", pattern, boundary.scopes_of(number))

    def _add(self, effect: Effect, pattern: Open, scopes: frozenset[Scope]) -> None:
        if scopes:
            self.open.append((len(self.effects), pattern))
            self.effects.append(effect)
            self._scopes.append(scopes)

    def scopes_of(self, number: int) -> frozenset[Scope]:
        """The scopes of one of the open statements."""
        return self._scopes[number]

    def scopes(self, own: Iterable[int], boundary: Iterable[int]) -> dict[Effect, frozenset[Scope]]:
        """The scopes of an action by effect; of the boundary's none where the policies do not allow it at all."""
        held, limit = self.own.scopes(own), self.boundary.scopes(boundary)
        if not held["Allow"]:
            return {"Allow": frozenset(), "Deny": held["Deny"]}
        denied = held["Deny"] | limit["Deny"]
        outright = [scope for scope in denied if not scope.condition]
        allowed = meetings(held["Allow"], limit["Allow"], self.room)
        return {"Allow": beyond(allowed, outright, self.room), "Deny": denied}


def meetings(ones: Collection[Scope], others: Collection[Scope], room: Room) -> frozenset[Scope]:
    """Where one of each holds; what lies under another is left out. Raises TooMuch."""
    room.pairs(ones, others)
    found = [one.meeting(other) for one in ones for other in others]
    met = frozenset(scope for scope in found if scope is not None)
    room.pairs(met, met)
    return frozenset(one for one in met if not any(other.covers(one) and not one.covers(other) for other in met))
