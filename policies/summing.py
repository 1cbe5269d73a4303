"""What policies that are being chosen give together, and what they add to those that somebody has: told beside each step of a form.

It is told by actions, from what is kept beside each policy; on which resources and under which conditions the review says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engine import action_sets, catalog
from operations.caller import Caller
from operations.gate import authorise_reads
from pages.components.shell import grouped
from pages.listing.needs import sees
from pages.picking import Beside, Sum, Text
from policies.covering import allowed_actions, everywhere
from policies.listings import DETAILS, SEE_DOCUMENT
from policies.lookup import documents_in_force

NAMED: Final = 3  # services that a line names


@dataclass(frozen=True)
class Held:
    """What somebody has already: the documents, the boundary's (an empty text is none), and by ARN the groups that give a policy."""

    documents: Sequence[str]
    boundary: str = ""
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)


def beside_nothing(caller: Caller) -> Beside | None:
    """What is said where policies are chosen for somebody who has none yet; None for who may not read documents."""
    return Beside("", lambda chosen, offered: sum_of(caller, chosen, offered)) if sees(caller, SEE_DOCUMENT) else None


def sum_of(caller: Caller, chosen: Sequence[Any], offered: Sequence[Any], held: Held | None = None) -> Sum:
    """What is said of the chosen policies (rows of ManagedPolicy) and of those offered, for who may read documents. One query, and none
    where nothing is held or chosen. `held` is None where somebody is new.
    """
    own = held or Held(())
    lines: list[tuple[str, Text]] = []
    if chosen:
        lines.append(_new(_actions(chosen), own) if held else _together(_actions(chosen)))
    return Sum(lines, _covered(caller, chosen, offered, own))


def _actions(rows: Sequence[Any]) -> int:
    found = 0
    for row in rows:
        found |= action_sets.unpacked(bytes(row.allowed_actions))
    return found


def _together(actions: int) -> tuple[str, Text]:
    if not actions:
        return "neutral", _("What is chosen allows nothing by itself.")
    number = action_sets.size(actions)
    words = ngettext(
        "Together: %(n)s action of %(services)s", "Together: %(n)s actions of %(services)s", number
    )  # fmt: skip
    return "info", words % {"n": grouped(number), "services": _services(actions)}


def _new(actions: int, held: Held) -> tuple[str, Text]:
    for document in held.documents:
        actions &= ~allowed_actions(document)
    if held.boundary:
        actions &= allowed_actions(held.boundary)
    if not actions:
        return "neutral", _("No new action: the review says what changes by resource and condition.")
    number = action_sets.size(actions)
    words = ngettext(
        "New access: %(n)s action of %(services)s", "New access: %(n)s actions of %(services)s", number
    )  # fmt: skip
    return "info", words % {"n": grouped(number), "services": _services(actions)}


def _services(actions: int) -> str:
    """The services of some actions by name, or how many they are."""
    found = [prefix for prefix, _own in action_sets.by_service(actions)]
    if len(found) <= NAMED:
        return ", ".join(sorted(catalog.service(prefix).name for prefix in found))
    return ngettext("%(number)d service", "%(number)d services", len(found)) % {"number": len(found)}


def _covered(caller: Caller, chosen: Sequence[Any], offered: Sequence[Any], held: Held) -> dict[str, Text]:
    """Of which policies it is certain that they add nothing: to what is held and chosen before them, and those offered to all of it."""
    found: dict[str, Text] = {}
    for row in (*chosen, *offered):
        if names := held.groups.get(row.arn):
            words = ngettext("Already through group %(groups)s", "Already through groups %(groups)s", len(names))
            found[row.arn] = words % {"groups": ", ".join(names)}
    if not chosen and not held.documents:
        return found
    whole = everywhere(held.documents)
    maybe = [
        row
        for row in offered
        if not (action_sets.unpacked(bytes(row.allowed_actions)) & ~(whole.actions | _actions(chosen)))
    ]
    documents = _documents(caller, [row.arn for row in (*chosen, *maybe) if row.arn not in found])
    before = list(held.documents)
    for row in chosen:
        if (document := documents.get(row.arn)) is not None:
            if everywhere(before).cover(document):
                found[row.arn] = _("Already covered")
            before.append(document)
    whole = everywhere(before)
    found |= {row.arn: _("Already covered") for row in maybe if whole.cover(documents.get(row.arn, ""))}
    return found


def _documents(caller: Caller, arns: Sequence[str]) -> Mapping[str, str]:
    """The documents in force, for who may read each of them; none for who may not."""
    reads = [("iam:GetPolicyVersion", arn) for arn in arns]
    if not all(caller.may(*read) for read in reads):
        if not caller.may(DETAILS):
            return {}
        reads = [(DETAILS, "*")]
    authorise_reads(caller, reads)
    return documents_in_force(arns) if arns else {}
