"""What a change of a document does to access, as pages show it."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engine import PolicySyntaxError
from engine.access_difference import AccessDifference, Change, access_difference
from engine.bounded_difference import WITHOUT, bounded_difference, holders_difference
from engine.room import Room, TooMuch
from engine.scopes import Scope
from engine.summary import ALL_RESOURCES
from pages.components.shell import grouped
from pages.engine_texts import translated
from pages.listing import Loss
from policies.documents import read_document

# The outcome that gives colour and icon, and the word, by direction and effect: a Deny that comes takes access away. One that meets nothing
# allowed takes none and is not counted, but it is told: it keeps from what is allowed one day.
Words = Mapping[tuple[str, str], tuple[str, Promise | str]]
WORDS: Words = {
    ("gain", "Allow"): ("allowed", gettext_lazy("Now allowed")),
    ("gain", "Deny"): ("allowed", gettext_lazy("No longer denied")),
    ("loss", "Allow"): ("implicitDeny", gettext_lazy("No longer allowed")),
    ("loss", "Deny"): ("explicitDeny", gettext_lazy("Now denied")),
    ("released", "Deny"): ("implicitDeny", gettext_lazy("No longer denied, not allowed by these policies")),
    ("withheld", "Deny"): ("explicitDeny", gettext_lazy("Denied, not allowed by these policies before")),
}
# The same of a document that replaces none.
OF_A_NEW_ONE: Words = {
    ("gain", "Allow"): ("allowed", gettext_lazy("Allowed")),
    ("loss", "Deny"): ("explicitDeny", gettext_lazy("Denied")),
}
NOTHING = '{"Version":"2012-10-17","Statement":[]}'

# What is said of so many actions, in the order in which a page of many holders tells it.
SUMS: Sequence[Callable[[int], str]] = (
    lambda n: ngettext(
        "action allowed for more requests: %(services)s", "actions allowed for more requests: %(services)s", n
    ),
    lambda n: ngettext("action no longer denied: %(services)s", "actions no longer denied: %(services)s", n),
    lambda n: ngettext(
        "action allowed for other requests: %(services)s",
        "actions allowed for other requests: %(services)s",
        n,
    ),
    lambda n: ngettext(
        "action allowed for fewer requests or none: %(services)s",
        "actions allowed for fewer requests or none: %(services)s",
        n,
    ),
    lambda n: ngettext("action now denied: %(services)s", "actions now denied: %(services)s", n),
)

NAMED = 3  # services that a line names
MOST_SERVICES = 8  # that change alike and have a line each


@dataclass(frozen=True)
class ChangeRow:
    """One line: what happens to which actions of a service, on which resources, under which conditions."""

    outcome: str
    word: Promise | str
    service: str
    levels: Sequence[tuple[str, int, str]]
    resources: Sequence[str]
    conditions: Sequence[str]


@dataclass(frozen=True)
class AccessChanges:
    """All lines, and the sentence above them. `is_told` is false where the documents say too much to be put together, `is_felt` where every
    decision stays as it is, whatever the lines say.
    """

    rows: Sequence[ChangeRow]
    lead: str
    is_told: bool = True
    is_felt: bool = True


UNTOLD = AccessChanges((), "", is_told=False)


def access_changes(before: str, after: str, room: Room | None = None) -> AccessChanges | None:
    """What the second document gives and takes compared with the first; None where one cannot be read. `room` is for comparing, where it is
    shared with what else is asked."""
    try:
        found = _difference_in(room, before, after)
    except TooMuch:
        return UNTOLD
    return None if found is None else _told(found)


def allowed_at_most(document: str, room: Room | None = None) -> AccessChanges | None:
    """What a document that replaces none allows and denies, whoever gets it; None where it cannot be read.

    `room` as in `access_changes`.
    """
    try:
        found = _difference_in(room, NOTHING, document)
    except TooMuch:
        return UNTOLD
    if found is None:
        return None
    said = []
    if found.gained:
        said.append(
            ngettext("%(number)s action allowed", "%(number)s actions allowed", found.gained)
            % {"number": grouped(found.gained)}
        )
    if found.lost:
        said.append(
            ngettext("%(number)s action denied", "%(number)s actions denied", found.lost)
            % {"number": grouped(found.lost)}
        )
    rows = [*change_rows(found.gains, OF_A_NEW_ONE), *change_rows(found.losses, OF_A_NEW_ONE)]
    return AccessChanges(rows, ", ".join(said))


def bounded_changes(held: tuple[str, ...], before: str, after: str) -> AccessChanges | None:
    """What another boundary gives and takes of what the held documents allow; an empty text is none. None where one cannot be read."""
    try:
        found = _bounded_difference(held, before, after)
    except TooMuch:
        return UNTOLD
    return None if found is None else _told(found)


def held_changes(
    before: tuple[str, ...], after: tuple[str, ...], boundary: str = "", *, is_whole: bool = True
) -> AccessChanges | None:
    """What somebody gains and loses who holds other documents, within a boundary (an empty text is none). None where one cannot be read.

    Of a group's documents, which are not the `is_whole` of what its members hold, a Deny may take what another policy allows.
    """
    try:
        found = _holders_difference(before, after, (boundary, boundary), is_whole=is_whole)
    except TooMuch:
        return UNTOLD
    return None if found is None else _told(found)


def bounded_losses(held: tuple[str, ...], before: str, after: str) -> list[Loss]:
    """The same in a line for each way in which access changes, for a page on which many holders stand.

    A first boundary gives nothing and a removal takes nothing (IAM User Guide, «Permissions boundaries for IAM entities»), also where two
    conditions together are told as another one.
    """
    try:
        found = _bounded_difference(held, before, after)
    except TooMuch:
        found = None
    if found is None:
        return [Loss(None, _("These policies say too much to be put together here."))]
    lost = _actions(found.losses, "Allow") if after else set()
    gained = _actions(found.gains, "Allow") if before else set()
    other = gained & lost
    by_words = (
        gained - other,
        _actions(found.gains, "Deny"),
        other,
        lost - other,
        _actions(found.losses, "Deny"),
    )
    return [
        Loss(len(actions), words(len(actions)) % {"services": _services(actions)})
        for words, actions in zip(SUMS, by_words, strict=True)
        if actions
    ]


def _actions(changes: Iterable[Change], effect: str) -> set[tuple[str, str]]:
    """The actions of changes with an effect, each with its service, which patterns of other actions may have none of."""
    return {
        (change.service, name)
        for change in changes
        if change.effect == effect
        for name in (*(name for _level, names in change.levels for name in names), *change.patterns)
    }


def _services(actions: Iterable[tuple[str, str]]) -> str:
    """The services of some actions by name, or how many they are."""
    names = sorted({service or _("other actions") for service, _name in actions})
    if len(names) <= NAMED:
        return ", ".join(names)
    return ngettext("%(number)d service", "%(number)d services", len(names)) % {"number": len(names)}


def holders_compared(
    one: tuple[str, ...], other: tuple[str, ...], within: tuple[str, str], words: Words
) -> AccessChanges | None:
    """How what the other holds differs from what the one does, each within a boundary (an empty text is none), in the given words.
    None where a document cannot be read.
    """
    try:
        found = _holders_difference(one, other, within, is_whole=False)
    except TooMuch:
        return UNTOLD
    return (
        None
        if found is None
        else AccessChanges([*change_rows(found.losses, words), *change_rows(found.gains, words)], "")
    )


def _told(found: AccessDifference) -> AccessChanges:
    counts = []
    if found.gained:
        counts.append(
            ngettext("%(number)s more action", "%(number)s more actions", found.gained)
            % {"number": grouped(found.gained)}
        )
    if found.lost:
        counts.append(
            ngettext("%(number)s fewer action", "%(number)s fewer actions", found.lost)
            % {"number": grouped(found.lost)}
        )
    rows = list(change_rows((*found.gains, *found.losses, *found.idle)))
    if found.idle and not counts:
        counts.append(_("only a Deny of what these policies do not allow"))
    return AccessChanges(rows, ", ".join(counts), is_felt=bool(found.gains or found.losses))


def change_rows(changes: Iterable[Change], words: Words = WORDS) -> Iterator[ChangeRow]:
    """A line for each change; one for all services together that change alike, where they are many."""
    alike: dict[tuple[str, str, tuple[Scope, ...], bool], list[Change]] = {}
    for change in changes:
        alike.setdefault((change.direction, change.effect, change.scopes, bool(change.service)), []).append(change)
    for group in alike.values():
        if len(group) > MOST_SERVICES and group[0].service:
            yield _of_services(group, words)
        else:
            yield from (_row(change, words) for change in group)


def _of_services(changes: Sequence[Change], words: Words) -> ChangeRow:
    """Many services that change alike: their names, and how many actions of each level."""
    numbers: Counter[str] = Counter()
    for change in changes:
        numbers.update({level: len(names) for level, names in change.levels})
    first, count = _row(changes[0], words), len(changes)
    names = ", ".join(sorted(change.service for change in changes))
    service = ngettext("%(number)d service", "%(number)d services", count) % {"number": count}
    return replace(
        first, service=service, levels=[(_("Services"), count, names), *((n, k, "") for n, k in numbers.items())]
    )


# What is kept is the engine's answer, not the sentences: those are in the language of whoever reads them.
@lru_cache(maxsize=16)
def _bounded_difference(held: tuple[str, ...], before: str, after: str) -> AccessDifference | None:
    try:
        limits = [read_document(document) if document else WITHOUT for document in (before, after)]
        return bounded_difference([read_document(document) for document in held], *limits)
    except PolicySyntaxError:
        return None


@lru_cache(maxsize=64)
def _holders_difference(
    one: tuple[str, ...], other: tuple[str, ...], within: tuple[str, str], *, is_whole: bool
) -> AccessDifference | None:
    try:
        first, second = ([read_document(text) for text in held] for held in (one, other))
        before, after = (read_document(text) if text else WITHOUT for text in within)
        return holders_difference(first, second, (before, after), is_whole=is_whole)
    except PolicySyntaxError:
        return None


def _difference_in(room: Room | None, before: str, after: str) -> AccessDifference | None:
    if room is None:
        return _difference(before, after)
    try:
        return access_difference(read_document(before), read_document(after), room)
    except PolicySyntaxError:
        return None


@lru_cache(maxsize=16)
def _difference(before: str, after: str) -> AccessDifference | None:
    return _difference_in(Room(), before, after)


def _row(change: Change, words: Words) -> ChangeRow:
    outcome, word = words[change.direction, change.effect]
    levels = [(level, len(names), ", ".join(names)) for level, names in change.levels]
    if not change.service and change.number:  # every action of every service: their names would be a book
        levels = [(level, number, "") for level, number, _names in levels]
    if change.patterns:
        levels = [(_("Other actions that match"), len(change.patterns), ", ".join(change.patterns))]
    service = change.service or (_("Any service") if change.patterns else _("All services"))
    return ChangeRow(
        outcome,
        word,
        service,
        levels,
        _different(map(_resource, change.scopes)),
        _different(map(_condition, change.scopes)),
    )


def _different(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _resource(scope: Scope) -> str:
    excluded = ", ".join(sorted(scope.excluded))
    if scope.resource == "*" and not scope.also:
        return (
            _("All resources except %(resources)s") % {"resources": excluded}
            if excluded
            else str(translated(ALL_RESOURCES))
        )
    patterns = " ∩ ".join(sorted(scope.patterns))
    return (
        _("%(resource)s except %(resources)s") % {"resource": patterns, "resources": excluded} if excluded else patterns
    )


def _condition(scope: Scope) -> str:
    if not scope.condition:
        return _("None")
    return "; ".join(
        f"{key} | {operator} | {', '.join(values)}"
        for operator, keys in json.loads(scope.condition).items()
        for key, values in keys.items()
    )
