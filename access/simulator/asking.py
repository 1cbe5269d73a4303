"""From a question to its answers: all outcomes at once, explanations only for what is looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access.operations.simulation_input import context_of, is_arn, owner_of
from access.simulation import Simulation, Verdict, WhatIf
from access.simulator.actions import MOST_DECISIONS, Actions, actions_of
from access.simulator.documents import documents_in, levels_in
from access.simulator.fitting import remarks_on
from access.simulator.keys import entry_of
from access.simulator.question import Question
from access.simulator.subject import Subject
from access.sources import Source
from engine import Policy, context_keys
from operations.errors import InvalidInput
from pages.components.shell import grouped
from pages.refusing import LAYERS

OUTCOMES = (
    "explicitDeny",
    "implicitDeny",
    "allowed",
)  # in the order in which they are shown: what is denied is looked for


@dataclass(frozen=True)
class Row:
    """One decision, with its number in the order of the question."""

    number: int
    verdict: Verdict

    @cached_property
    def decided_by(self) -> list[tuple[str, str]]:
        """The policies and statements that decided, by their names."""
        return [
            (match.source.name, match.sid or _("Statement %(number)s") % {"number": match.statement + 1})
            for match in self.verdict.matched
        ]

    @property
    def shown_deciders(self) -> list[tuple[str, str]]:
        """The first of them, for a table's cell."""
        return self.decided_by[:1]

    @property
    def further_deciders(self) -> int:
        """How many more there are."""
        return max(0, len(self.decided_by) - 1)

    @property
    def blocked_by(self) -> list[str]:
        """The layers without an allow; without such a layer nothing allows."""
        return [str(LAYERS.get(kind, kind)) for kind in self.verdict.decision.blocked_by]


@dataclass(frozen=True)
class Place:
    """A decision in the list where it stands: at which place (from 0), of how many, in the list of which outcome, between which two."""

    row: Row
    at: int
    of: int
    outcome: str
    before: Row | None
    after: Row | None


@dataclass(frozen=True)
class Answers:
    """The decisions about every action on every resource, in the order of the question."""

    simulation: Simulation
    verdicts: Sequence[Verdict]
    remarks: Sequence[str] = field(default_factory=list)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many decisions there are of each outcome."""
        found = Counter(verdict.outcome for verdict in self.verdicts)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    def rows(self, outcome: str = "") -> list[Row]:
        """The decisions, or those with one outcome, as pages and exports list them: denials first, within an outcome as asked."""
        found = [
            Row(number, verdict) for number, verdict in enumerate(self.verdicts) if outcome in ("", verdict.outcome)
        ]
        return sorted(found, key=lambda row: OUTCOMES.index(row.verdict.outcome))

    def place(self, number: int, outcome: str = "") -> Place | None:
        """The decision of that number with its place in the list, in that of one outcome if it has it."""
        if not 0 <= number < len(self.verdicts):
            return None
        outcome = outcome if outcome == self.verdicts[number].outcome else ""
        rows = self.rows(outcome)
        at = next(at for at, row in enumerate(rows) if row.number == number)
        before, after = rows[at - 1] if at else None, rows[at + 1] if at + 1 < len(rows) else None
        return Place(rows[at], at, len(rows), outcome, before, after)


def what_if_of(question: Question) -> WhatIf:
    """What the question changes and adds. Raises InvalidInput for context values that do not fit their keys."""
    return WhatIf(
        extra=documents_in(question.policies),
        edited=question.edited,
        left_out=question.left_out,
        boundary=question.boundary if question.boundary.strip() else None,
        resource_policy=question.resource_policy if question.resource_policy.strip() else None,
        resource_owner=owner_of(question.owner or None),
        service_control=levels_in(question.levels) if question.levels.strip() else None,
        context=context_of([entry_of(key, values) for key, values in _grouped(question).items()]),
    )


def simulation_of(question: Question, subject: Subject) -> Simulation:
    """A simulation ready to be asked. Raises InvalidInput."""
    return Simulation(subject.principal, subject.effective, what_if_of(question))


def ask(question: Question, simulation: Simulation) -> Answers:
    """All answers. Raises InvalidInput for actions and resources that are none, and for more than a thousand decisions."""
    actions, resources = asked_of(question)
    simulation.trust(resources)
    verdicts = [simulation.ask(action, resource, trace=True) for action in actions.names for resource in resources]
    return Answers(simulation, verdicts, [*actions.remarks, *remarks_on(actions.names, resources)])


def asked_of(question: Question) -> tuple[Actions, list[str]]:
    """The actions and the resources of a question. Raises InvalidInput for what is none, and for more than a thousand decisions."""
    actions, resources = actions_of(question.actions), resources_of(question)
    number = len(actions.names) * len(resources)
    if number > MOST_DECISIONS:
        raise InvalidInput(
            ngettext(
                "This is %(number)s decision. Narrow the actions or the resources to %(most)s at most.",
                "These are %(number)s decisions. Narrow the actions or the resources to %(most)s at most.",
                number,
            )
            % {"number": grouped(number), "most": grouped(MOST_DECISIONS)}
        )
    return actions, resources


def resources_of(question: Question) -> list[str]:
    """The resources to ask about, of which `*` may be one; without any, all.

    Raises InvalidInput that names what is no ARN, and for all of them with a resource policy, which is the policy of certain ones.
    """
    wrong = [text for text in question.resources if text != "*" and not is_arn(text)]
    if wrong:
        text = ngettext(
            "%(texts)s is no ARN. An ARN is written arn:aws:service:region:account:resource; * stands for all resources.",
            "%(texts)s are no ARNs. An ARN is written arn:aws:service:region:account:resource; * stands for all resources.",
            len(wrong),
        )
        named = ", ".join(_("“%(text)s”") % {"text": text} for text in wrong)
        raise InvalidInput(text % {"texts": named})
    found = list(dict.fromkeys(question.resources)) or ["*"]
    if question.resource_policy.strip() and "*" in found:
        raise InvalidInput(_("With a resource policy, name the resources that it is the policy of."))
    return found


def keys_read(simulation: Simulation) -> list[str]:
    """The condition keys that the policies of a simulation read and that the principal itself does not bring."""
    brought = simulation.principal.context
    return [key for key in context_keys(_policies(simulation)) if key.lower() not in brought]


def _policies(simulation: Simulation) -> Iterator[Policy]:
    sources: list[Source] = [*simulation.identity]
    sources += [source for source in (simulation.boundary, simulation.resource) if source is not None]
    sources += [source for level in simulation.levels or () for source in level]
    return (source.policy for source in sources)


def _grouped(question: Question) -> dict[str, list[str]]:
    """The values by key; a key that is given again has several."""
    found: dict[str, list[str]] = {}
    for key, value in question.context:
        found.setdefault(key, []).append(value)
    return found
