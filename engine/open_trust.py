"""Whether a role's trust policy lets in whoever comes: which of its statements do not say, after all, who may assume the role.

Sound in one direction: a policy is closed only where an element really narrows *who*. What says when, how or by which words somebody comes
does not: the time, MFA, encryption, an external ID (it is no secret), a session name, a tag or name that every account gives its own
users. Nor does a condition that always holds. What may narrow is in the table below, by the rules of the IAM User Guide, "AWS global
condition context keys": keys that identify accounts, organizations, networks and services, held to values without wildcards or variables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from engine.document import Condition, Policy, Principals, Statement
from engine.global_keys import global_key
from engine.operators import Operator, operator_named
from engine.values import boolean, network
from engine.wildcards import covers, has_wildcard

ASSUMING: Final = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")
"""The actions by which somebody assumes a role, in lower case."""
_BY_SIGNATURE: Final = ASSUMING[0]  # the one that nobody can call without credentials
_BY_TOKEN: Final = ASSUMING[2]
_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
# Variables that stand for one value, which the role has and not the caller; and those that stand for a letter.
_OF_THE_ROLE: Final[Mapping[str, str]] = {"aws:resourceaccount": "000000000000", "aws:resourceorgid": "o-of-the-role"}
_LETTERS: Final = frozenset({"*", "?", "$"})
_IN_ACCOUNT: Final = re.compile(r"arn:[^:*?]+:[^:*?]+:[^:*?]*:[0-9]{12}([:*?].*)?", re.DOTALL)
_IN_ACCOUNT_BY_FIELDS: Final = re.compile(r"arn:[^:]+:[^:]+:[^:]*:[0-9]{12}:.*", re.DOTALL)
_ONES_ID: Final = re.compile(r"(A[A-Z]{3}[A-Z0-9]{12,124}|[0-9]{12})(:.*)?", re.DOTALL)
_WIDEST: Final = {
    4: 2.0**-8,
    6: 2.0**-32,
}  # the share of all addresses, by IP version, that is still somewhere in particular


def open_statements(policy: Policy) -> frozenset[int]:
    """The indexes of the statements that let anybody in, from any account, and that no Deny takes back."""
    found = set()
    for action in ASSUMING:
        if not any(_closes(each, action, variables=policy.has_variables) for each in policy.statements):
            opening = (each for each in policy.statements if _opens(each, action, variables=policy.has_variables))
            found |= {each.index for each in opening}
    return frozenset(found)


def _opens(statement: Statement, action: str, *, variables: bool) -> bool:
    """Whether a statement lets anybody take an action."""
    return (
        statement.effect == "Allow"
        and _says(statement, action)
        and _means_anybody(statement)
        and not any(_narrows(each, action, variables=variables, denied=False) for each in statement.conditions)
    )


def _closes(statement: Statement, action: str, *, variables: bool) -> bool:
    """Whether a statement denies an action to all but some in particular.

    It spares those for whom one of its conditions fails, so each of them has to narrow who these are.
    """
    return (
        statement.effect == "Deny"
        and _says(statement, action)
        and _means_anybody(statement)
        and all(_narrows(each, action, variables=variables, denied=True) for each in statement.conditions)
    )


def _says(statement: Statement, action: str) -> bool:
    if statement.actions is not None:
        return any(covers(pattern.lower(), action) for pattern in statement.actions)
    return not any(covers(pattern.lower(), action) for pattern in statement.not_actions or ())


def _means_anybody(statement: Statement) -> bool:
    """Whether the principals are everybody, or everybody but some."""
    if statement.principal is not None:
        return _names_anybody(statement.principal)
    return statement.not_principal is not None and not _names_anybody(statement.not_principal)


def _names_anybody(principals: Principals) -> bool:
    return "*" in principals.aws or "*" in principals.federated


# --- conditions -----------------------------------------------------------------------------------------------------------


def _narrows(condition: Condition, action: str, *, variables: bool, denied: bool) -> bool:
    """Whether a condition leaves only some in particular: those for whom it holds or, `denied`, those for whom it does not."""
    operator, key = operator_named(condition.operator), condition.key.lower()
    if operator is None:
        return False
    if key == "aws:principalisawsservice" and operator.family == "bool":
        wanted = {boolean(value) for value in condition.values}
        return operator.quantifier is None and wanted <= ({"false"} if denied else {"true"}) and bool(wanted)
    if operator.negated is not denied or _spares_the_silent(operator, key, action, denied=denied):
        return False
    if key == "aws:sourceip":
        return operator.family == "ip" and _is_somewhere(condition.values)
    test = _TESTS.get(key) or (_is_claimed if action == _BY_TOKEN and key.endswith(":sub") else None)
    if test is None or operator.family not in {"string", "arn"}:
        return False
    values = (_resolved(value, operator, variables=variables) for value in condition.values)
    return all(test(text, operator.family == "arn") if means_many else _is_known(text) for text, means_many in values)


def _spares_the_silent(operator: Operator, key: str, action: str, *, denied: bool) -> bool:
    """Whether whoever has no such key, or several values where one is meant, passes."""
    known = global_key(key)
    if known is not None and (
        known.availability == "always" or (known.availability == "most" and action == _BY_SIGNATURE)
    ):
        return False  # nobody comes without it
    if not denied:
        return operator.if_exists or operator.quantifier == "ForAllValues"
    if operator.quantifier == "ForAnyValue":
        return not operator.if_exists
    return operator.quantifier is None and known is not None and known.multivalued


def _resolved(value: str, operator: Operator, *, variables: bool) -> tuple[str, bool]:
    """A value with its variables as what they may stand for, and whether it means many."""
    names = [name.strip().lower() for name in _VARIABLE.findall(value)] if variables else []
    text = _VARIABLE.sub(_stand_in, value) if names else value
    is_unknown = not {*_OF_THE_ROLE, *_LETTERS}.issuperset(names)
    return text, is_unknown or (operator.comparison == "like" and has_wildcard(text))


def _stand_in(variable: re.Match[str]) -> str:
    name = variable[1].strip().lower()
    return "x" if name in _LETTERS else _OF_THE_ROLE.get(name, "*")


def _is_known(text: str) -> bool:
    """Whether a plain value means somebody in particular: `anonymous` is the account of whoever signs nothing."""
    return text.lower() != "anonymous"


# --- what a value with wildcards still says, by key -----------------------------------------------------------------------


def _nothing(text: str, by_fields: bool) -> bool:
    return False


def _is_in_account(text: str, by_fields: bool) -> bool:
    """Of an ARN: its account. Each field of an ARN is compared by itself, by the operators for ARNs alone."""
    return bool((_IN_ACCOUNT_BY_FIELDS if by_fields else _IN_ACCOUNT).fullmatch(text))


def _is_ones_id(text: str, by_fields: bool) -> bool:
    """Of a unique ID, which no second user or role has: all of it before the colon. What follows is the session's name."""
    found = _ONES_ID.fullmatch(text)
    return found is not None and found[2] is not None


