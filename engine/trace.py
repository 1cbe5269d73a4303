"""The whole explanation as plain values, for pages and JSON: stages in AWS's order, and in each every policy, statement,
element and condition with what was wanted, what was given and the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from engine.compiled import CompiledStatement, action_matches, compiled
from engine.conditions import Check, resolved_values
from engine.context import value_of, values_of
from engine.document import Condition, Principals, Statement
from engine.explain import Explanation, LayerAnswer
from engine.layers import BOUNDARY, IDENTITY, RCP, RESOURCE, SCP, SESSION, VPCE
from engine.policies import NamedPolicy
from engine.principals import naming_test
from engine.request import Naming
from engine.said import Said, counted, said

_STAGE_NAMES: Final = {
    SCP: "scp",
    RCP: "rcp",
    VPCE: "vpce",
    RESOURCE: "resource",
    IDENTITY: "identity",
    BOUNDARY: "boundary",
    SESSION: "session",
}
_WHOM: Final = (
    (Naming.DIRECT, said("the caller")),
    (Naming.ROLE, said("the role or user behind the session")),
    (Naming.EVERYONE, said("everyone")),
    (Naming.ACCOUNT, said("the account")),
)
_NAMING_WORDS: Final = (
    (Naming.DIRECT, "caller"),
    (Naming.ROLE, "role or user behind the session"),
    (Naming.EVERYONE, "everyone"),
    (Naming.ACCOUNT, "account"),
)


class Trace:
    """The explanation of one decision; written out when asked."""

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation

    def as_dict(self) -> dict[str, Any]:
        """For JSON: `request`, `stages` and `decision`."""
        found = self.explanation
        stages = [self._stage(answer) for answer in found.answers]
        return {
            "request": self._request(),
            "stages": [self._deny_stage(), *stages],
            "decision": {
                "outcome": found.outcome,
                "because": self._because(),
                "blocked_by": list(found.blocked_by),
                "matched": [match.as_dict() for match in found.matched],
                "missing_context": list(found.missing_context),
            },
        }

    @property
    def silent(self) -> list[str]:
        """The stages that apply and in which nothing matches."""
        return [self._name(answer) for answer in self.explanation.answers if self._verdict(answer)[0] == "silent"]

    def _name(self, answer: LayerAnswer) -> str:
        return "trust" if answer.layer == RESOURCE and self.explanation.case.trust else _STAGE_NAMES[answer.layer]

    def _request(self) -> dict[str, Any]:
        request, case = self.explanation.request, self.explanation.case
        derived = request.principal.context
        given = {key.lower() for key in request.context}
        return {
            "principal": request.principal.arn,
            "principal_type": case.kind,
            "action": request.action,
            "resource": request.resource,
            "evaluated_resource": case.resource,
            "same_account": case.same_account,
            "context": {key: _listed(value_of(request, key.lower())) for key in request.context},
            "derived_context": {key: _listed(value) for key, value in derived.items() if key not in given},
        }

    def _deny_stage(self) -> dict[str, Any]:
        found = self.explanation
        if found.case.always:
            verdict, because = (
                "notApplicable",
                said("{action} needs no permission and cannot be denied", action=found.request.action),
            )
        elif found.verdicts.denied:
            denying = [match for answer in found.answers for match in answer.deny]
            verdict, because = "denies", _matching(len(denying), "Deny")
        else:
            verdict, because = "silent", _NONE_MATCHES["Deny"]
        return {"name": "deny", "verdict": verdict, "because": because, "policies": []}

    def _stage(self, answer: LayerAnswer) -> dict[str, Any]:
        verdict, because = self._verdict(answer)
        policies = [self._policy(named, answer) for named in answer.policies] if answer.applies else []
        return {"name": self._name(answer), "verdict": verdict, "because": because, "policies": policies}

    def _verdict(self, answer: LayerAnswer) -> tuple[str, Said]:
        if not answer.applies:
            return "notApplicable", self._not_applicable(answer.layer)
        if answer.deny:
            return "denies", _matching(len(answer.deny), "Deny")
        if answer.layer == RCP:
            return "allows", said("full access stands implicitly and no statement denies")
        if not answer.allow:
            return "silent", _NONE_MATCHES["Allow"]
        if answer.layer == RESOURCE:
            whom = [word for bit, word in _WHOM if self.explanation.verdicts.grant & bit]
            return "allows", _allowing(len(answer.allow), whom)
        return "allows", _matching(len(answer.allow), "Allow")

    def _not_applicable(self, layer: int) -> Said:
        request, case = self.explanation.request, self.explanation.case
        if layer in (SCP, RCP) and request.service_linked_role:
            return said("service-linked roles are exempt")
        if layer in (SCP, RCP) and request.management_account:
            return said("the management account is exempt")
        if layer == RCP:
            return said("the service does not support resource control policies")
        if case.kind == "root":
            return said("the root user is not subject to it")
        return said("it does not apply to a caller of this kind ({kind})", kind=case.kind)

    def _because(self) -> Said:
        found = self.explanation
        if found.case.always:
            return said("the call needs no permission and cannot be denied")
        if found.outcome == "explicitDeny":
            return said("an explicit deny overrides every allow")
        if found.outcome == "allowed":
            return said("every layer that must allow does, and none denies")
        if found.blocked_by:
            return said("allowed in part, but not by: {layers}", layers=list(found.blocked_by))
        return said("no policy allows it")

    def _policy(self, named: NamedPolicy, answer: LayerAnswer) -> dict[str, Any]:
        matched = {match.compiled for match in (*answer.allow, *answer.deny)}
        return {
            "name": named.name,
            "kind": named.kind,
            "arn": named.arn,
            "version": named.policy.version,
            "statements": [
                self._statement(each, answer, each in matched) for each in compiled(named.policy).statements
            ],
        }

    def _statement(self, each: CompiledStatement, answer: LayerAnswer, matched: bool) -> dict[str, Any]:
        statement = each.statement
        elements = {
            **self._principal_element(statement, answer.layer),
            **self._action_element(statement),
            **self._resource_element(each),
        }
        conditions = [self._condition(condition, check, each.variables) for condition, check in each.checks]
        if conditions:
            elements["Condition"] = {"matched": all(condition["verdict"] for condition in conditions)}
        return {
            "statement": statement.index,
            "sid": statement.sid,
            "effect": statement.effect,
            "matched": matched,
            "failed": [name for name, element in elements.items() if not element["matched"]],
            "elements": elements,
            "conditions": conditions,
        }

    def _principal_element(self, statement: Statement, layer: int) -> dict[str, Any]:
        if layer not in (RESOURCE, RCP, VPCE):
            return {}
        absent = Naming.NOBODY if layer == RESOURCE else Naming.EVERYONE
        bounded = self.explanation.case.bounded and layer == RESOURCE
        naming = naming_test(statement, absent=absent)(self.explanation.request.principal, bounded)
        words = [word for bit, word in _NAMING_WORDS if naming & bit]
        name = "NotPrincipal" if statement.not_principal is not None else "Principal"
        values = _written(statement.principal or statement.not_principal)
        return {name: {"matched": bool(naming), "named_as": words, "values": values}}

    def _action_element(self, statement: Statement) -> dict[str, Any]:
        action = self.explanation.case.action
        if statement.actions is not None:
            hits = [each for each in statement.actions if action_matches(each, action)]
            return {"Action": {"matched": bool(hits), "by": hits, "values": list(statement.actions)}}
        hits = [each for each in statement.not_actions or () if action_matches(each, action)]
        return {"NotAction": {"matched": not hits, "by": hits, "values": list(statement.not_actions or ())}}

    def _resource_element(self, each: CompiledStatement) -> dict[str, Any]:
        statement, request = each.statement, self.explanation.request
        if statement.resources is None and statement.not_resources is None:
            return {}
        resource = self.explanation.case.resource
        hits = [pattern.text for pattern in each.patterns if pattern.holds(resource, request)]
        element = {
            "matched": bool(hits) is not each.excludes_resources,
            "by": hits,
            "values": [pattern.text for pattern in each.patterns],
            "resolved": [pattern.resolved_text(request) for pattern in each.patterns],
        }
        return {"NotResource" if each.excludes_resources else "Resource": element}

    def _condition(self, condition: Condition, check: Check, variables: bool) -> dict[str, Any]:
        request = self.explanation.request
        given = value_of(request, condition.key.lower())
        return {
            "operator": condition.operator,
            "key": condition.key,
            "wanted": list(condition.values),
            "resolved": list(resolved_values(condition, request, variables=variables)),
            "given": None if given is None else list(values_of(request, condition.key.lower())),
            "verdict": check(request),
        }


def _listed(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else list(value)


def _written(principals: Principals | None) -> Mapping[str, Iterable[str]]:
    if principals is None:
        return {}
    kinds = {
        "AWS": principals.aws,
        "Service": principals.service,
        "Federated": principals.federated,
        "CanonicalUser": principals.canonical_user,
    }
    return {kind: list(values) for kind, values in kinds.items() if values}


_NONE_MATCHES: Final = {
    "Allow": said("no statement with Effect Allow matches"),
    "Deny": said("no statement with Effect Deny matches"),
}


def _matching(count: int, effect: str) -> Said:
    return counted(
        "{number} statement with Effect {effect} matches",
        "{number} statements with Effect {effect} match",
        count,
        effect=effect,
    )


def _allowing(count: int, whom: list[Said]) -> Said:
    return counted(
        "{number} statement allows, naming {whom}", "{number} statements allow, naming {whom}", count, whom=whom
    )
