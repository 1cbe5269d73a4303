"""What would be decided: the policies of a principal, as they are or changed for the occasion, asked about actions and resources.

The engine is the one that enforces. The simulator's API operations and the console's simulator page both come here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from access.sources import Effective, Entity, Source, effective_sources
from accounts.models import Group, Role
from engine import (
    NOT_CONSIDERED,
    Decision,
    NamedPolicy,
    Policies,
    Policy,
    PolicySyntaxError,
    Principal,
    Request,
    Span,
    evaluate,
)
from engine.context import account_of
from engine.rules import TRUST_ACTIONS
from operations.caller import ContextValue
from operations.errors import InvalidInput
from policies.documents import read_document


@dataclass(frozen=True)
class WhatIf:
    """What is different from what is stored, and the circumstances.

    `extra` are further identity policies; `edited` has other documents in the place of stored ones, by `Source.key`; `left_out` holds
    keys of policies to ignore. `boundary` is a document in the place of the stored boundary. `resource_policy` is the policy of
    every resource asked about; `resource_owner` the account that owns resources whose ARN names none. `service_control` are
    the documents of the SCPs, level by level from the organization's root. `trust` lets the trust policies of this installation's roles
    decide about assuming them, as they do in reality.
    """

    extra: Sequence[str] = ()
    edited: Mapping[str, str] = field(default_factory=dict)
    left_out: Collection[str] = ()
    boundary: str | None = None
    resource_policy: str | None = None
    resource_owner: str | None = None
    service_control: Sequence[Sequence[str]] | None = None
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    trust: bool = True


@dataclass(frozen=True)
class MatchedStatement:
    """A statement that decided, with the policy it stands in and its place there."""

    source: Source
    statement: int
    sid: str | None
    effect: str
    span: Span


@dataclass(frozen=True)
class Verdict:
    """The answer for one action on one resource."""

    action: str
    resource: str
    decision: Decision
    sources: Mapping[int, Source]

    @property
    def outcome(self) -> str:
        """`allowed`, `explicitDeny` or `implicitDeny`."""
        return self.decision.outcome

    @cached_property
    def matched(self) -> list[MatchedStatement]:
        """The statements that decided: those that deny, or else those that allow."""
        return [
            MatchedStatement(self.sources[id(match.named)], match.statement, match.sid, match.effect, match.span)
            for match in self.decision.matched
        ]

    @property
    def missing_context(self) -> tuple[str, ...]:
        """Context keys that the policies read and that were not given."""
        return self.decision.missing_context


def simulate(
    entity: Entity,
    actions: Iterable[str],
    resources: Iterable[str] = ("*",),
    what_if: WhatIf | None = None,
    *,
    trace: bool = False,
) -> list[Verdict]:
    """Ask about every action on every resource for a stored user, group, role or root user, in that order.

    With `trace` every decision carries its whole explanation. Raises InvalidInput for documents that cannot be read (the error's
    details name the `document` and the `line` and `column` in it) and for action names with wildcards.
    """
    wanted = list(resources)
    simulation = Simulation(principal_of(entity), effective_sources(entity), what_if or WhatIf())
    simulation.trust(wanted)
    return [simulation.ask(action, resource, trace=trace) for action in checked_actions(actions) for resource in wanted]


class Simulation:
    """A principal with policies, ready to be asked."""

    def __init__(self, principal: Principal, effective: Effective, what_if: WhatIf) -> None:
        self.principal = principal
        self.what_if = what_if
        self.sources: dict[int, Source] = {}
        self.trusted: list[tuple[Source, Role]] = []  # the trust policies that were loaded
        self._trusting: dict[str, Policies] = {}
        self.identity = [
            *(_edited(source, what_if) for source in effective.identity if source.key not in what_if.left_out),
            *(given(text, f"PolicyInputList.{number}") for number, text in enumerate(what_if.extra, 1)),
        ]
        self.boundary = _boundary(effective.boundary, what_if)
        self.resource = _resource_policy(what_if.resource_policy)
        self.levels = _levels(what_if.service_control)
        self.policies = self._policies(self.resource)

    def _policies(self, resource: Source | None) -> Policies:
        return Policies(
            identity=[self._named(source) for source in self.identity],
            boundaries=[self._named(self.boundary)] if self.boundary else (),
            resource=self._named(resource) if resource else NOT_CONSIDERED,
            service_control=None
            if self.levels is None
            else [[self._named(source) for source in level] for level in self.levels],
        )

    def _named(self, source: Source) -> NamedPolicy:
        kind = source.place if source.place != "identity" else source.kind
        named = NamedPolicy(source.name, source.policy, kind, source.arn)
        self.sources[id(named)] = source  # the policies keep `named` alive as long as this is
        return named

    def trust(self, resources: Collection[str]) -> None:
        """Load the trust policies of the own account's roles among the resources, in two queries, to decide about assuming them."""
        names = {arn.rsplit("/", 1)[-1].lower() for arn in resources if ":role/" in arn}
        if not names or self.resource or not self.what_if.trust:
            return
        roles = Role.objects.filter(account_id=self.principal.account, name_key__in=names)
        for role in roles.select_related("account").prefetch_related("tags"):
            if role.arn in resources:
                document = read_document(role.trust_policy)
                source = Source("resource", "Trust policy", document, role.arn, (("role", role.name),), "resource")
                self.trusted.append((source, role))
                self._trusting[role.arn] = self._policies(source)

    def ask(self, action: str, resource: str, *, trace: bool = False) -> Verdict:
        """One decision."""
        owner = None if account_of(resource) else self.what_if.resource_owner
        request = Request(self.principal, action, resource, self.what_if.context, resource_account=owner)
        return Verdict(
            action, resource, evaluate(request, self.policies_for(action, resource), trace=trace), self.sources
        )

    def policies_for(self, action: str, resource: str) -> Policies:
        """The policies that decide about an action on a resource: those of all, or with the role's own trust policy."""
        if self._trusting and action.lower() in TRUST_ACTIONS:
            return self._trusting.get(resource, self.policies)
        return self.policies


