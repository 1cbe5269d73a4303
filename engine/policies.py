"""The policies that bear on a request: whose they are, and which layer they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from engine.compiled import CompiledStatement, compiled
from engine.document import Policy
from engine.policy_sets import PolicySet, policy_set
from engine.principals import NamingTest, naming_test
from engine.request import Naming


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy with the name and ARN under which explanations speak of it.

    `kind` is AWS's source type: `user`, `group`, `role`, `aws-managed`, `user-managed`, `resource`, or `boundary`,
    `session`, `scp`, `rcp`, `vpce`, `identity`.
    """

    name: str
    policy: Policy
    kind: str
    arn: str | None = None


class NotConsidered:
    """The resource's policy is not known, and not asked for: the caller's side alone decides, as in AWS's simulator."""

    def __repr__(self) -> str:
        return "NOT_CONSIDERED"


NOT_CONSIDERED: Final = NotConsidered()

Given = NamedPolicy | Policy
Levels = Sequence[Sequence[Given]]
Bound = tuple[NamedPolicy, CompiledStatement, NamingTest]
"""A statement of a policy with a Principal element, the policy, and the test of that element."""


class Policies:
    """Everything that decides about one caller's requests. Immutable; prepared when first asked, then reused.

    `boundaries` and `session` empty or None: the caller has none. `service_control` and `resource_control` are levels, the
    organization's root first; None means that the account is in no organization. `vpc_endpoint` empty: the default endpoint
    policy, which allows all. `resource` None: the resource has no policy; NOT_CONSIDERED: leave the resource's side out.
    With `cache_decisions` what was decided is kept, by action, resource and the context values that the statements read.
    """

    def __init__(
        self,
        identity: Iterable[Given] | None = (),
        resource: Given | NotConsidered | None = None,
        boundaries: Iterable[Given] | None = (),
        session: Iterable[Given] | None = (),
        service_control: Levels | None = None,
        resource_control: Levels | None = None,
        vpc_endpoint: Iterable[Given] | None = (),
        *,
        cache_decisions: bool = False,
    ) -> None:
        self.identity = _named(identity, "identity")
        self.considered = not isinstance(resource, NotConsidered)
        self.resource = None if isinstance(resource, NotConsidered) or resource is None else _one(resource, "resource")
        self.boundaries = _named(boundaries, "boundary")
        self.session = _named(session, "session")
        self.service_control = _levels(service_control, "scp")
        self.resource_control = _levels(resource_control, "rcp")
        self.vpc_endpoint = _named(vpc_endpoint, "vpce")
        self.cache_decisions = cache_decisions
        self.simple = not (
            self.resource or self.session or self.vpc_endpoint or self.service_control is not None
            or self.resource_control is not None
        )  # fmt: skip

    @cached_property
    def identity_set(self) -> PolicySet:
        """The identity policies, prepared."""
        return _set_of(self.identity)

    @cached_property
    def boundary_set(self) -> PolicySet | None:
        """The permissions boundary, prepared; None where there is none."""
        return _set_of(self.boundaries) if self.boundaries else None

    @cached_property
    def session_set(self) -> PolicySet | None:
        """The session policies, prepared; None where there are none."""
        return _set_of(self.session) if self.session else None

    @cached_property
    def service_control_sets(self) -> tuple[PolicySet, ...]:
        """The levels of service control policies, prepared."""
        return tuple(_set_of(level) for level in self.service_control or ())

    @cached_property
    def resource_statements(self) -> tuple[Bound, ...]:
        """The statements of the resource's policy; one that names no principal names nobody."""
        return tuple(_bound((self.resource,), Naming.NOBODY)) if self.resource else ()

    @cached_property
    def endpoint_statements(self) -> tuple[Bound, ...]:
        """The statements of the VPC endpoint policies."""
        return tuple(_bound(self.vpc_endpoint, Naming.EVERYONE))

    @cached_property
    def resource_control_statements(self) -> tuple[Bound, ...]:
        """The denying statements of all levels: the full access that stands beside them is implied."""
        levels = self.resource_control or ()
        return tuple(each for level in levels for each in _bound(level, Naming.EVERYONE) if not each[1].allows)

    def may_allow(self, action: str) -> bool:
        """Whether a resource and a context may exist for which the action is allowed: every layer has a statement that allows it for
        something. What is denied is not looked at, and neither is the resource's own policy.
        """
        layers = (self.identity_set, self.boundary_set, self.session_set, *self.service_control_sets)
        lower = action.lower()
        return all(any(each.allows for each in layer.concerning(lower)) for layer in layers if layer is not None)

    def prepare(self) -> Policies:
        """Do now what the first decision would do. Returns itself."""
        self.identity_set.prepare()
        for prepared in (self.boundary_set, self.session_set, *self.service_control_sets):
            if prepared is not None:
                prepared.prepare()
        return self

    def all(self) -> tuple[NamedPolicy, ...]:
        """All of them, layer by layer."""
        levels = (*(self.service_control or ()), *(self.resource_control or ()))
        return (
            *self.identity,
            *((self.resource,) if self.resource else ()),
            *self.boundaries,
            *self.session,
            *(each for level in levels for each in level),
            *self.vpc_endpoint,
        )


def _one(given: Given, kind: str) -> NamedPolicy:
    return given if isinstance(given, NamedPolicy) else NamedPolicy(kind, given, kind)


def _named(given: Iterable[Given] | None, kind: str) -> tuple[NamedPolicy, ...]:
    return tuple(_one(each, kind) for each in given or ())


def _levels(given: Levels | None, kind: str) -> tuple[tuple[NamedPolicy, ...], ...] | None:
    return None if given is None else tuple(_named(level, kind) for level in given)


def _set_of(policies: Iterable[NamedPolicy]) -> PolicySet:
    return policy_set([each.policy for each in policies])


def _bound(policies: Iterable[NamedPolicy], absent: int) -> Iterable[Bound]:
    for named in policies:
        for statement in compiled(named.policy).statements:
            yield named, statement, naming_test(statement.statement, absent=absent)
