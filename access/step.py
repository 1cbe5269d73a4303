"""One step to a role: may somebody assume it, and with what besides?

Who asks chooses some facts of the call: a second factor, the external ID, the name and source identity of the session, where the call
comes from. Each step is asked as favourably as can be, and then without each of these facts, so that those it hangs on are known.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from access.shared_bundles import SharedBundle
from access.ways import Ways
from accounts.holders import KINDS
from accounts.models import Role, User
from accounts.resolve import resource_tags
from engine import Decision, NamedPolicy, Policies, Principal, Request, evaluate
from engine.operators import operator_named
from federation import trust
from federation.assuming import Assumer, Source
from operations import clock
from operations.caller import ContextValue
from pages.explanation import kind_in_words

ACTION = "sts:AssumeRole"
SOURCE_IDENTITY = "sts:SetSourceIdentity"
SHORTEST_NAME = 2  # characters of a session's name
_FACTOR: Mapping[str, ContextValue] = {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "0"}
_NO_FACTOR: Mapping[str, ContextValue] = {"aws:MultiFactorAuthPresent": "false"}
# What may be needed → the condition keys that say so.
_CHOSEN: Mapping[str, tuple[str, ...]] = {
    "external": ("sts:ExternalId",),
    "name": ("sts:RoleSessionName",),
    "source": ("sts:SourceIdentity", "aws:SourceIdentity"),
    "address": ("aws:SourceIp",),
}
_KEYS = {key.lower(): key for keys in _CHOSEN.values() for key in keys}
_VARIABLE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True)
class Way:
    """That somebody can assume a role: what is needed besides, and the decision with all of it."""

    needs: Sequence[str]
    decision: Decision


class Step:
    """The question about one role, asked of many."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.trust = trust.policy_of(role)
        self.keys: dict[str, ContextValue] = {
            "aws:SecureTransport": "true",
            "aws:CurrentTime": clock.text(clock.now()),
            "aws:EpochTime": str(int(clock.now().timestamp())),
            "sts:RoleSessionName": "session",
            **resource_tags(role),
        }
        self._wanted = dict(_wanted(self.trust))
        allowing = [each for each in self.trust.policy.statements if each.effect == "Allow"]
        self.names = {name for each in allowing if each.principal for name in each.principal.aws}
        self.is_open = "*" in self.names or any(each.principal is None for each in allowing)
        of_account = {role.account_id, f"arn:aws:iam::{role.account_id}:root"}
        self.trusts_account = any(
            name in of_account or name.endswith(f"::{role.account_id}:root") for name in self.names
        )

    @property
    def named_one_by_one(self) -> set[str] | None:
        """The unique ids that the trust policy allows, when it allows no account as a whole; else None."""
        return None if self.is_open or self.trusts_account else self.names

    def may_concern(self, row: User | Role, bundle: SharedBundle, tags: Mapping[str, str]) -> bool:
        """Whether asking is worth it: the trust policy names them, or leaves it to policies of theirs that allow it on this role, whatever
        their conditions are."""
        if self.is_open or row.unique_id in self.names:
            return True
        tests = bundle.resources_of(ACTION) if self.trusts_account else ()
        if not tests:
            return False
        request = Request(principal_of(row, tags), ACTION, self.role.arn, self.keys)
        return any(test is None or test(self.role.arn, request) for test in tests)

    def about(self, row: User | Role, bundle: SharedBundle, tags: Mapping[str, str]) -> Assumer | None:
        """How somebody can assume the role; None where they cannot. The groups by which they have a policy are not known here."""
        way = self.way_of(row, bundle, tags)
        return Assumer(row, way.needs, self.by(row, way)) if way else None

    def way_of(self, row: User | Role, bundle: SharedBundle, tags: Mapping[str, str]) -> Way | None:
        """The same without the policies that allow it, which take longer to name."""
        return self.way(row, bundle, tags) if self.may_concern(row, bundle, tags) else None

    def way(self, row: User | Role, bundle: SharedBundle, tags: Mapping[str, str]) -> Way | None:
        """How somebody whom it may concern can assume the role."""
        principal, policies = principal_of(row, tags), bundle.beside(self.trust)
        facts = self._facts(row, bundle)
        decision, chosen = None, tuple(facts)
        for chosen in dict.fromkeys((tuple(facts), ("mfa",) if "mfa" in facts else (), ())):
            decision = self._ask(principal, policies, _merged(facts, chosen))
            if decision.allowed:
                break
        if decision is None or not decision.allowed:
            return None
        needs = [each for each in chosen if not self._ask(principal, policies, _merged(facts, chosen, each)).allowed]
        if "source" in needs and not self._ask(principal, policies, _merged(facts, chosen), SOURCE_IDENTITY).allowed:
            return None
        return Way(needs, decision)

    def by(self, row: User | Role, way: Way, ways: Ways | None = None) -> tuple[Source, ...]:
        """The policies besides the trust policy that allow it; by which groups a user has them, where `ways` says so."""
        matched = (each.named for each in way.decision.matched if each.named is not self.trust)
        return tuple(dict.fromkeys(source for named in matched for source in _sources(row, named, ways or {})))

    def _facts(self, row: User | Role, bundle: SharedBundle) -> dict[str, tuple[Mapping[str, ContextValue], ...]]:
        """What may be needed → the condition keys with it and without it."""
        facts: dict[str, tuple[Mapping[str, ContextValue], ...]] = {}
        if isinstance(row, User):
            facts["mfa"] = (_FACTOR, _NO_FACTOR)
        wanted = {**_wanted_by(bundle), **self._wanted}
        for need, keys in _CHOSEN.items():
            value = next((wanted[key.lower()] for key in keys if key.lower() in wanted), None)
            if value is not None:
                chosen = _example(value, row, need)
                if need == "name" and len(chosen) < SHORTEST_NAME:
                    continue
                given = (
                    keys if isinstance(row, Role) else keys[:1]
                )  # a user's own credentials have no source identity yet
                facts[need] = (dict.fromkeys(given, chosen), {})
        return facts

    def _ask(
        self, principal: Principal, policies: Policies, facts: Mapping[str, ContextValue], action: str = ACTION
    ) -> Decision:
        context = {**self.keys, **facts}
        if principal.kind == "role_session":
            context["aws:TokenIssueTime"] = self.keys["aws:CurrentTime"]
        request = Request(principal, action, self.role.arn, context, resource_account=self.role.account_id)
        return evaluate(request, policies)