def principal_of(entity: Entity, *, with_tags: bool = True) -> Principal:
    """The engine's principal for a stored entity: a session of a role, an anonymous member of a group."""
    if isinstance(entity, Group):
        return Principal(entity.arn, entity.account_id, "user")
    tags = {tag.key: tag.value for tag in entity.tags.all()} if with_tags else {}
    if isinstance(entity, Role):
        user_id = f"{entity.unique_id}:session"
        return Principal.from_arn(entity.arn, role_id=entity.unique_id, user_id=user_id, tags=tags)
    return Principal.from_arn(entity.arn, user_id=entity.unique_id, tags=tags)


def checked_actions(actions: Iterable[str]) -> list[str]:
    """The names of actions. Raises InvalidInput for what is no full name, or has wildcards (IAM API Reference)."""
    found = list(actions)
    for action in found:
        service, _, name = action.partition(":")
        if not service or not name:
            raise InvalidInput("The action is invalid since it is missing names")
        if "*" in action or "?" in action:
            raise InvalidInput(f"Invalid Input Actions: {action} has a wildcard, which action names may not have.")
    return found


def given(text: str, name: str, place: str = "identity", kind: str = "none") -> Source:
    """A document that was handed in for the occasion. Raises InvalidInput."""
    policy = parsed(text, name)
    for statement in policy.statements:
        if place != "resource" and (statement.principal or statement.not_principal):
            span = statement.element_span("Principal") or statement.element_span("NotPrincipal") or statement.span
            raise InvalidInput(
                "Policy document should not specify a principal.",
                document=name,
                line=span.start_line,
                column=span.start_column,
            )
    return Source(kind, name, policy, place=place)


def parsed(text: str, name: str) -> Policy:
    """A document as a policy. Raises InvalidInput with the place in the error's details."""
    try:
        return read_document(text)
    except PolicySyntaxError as error:
        raise InvalidInput(
            f"Syntax errors in policy. {name}: {error.message} (line {error.line}, column {error.column})",
            document=name,
            line=error.line,
            column=error.column,
            explanation=error.message,
        ) from None


def _edited(source: Source, what_if: WhatIf) -> Source:
    text = what_if.edited.get(source.key)
    if text is None:
        return source
    return Source(source.kind, source.name, given(text, source.key).policy, source.arn, source.holders, source.place)


def _boundary(stored: Source | None, what_if: WhatIf) -> Source | None:
    if what_if.boundary is not None:
        return given(what_if.boundary, "PermissionsBoundaryPolicyInputList.1", "boundary")
    if stored is None or stored.key in what_if.left_out:
        return None
    return _edited(stored, what_if)


def _resource_policy(text: str | None) -> Source | None:
    return None if text is None else given(text, "ResourcePolicy", "resource", "resource")


def _levels(documents: Sequence[Sequence[str]] | None) -> list[list[Source]] | None:
    if documents is None:
        return None
    name = "OrderedOrganizationPolicyInputList.{}.{}"
    return [
        [given(text, name.format(level, number), "scp", "scp") for number, text in enumerate(texts, 1)]
        for level, texts in enumerate(documents, 1)
    ]
