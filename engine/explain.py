"""The explaining way to a decision: every layer asks every statement that covers the action, and remembers the answers.

It shares no index with the quick way, so that each is a test of the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from engine.compiled import CompiledStatement, compiled
from engine.context import value_of
from engine.document import Effect
from engine.json_tree import Span
from engine.layers import (
    BOUNDARY,
    IDENTITY,
    RCP,
    RESOURCE,
    SCP,
    SESSION,
    VPCE,
    Case,
    Outcome,
    Verdicts,
    blocked_by,
    case_of,
    outcome_of,
)
from engine.policies import NamedPolicy, Policies
from engine.principals import naming_test
from engine.request import Naming, Request

_ABSENT_MEANS: Final = {RESOURCE: Naming.NOBODY}
_CALLERS_LAYERS: Final = IDENTITY | BOUNDARY | SESSION | SCP


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that decided, with its policy; `statement` counts from 0."""

    named: NamedPolicy
    compiled: CompiledStatement

    @property
    def policy(self) -> str:
        """The policy's name."""
        return self.named.name

    @property
    def kind(self) -> str:
        """The policy's kind."""
        return self.named.kind

    @property
    def statement(self) -> int:
        """The place of the statement in its document, from 0."""
        return self.compiled.statement.index

    @property
    def sid(self) -> str | None:
        """The statement's Sid."""
        return self.compiled.statement.sid

    @property
    def effect(self) -> Effect:
        """Allow or Deny."""
        return self.compiled.statement.effect

    @property
    def span(self) -> Span:
        """Where the statement stands in the policy's text."""
        return self.compiled.statement.span

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {"policy": self.policy, "kind": self.kind, "statement": self.statement, "effect": self.effect}


class LayerAnswer:
    """What one layer (of the levels of an organization: one level) said."""

    __slots__ = ("allow", "applies", "deny", "layer", "policies")

    def __init__(self, layer: int, policies: tuple[NamedPolicy, ...], *, applies: bool = True) -> None:
        self.layer = layer
        self.policies = policies
        self.applies = applies
        self.allow: list[Match] = []
        self.deny: list[Match] = []


class Explanation:
    """A decision with its reasons."""

    def __init__(self, request: Request, policies: Policies, case: Case) -> None:
        self.request = request
        self.policies = policies
        self.case = case
        self.verdicts = Verdicts()
        self.answers: list[LayerAnswer] = []
        self._missing: dict[str, str] = {}

    @property
    def outcome(self) -> Outcome:
        """The decision."""
        return outcome_of(self.case, self.verdicts)

    @property
    def blocked_by(self) -> tuple[str, ...]:
        """The kinds of the layers that turned an allow into a denial."""
        return blocked_by(self.case, self.verdicts)

    @property
    def matched(self) -> tuple[Match, ...]:
        """The deciding statements: those that deny, or else those that grant; none behind an implicit deny."""
        outcome = self.outcome
        if outcome == "explicitDeny":
            return tuple(match for answer in self.answers for match in answer.deny)
        if outcome == "implicitDeny" or self.case.always:
            return ()
        return tuple(m for answer in self.answers if answer.layer in (IDENTITY, RESOURCE) for m in answer.allow)

    @property
    def missing_context(self) -> tuple[str, ...]:
        """The context keys that were read and absent, in alphabetical order, as the policies write them."""
        return tuple(sorted(self._missing.values(), key=str.lower))

    def ask(self, answer: LayerAnswer) -> None:
        """Ask all statements of a layer, and note what they say."""
        self.answers.append(answer)
        if not answer.applies:
            return
        self.verdicts.present |= answer.layer
        absent = _ABSENT_MEANS.get(answer.layer, Naming.EVERYONE)
        for named in answer.policies:
            for statement in compiled(named.policy).concerning(self.case.action):
                naming = self._naming(statement, answer.layer, absent)
                if naming and self.matches(statement):
                    self._note(answer, Match(named, statement), naming)

    def _naming(self, statement: CompiledStatement, layer: int, absent: int) -> int:
        if layer & _CALLERS_LAYERS:
            return Naming.EVERYONE
        bounded = self.case.bounded and layer == RESOURCE
        return naming_test(statement.statement, absent=absent)(self.request.principal, bounded)

    def matches(self, statement: CompiledStatement) -> bool:
        """Whether resource and conditions match, noting keys that are missing from the context."""
        request, resource = self.request, self.case.resource
        for pattern in statement.patterns:
            for variable in pattern.variables:
                if variable.default is None and value_of(request, variable.key) is None:
                    self._missing.setdefault(variable.key, variable.spelled)
        test = statement.resource_test
        if test is not None and not test(resource, request):
            return False
        check = statement.check
        if check is None:
            return True
        for key in statement.keys_read(with_defaults=False):
            if value_of(request, key.lower()) is None:
                self._missing.setdefault(key.lower(), key)
        return check(request)

    def _note(self, answer: LayerAnswer, match: Match, naming: int) -> None:
        if not match.compiled.allows:
            answer.deny.append(match)
            self.verdicts.denied |= answer.layer
            return
        answer.allow.append(match)
        if answer.layer == RESOURCE:
            self.verdicts.grant |= naming
        if answer.layer != SCP:
            self.verdicts.allowed |= answer.layer


def explain(request: Request, policies: Policies) -> Explanation:
    """Decide a request with all reasons."""
    case = case_of(
        request,
        considered=policies.considered,
        bounded=bool(policies.boundaries),
        scp=policies.service_control is not None,
        rcp=policies.resource_control is not None,
    )
    found = Explanation(request, policies, case)
    if not case.always:
        for answer in _answers(policies, case):
            found.ask(answer)
        _conclude(found)
    return found


def _answers(policies: Policies, case: Case) -> Iterable[LayerAnswer]:
    """The layers in AWS's order."""
    for level in policies.service_control or ():
        yield LayerAnswer(SCP, level, applies=case.under_scp)
    for level in policies.resource_control or ():
        yield LayerAnswer(RCP, level, applies=case.under_rcp)
    if policies.vpc_endpoint:
        yield LayerAnswer(VPCE, policies.vpc_endpoint)
    if policies.resource:
        yield LayerAnswer(RESOURCE, (policies.resource,))
    own = case.has_identity and case.kind != "root"
    yield LayerAnswer(IDENTITY, policies.identity, applies=own)
    if policies.boundaries:
        yield LayerAnswer(BOUNDARY, policies.boundaries, applies=own)
    if policies.session:
        yield LayerAnswer(SESSION, policies.session, applies=case.has_identity)


def _conclude(found: Explanation) -> None:
    """What no single statement says: each level of SCPs must allow, RCPs allow by default, a root user needs nothing."""
    if found.case.under_scp:
        found.verdicts.present |= SCP
        if all(answer.allow for answer in found.answers if answer.layer == SCP):
            found.verdicts.allowed |= SCP
    if found.case.under_rcp:
        found.verdicts.present |= RCP
        found.verdicts.allowed |= RCP
    if found.case.kind == "root":
        found.verdicts.allowed |= IDENTITY
