"""Recorded calls decided twice by the engine that enforces: with the policies in force, and with the one that is to change."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from access.bundles import Bundle, Held, Key, bundles
from access.replay.calls import Call
from accounts.models import Role, User
from engine import Decision, NamedPolicy, Policies, Policy, Principal, Request, evaluate
from engine.compiled import CompiledStatement, compiled
from engine.context import account_of
from engine.rules import TRUST_ACTIONS
from federation import trust

Effect = Literal["loss", "gain", "unknown"]
BOUNDARY: Final = "boundary"  # in place of a kind in a key: the boundary of whom the key names is another one
_NOTHING: Final[tuple[()]] = ()


class Touched:
    """Whether a document and its successor say something different about an action."""

    def __init__(self, before: Policy | None, after: Policy) -> None:
        self.documents = (before, after)
        self._known: dict[str, bool] = {}

    def __call__(self, action: str) -> bool:
        lower = action.lower()
        if lower not in self._known:
            before, after = (frozenset(_said(document, lower)) for document in self.documents)
            self._known[lower] = before != after
        return self._known[lower]


def _said(document: Policy | None, action: str) -> Iterator[object]:
    for each in compiled(document).concerning(action) if document else _NOTHING:
        yield _meaning(each)


def _meaning(each: CompiledStatement) -> object:
    said = each.statement
    resources = frozenset(said.resources) if said.resources is not None else None
    others = frozenset(said.not_resources) if said.not_resources is not None else None
    return said.effect, resources, others, frozenset(said.conditions), each.variables


def decided(calls: Sequence[Call], key: Key, after: Policy) -> list[tuple[Effect, Call, Sequence[str]]]:
    """The calls that the policy of that key decides otherwise when it says `after`, and those of which it cannot be told, with the
    condition keys that would tell. One query at any number of calls.

    A call counts where the policies in force decide as was decided then: what has changed since is no matter of this change.
    """
    if not calls:
        return []
    people = {call.principal.unique_id: call.principal for call in calls}
    held = bundles(people.values(), _role_names(calls))
    sets = {unique_id: _Pair(bundle, key, after) for unique_id, bundle in held.of.items()}
    users = {unique_id: _user(row, held.of[unique_id]) for unique_id, row in people.items() if isinstance(row, User)}
    roles = {row.arn: row for row in held.roles}
    found: list[tuple[Effect, Call, Sequence[str]]] = []
    for call in calls:
        principal = users.get(call.principal.unique_id) or _session(call)
        effect, keys = _effect(call, principal, sets[call.principal.unique_id], roles)
        if effect is not None:
            found.append((effect, call, keys))
    return found


class _Pair:
    """A principal's policies in force, and as they would be."""

    def __init__(self, bundle: Bundle, key: Key, after: Policy) -> None:
        self.before = _policies(bundle.identity, bundle.boundary)
        if key[0] == BOUNDARY:
            self.after = _policies(bundle.identity, (key, NamedPolicy(BOUNDARY, after, "user-managed")))
            return
        identity = [_changed(held, key, after) for held in bundle.identity]
        if key[0] != "managed" and all(each[0] != key for each in identity):
            identity.append((key, NamedPolicy(key[2], after, key[0])))
        self.after = _policies(identity, _changed(bundle.boundary, key, after) if bundle.boundary else None)


def _changed(held: Held, key: Key, after: Policy) -> Held:
    return (key, replace(held[1], policy=after)) if held[0] == key else held


def _policies(identity: Iterable[Held], boundary: Held | None) -> Policies:
    return Policies(identity=[named for _key, named in identity], boundaries=[boundary[1]] if boundary else ())


def _effect(
    call: Call, principal: Principal, pair: _Pair, roles: Mapping[str, Role]
) -> tuple[Effect | None, Sequence[str]]:
    before, after = (_decisions(call, principal, policies, roles) for policies in (pair.before, pair.after))
    was_allowed = call.event.outcome == "allowed"
    if not call.is_whole:
        missing = {key for each in (*before, *after) for key in each.missing_context}
        if keys := sorted(filter(call.does_not_know, missing), key=str.lower):
            return "unknown", keys
    allowed, would_be = (all(each.allowed for each in decisions) for decisions in (before, after))
    if allowed != was_allowed or would_be == allowed:
        return None, ()
    if not would_be:
        return "loss", ()
    return _gain(call), ()


def _gain(call: Call) -> Effect | None:
    """What the policies would allow now is denied all the same where the session has a policy of its own that does not allow it."""
    if not call.is_session:
        return "gain"
    if call.stages is None:
        return "unknown"
    return "gain" if call.stages.get("session", "allows") == "allows" else None


def _decisions(call: Call, principal: Principal, policies: Policies, roles: Mapping[str, Role]) -> list[Decision]:
    """The engine's answers as the gate would get them (operations.caller), and federation.trust about roles that are assumed."""
    action, context = call.action, call.context
    found = []
    for resource in call.resources:
        asked, account = policies, call.event.account_id
        if action.lower() in TRUST_ACTIONS:
            asked = trust.with_resource(policies, trust.policy_of(roles.get(resource)))
            account = account_of(resource) or account
        found.append(evaluate(Request(principal, action, resource, context, resource_account=account), asked))
    return found


def _session(call: Call) -> Principal:
    """The session of a role that made a call. Its tags are those that the record kept: they stand in the call's context."""
    role, name = call.principal, call.event.principal_id.partition(":")[2]
    return Principal.from_arn(
        call.event.principal_arn,
        role_arn=role.arn,
        role_id=role.unique_id,
        session_name=name,
        user_id=call.event.principal_id,
        source_identity=call.source_identity,
    )


def _user(row: User, bundle: Bundle) -> Principal:
    return Principal.from_arn(row.arn, user_id=row.unique_id, tags=bundle.tags)


def _role_names(calls: Iterable[Call]) -> set[str]:
    """The names, in lower case, of the roles that calls ask to assume."""
    asked = {arn for call in calls if call.action.lower() in TRUST_ACTIONS for arn in call.resources}
    return {arn.rpartition("/")[2].lower() for arn in asked if ":role/" in arn}