def _sources(row: User | Role, named: NamedPolicy, ways: Ways) -> Iterator[Source]:
    """A policy once for each group by which it comes."""
    kind, arn = kind_in_words(named.kind, row.arn), named.arn or ""
    known = ways.get((arn, named.name), ())
    if named.kind in KINDS:  # an inline policy, of which others may bear the same name
        known = [group for group in known if bool(group) is (named.kind == "group")]
    for group in known or ("",):
        if arn:
            href = reverse("policies:policy", args=[arn])
        elif named.kind == "group":
            href = KINDS["group"].inline_address(group, named.name) if group else ""
        else:
            href = KINDS[named.kind].inline_address(row.name, named.name) if named.kind in KINDS else ""
        yield Source(named.name, kind, href, group)


def principal_of(row: User | Role, tags: Mapping[str, str]) -> Principal:
    """The engine's principal for a user, or for some session of a role."""
    if isinstance(row, User):
        return Principal.from_arn(row.arn, user_id=row.unique_id, tags=tags)
    return Principal.from_arn(row.arn, role_id=row.unique_id, tags=tags)


def _merged(
    facts: Mapping[str, tuple[Mapping[str, ContextValue], ...]], chosen: Collection[str], left_out: str = ""
) -> dict[str, ContextValue]:
    """The condition keys with all that is chosen but one."""
    merged: dict[str, ContextValue] = {}
    for need, (given, absent) in facts.items():
        merged |= given if need in chosen and need != left_out else absent
    return merged


def _wanted_by(bundle: SharedBundle) -> Mapping[str, str]:
    """The facts that somebody's own policies ask for."""
    if bundle.wanted is None:
        bundle.wanted = {key: value for named in bundle.documents for key, value in _wanted(named)}
    return bundle.wanted


def _wanted(named: NamedPolicy) -> Iterator[tuple[str, str]]:
    """The condition keys (in lower case) of such facts, each with a value that a policy lets pass."""
    for statement in named.policy.statements:
        for condition in statement.conditions:
            key, operator = condition.key.lower(), operator_named(condition.operator)
            fits = operator is not None and operator.negated is (statement.effect == "Deny")
            if key in _KEYS and fits and operator and operator.family != "null" and condition.values:
                yield key, condition.values[0]


def _example(value: str, row: User | Role, need: str) -> str:
    """A text that a value of a condition stands for: of a network its first address, of a pattern what is left without its wildcards."""
    if need == "address":
        return value.partition("/")[0]
    if isinstance(row, User):
        value = value.replace("${aws:username}", row.name)
    return _VARIABLE.sub("", value).replace("*", "").replace("?", "x")
