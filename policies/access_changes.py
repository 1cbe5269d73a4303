"""What a change of a document does to access, as pages show it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engine import PolicySyntaxError
from engine.access_difference import AccessDifference, Change, Scope, access_difference
from engine.summary import ALL_RESOURCES
from pages.engine_texts import translated
from policies.documents import read_document

# The outcome that gives colour and icon, and the word, by direction and effect: a Deny that comes takes access away.
WORDS: dict[tuple[str, str], tuple[str, Promise]] = {
    ("gain", "Allow"): ("allowed", gettext_lazy("Allowed now")),
    ("gain", "Deny"): ("allowed", gettext_lazy("Denied no more")),
    ("loss", "Allow"): ("implicitDeny", gettext_lazy("Allowed no more")),
    ("loss", "Deny"): ("explicitDeny", gettext_lazy("Denied now")),
}


@dataclass(frozen=True)
class ChangeRow:
    """One line: what happens to which actions of a service, on which resources, under which conditions."""

    outcome: str
    word: Promise
    service: str
    levels: Sequence[tuple[str, int, str]]
    resources: Sequence[str]
    conditions: Sequence[str]


@dataclass(frozen=True)
class AccessChanges:
    """All lines, and the sentence above them."""

    rows: Sequence[ChangeRow]
    lead: str


def access_changes(before: str, after: str) -> AccessChanges | None:
    """What the second document gives and takes compared with the first; None where one cannot be read."""
    found = _difference(before, after)
    if found is None:
        return None
    counts = []
    if found.gained:
        counts.append(
            ngettext("%(number)d action more", "%(number)d actions more", found.gained) % {"number": found.gained}
        )
    if found.lost:
        counts.append(
            ngettext("%(number)d action less", "%(number)d actions less", found.lost) % {"number": found.lost}
        )
    return AccessChanges([_row(change) for change in (*found.gains, *found.losses)], ", ".join(counts))


@lru_cache(maxsize=16)
def _difference(before: str, after: str) -> AccessDifference | None:
    try:
        return access_difference(read_document(before), read_document(after))
    except PolicySyntaxError:
        return None


def _row(change: Change) -> ChangeRow:
    outcome, word = WORDS[change.direction, change.effect]
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
    if scope.excluded:
        return _("All resources except %(resources)s") % {"resources": ", ".join(sorted(scope.excluded))}
    return str(translated(ALL_RESOURCES)) if scope.resource == "*" else scope.resource


def _condition(scope: Scope) -> str:
    if not scope.condition:
        return _("None")
    return "; ".join(
        f"{key} | {operator} | {', '.join(values)}"
        for operator, keys in json.loads(scope.condition).items()
        for key, values in keys.items()
    )
