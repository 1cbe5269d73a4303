"""The effective policies of many users or roles, where those with the same ones share them: for asking one thing about a thousand of them.

What `access.bundles` reads is each one's own; here whoever has the same policies and boundary has one bundle, prepared once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from access.bundles import Bundle, Key, bundles
from accounts.models import Role, User
from engine import NamedPolicy, Policies
from engine.compiled import ResourceTest


class SharedBundle:
    """The identity policies and boundaries that some principals have in common."""

    def __init__(self, identity: Sequence[NamedPolicy], boundaries: Sequence[NamedPolicy]) -> None:
        self.identity, self.boundaries = identity, boundaries
        self.wanted: Mapping[str, str] | None = None  # the facts of a call that they ask for, once somebody has looked
        self._resources: dict[str, Sequence[ResourceTest | None]] = {}
        self._beside: dict[int, tuple[NamedPolicy, Policies]] = {}

    @cached_property
    def own(self) -> Policies:
        """They alone."""
        return Policies(identity=self.identity, boundaries=self.boundaries)

    def beside(self, resource: NamedPolicy) -> Policies:
        """They with a resource's policy, the same object for the same one."""
        kept = self._beside.get(id(resource))
        if kept is None:
            policies = Policies(identity=self.identity, boundaries=self.boundaries, resource=resource)
            kept = self._beside[id(resource)] = (resource, policies)
        return kept[1]

    def resources_of(self, action: str) -> Sequence[ResourceTest | None]:
        """The tests of the resource in the statements that allow an action; None is one that every resource passes."""
        kept = self._resources.get(action)
        if kept is None:
            allowing = (each for each in self.own.identity_set.concerning(action.lower()) if each.allows)
            kept = self._resources[action] = [each.resource_test for each in allowing]
        return kept

    @cached_property
    def documents(self) -> tuple[NamedPolicy, ...]:
        """All of them."""
        return (*self.identity, *self.boundaries)


@dataclass(frozen=True)
class Shared:
    """The bundles by the unique ids of the principals, and the tags of the users among these."""

    of: Mapping[str, SharedBundle]
    tags: Mapping[str, Mapping[str, str]]


def shared_bundles(rows: Iterable[User | Role]) -> Shared:
    """Those of some users or roles of one account. One query at any number.

    What every user may do without a policy is left out: it is about their own password and sessions.
    """
    found = bundles(rows, implicit=False).of
    kept: dict[tuple[frozenset[Key], Key | None], SharedBundle] = {}
    of = {unique_id: kept.setdefault(_key(bundle), _shared(bundle)) for unique_id, bundle in found.items()}
    return Shared(of, {unique_id: bundle.tags for unique_id, bundle in found.items()})


def _key(bundle: Bundle) -> tuple[frozenset[Key], Key | None]:
    return frozenset(key for key, _named in bundle.identity), bundle.boundary[0] if bundle.boundary else None


def _shared(bundle: Bundle) -> SharedBundle:
    boundary = [
        NamedPolicy(each.name, each.policy, "boundary", each.arn) for _key, each in filter(None, [bundle.boundary])
    ]
    return SharedBundle([named for _key, named in bundle.identity], boundary)