def _is_in_organization(text: str, by_fields: bool) -> bool:
    """Of a path in Organizations: the organization, which it begins with."""
    first, slash, _rest = text.partition("/")
    return bool(slash) and not has_wildcard(first)


def _is_claimed(text: str, by_fields: bool) -> bool:
    """Of the subject of a GitHub token: the owner of the repository (IAM User Guide, "Identity-provider controls")."""
    return re.fullmatch(r"repo:[^/*?]+/.*", text, re.DOTALL) is not None


_Test = Callable[[str, bool], bool]
_TESTS: Final[Mapping[str, _Test]] = {
    **dict.fromkeys(
        (
            "aws:principalaccount", "aws:principalorgid", "aws:principalservicename", "aws:principalservicenameslist",
            "aws:sourceaccount", "aws:sourceorgid", "aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid",
        ),
        _nothing,
    ),
    **dict.fromkeys(("aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn"), _is_in_account),
    **dict.fromkeys(("aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"), _is_in_organization),
    "aws:userid": _is_ones_id,
}  # fmt: skip


def _is_somewhere(values: Sequence[str]) -> bool:
    """Whether networks together are a small part of all addresses (S3 User Guide, "The meaning of public": /8, or /32 of IPv6)."""
    shares = {version: sum(_shares(values, version)) for version in _WIDEST}
    return all(share <= _WIDEST[version] for version, share in shares.items())


def _shares(values: Sequence[str], version: int) -> Iterator[float]:
    for found in map(network, values):
        if found is not None and found[0] == version:
            yield 2.0 ** -int(found[2]).bit_count()
