"""Who can do this? The question turned round, over all principals at once.

Principals that hold a policy are the bits of one integer, so that a statement is asked once for all who hold it. Only
statements that look at the caller are asked once per combination of the caller's values that they read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import compress
from typing import Final

from engine import rules
from engine.compiled import CompiledPolicy, CompiledStatement, compiled
from engine.context import account_of
from engine.evaluate import evaluate
from engine.policies import Policies
from engine.policy_sets import PolicySet, policy_set
from engine.request import ContextValue, Principal, Request

_BITS_TO_FLAGS: Final = bytes.maketrans(b"01", b"\x00\x01")
_CALLER_KEYS: Final = frozenset(
    {"aws:userid", "aws:username", "aws:federatedprovider", "aws:sourceidentity", "aws:multifactorauthpresent"}
)
_LONG: Final = 256
_KINDS: Final = frozenset({"user", "role_session"})


class WhoCan:
    """Principals with their policies, indexed by policy. The policies must not change afterwards."""

    def __init__(self, principals: Mapping[str, Policies], *, facts: Mapping[str, Principal] | None = None) -> None:
        """`principals` by ARN; `facts` holds the Principal values of those about whom more is known than the ARN."""
        self._arns = list(principals)
        self._policies = list(principals.values())
        known = facts or {}
        self._principals = [known.get(arn) or Principal.from_arn(arn) for arn in self._arns]
        self._alone = 0
        self._unbounded = 0
        self._considered = 0
        self._by_account: dict[str | None, int] = {}
        identity: dict[CompiledPolicy, list[int]] = {}
        boundary: dict[CompiledPolicy, list[int]] = {}
        alone, unbounded, considered = [], [], []
        accounts: dict[str | None, list[int]] = {}
        for number, (policies, principal) in enumerate(zip(self._policies, self._principals, strict=True)):
            if not policies.simple or principal.kind not in _KINDS:
                alone.append(number)
                continue
            if policies.considered:
                considered.append(number)
            accounts.setdefault(principal.account, []).append(number)
            for each in policies.identity:
                identity.setdefault(compiled(each.policy), []).append(number)
            if not policies.boundaries:
                unbounded.append(number)
            for each in policies.boundaries:
                boundary.setdefault(compiled(each.policy), []).append(number)
        size = len(self._arns)
        self._alone, self._unbounded, self._considered = (_bits(n, size) for n in (alone, unbounded, considered))
        self._by_account = {account: _bits(numbers, size) for account, numbers in accounts.items()}
        self._identity = _Holders(identity, size)
        self._boundary = _Holders(boundary, size)

    def ask(self, action: str, resource: str, context: Mapping[str, ContextValue] | None = None) -> list[str]:
        """The ARNs of the principals that may do the action on the resource, in the order in which they were given."""
        question = _Question(self._principals, action, resource, context or {})
        lower = action.lower()
        if lower in rules.CANNOT_BE_DENIED:
            found = self._each((1 << len(self._arns)) - 1, question)
        else:
            found = self._together(question, lower, account_of(resource)) | self._each(self._alone, question)
        return list(compress(self._arns, _flags(found)))

    def _together(self, question: _Question, action: str, owner: str | None) -> int:
        allowed, denied = self._identity.verdict(question, action)
        allowed &= ~denied
        if self._boundary.policies and allowed & ~self._unbounded:
            within, refused = self._boundary.verdict(question, action)
            allowed &= (self._unbounded | within) & ~refused
        if owner is not None:
            allowed &= ~self._considered | self._by_account.get(owner, 0)
        if rules.resource_must_allow(action, question.resource):
            allowed &= ~self._considered
        return allowed

    def _each(self, bits: int, question: _Question) -> int:
        found = [n for n in _numbers(bits) if evaluate(question.of(n), self._policies[n]).allowed]
        return _bits(found, len(self._arns))


class _Question:
    """The request, put as one principal or another."""

    def __init__(
        self, principals: list[Principal], action: str, resource: str, context: Mapping[str, ContextValue]
    ) -> None:
        self._principals = principals
        self.action = action
        self.resource = resource
        self.context = context
        self.given = {key.lower() for key in context}
        self.anybody = Request(Principal(None, None, "user"), action, resource, context)

    def of(self, number: int) -> Request:
        return Request(self._principals[number], self.action, self.resource, self.context)

    def values(self, number: int, keys: tuple[str, ...]) -> tuple[object, ...]:
        context = self._principals[number].context
        return tuple(context.get(key) for key in keys)


Group = tuple[int, int]
"""Principals for whom the values that decide are the same: their bits, and the number of one of them."""


class _Holders:
    """Policies of one layer, each with the bits of the principals who hold it."""

    def __init__(self, holders: Mapping[CompiledPolicy, list[int]], size: int) -> None:
        self.policies = {policy: _bits(numbers, size) for policy, numbers in holders.items()}
        self._set: PolicySet = policy_set([policy.policy for policy in self.policies])
        self._set.prepare()
        self._groups: dict[tuple[int, tuple[str, ...]], _Groups] = {}
        self._callers_keys: dict[CompiledStatement, tuple[str, ...]] = {}
        self._size = size

    def verdict(self, question: _Question, action: str) -> tuple[int, int]:
        """Bits of those whom a statement allows, and of those whom one denies."""
        allowed = denied = 0
        resource = "*" if rules.supports_no_resource(action) else question.resource
        for policy in self._set.candidates(action):
            bits = self.policies[policy]
            for statement in policy.concerning(action):
                if statement.allows:
                    if bits & ~allowed:
                        allowed |= self._covered(statement, bits, question, resource)
                elif bits & ~denied:
                    denied |= self._covered(statement, bits, question, resource)
        return allowed, denied

    def _covered(self, statement: CompiledStatement, bits: int, question: _Question, resource: str) -> int:
        keys = self._callers_keys.get(statement)
        if keys is None:
            read = {key.lower() for key in statement.keys_read()}
            keys = self._callers_keys[statement] = tuple(sorted(filter(_follows_from_caller, read)))
        if keys and question.given:
            keys = tuple(key for key in keys if key not in question.given)
        if not keys:
            return bits if _holds(statement, resource, question.anybody) else 0
        if not statement.excludes_resources and not any(
            resource.startswith(pattern.literal) for pattern in statement.patterns
        ):
            return 0
        known = self._groups.get((bits, keys))
        if known is None:
            known = self._groups[bits, keys] = _Groups(bits, keys, question, self._size)
        found = 0
        for group, member in known.candidates(statement, question, resource):
            if _holds(statement, resource, question.of(member)):
                found |= group
        return found


class _Groups:
    """The holders of a policy, by the values of the keys that a statement reads from the caller."""

    def __init__(self, bits: int, keys: tuple[str, ...], question: _Question, size: int) -> None:
        members: dict[tuple[object, ...], list[int]] = {}
        for number in _numbers(bits):
            members.setdefault(question.values(number, keys), []).append(number)
        self._keys = keys
        self._all = [(_bits(numbers, size), numbers[0], values) for values, numbers in members.items()]
        self._by_value: dict[str, dict[object, list[Group]]] = {}

    def candidates(self, statement: CompiledStatement, question: _Question, resource: str) -> Iterable[Group]:
        """The groups for which the statement's resources can match: where a pattern holds a variable, only those whose
        value stands in the resource."""
        found: dict[Group, None] = {}
        for pattern in statement.patterns:
            variable = next((each for each in pattern.variables if each.key in self._keys), None)
            if statement.excludes_resources or (variable is None and pattern.holds(resource, question.anybody)):
                return [(group, member) for group, member, _ in self._all]
            if variable is not None and resource.startswith(pattern.literal):
                table = self._table(variable.key)
                rest = resource[len(pattern.literal) :]
                for value in _pieces(rest, table, from_start=pattern.after_literal is variable):
                    found.update(dict.fromkeys(table[value]))
        return found

    def _table(self, key: str) -> dict[object, list[Group]]:
        """The groups by their value of one key; under None those without exactly one, for whom a default may stand."""
        table = self._by_value.get(key)
        if table is None:
            table = self._by_value[key] = {None: []}
            place = self._keys.index(key)
            for group, member, values in self._all:
                value = values[place]
                table.setdefault(value if isinstance(value, str) else None, []).append((group, member))
        return table


def _pieces(text: str, table: Mapping[object, object], *, from_start: bool) -> set[object]:
    """The keys of the table that stand in a text (at its start), and None."""
    if len(text) > _LONG or len(text) * (1 if from_start else len(text)) > 4 * len(table):
        return {value for value in table if not isinstance(value, str) or value in text}
    starts = (0,) if from_start else range(len(text) + 1)
    pieces = {text[start:end] for start in starts for end in range(start, len(text) + 1)}
    return {None, *(piece for piece in pieces if piece in table)}


def _follows_from_caller(key: str) -> bool:
    return key in _CALLER_KEYS or key.startswith("aws:principal")


def _holds(statement: CompiledStatement, resource: str, request: Request) -> bool:
    test = statement.resource_test
    if test is not None and not test(resource, request):
        return False
    check = statement.check
    return check is None or check(request)


def _bits(numbers: Iterable[int], size: int) -> int:
    flags = bytearray(b"0") * size
    for number in numbers:
        flags[size - 1 - number] = 49
    return int(flags or b"0", 2)


def _flags(bits: int) -> bytes:
    return bin(bits)[:1:-1].encode("ascii").translate(_BITS_TO_FLAGS)


def _numbers(bits: int) -> list[int]:
    return list(compress(range(bits.bit_length()), _flags(bits)))
