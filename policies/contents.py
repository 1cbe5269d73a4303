"""What the documents of managed policies say, as lists and forms search it: actions, resources and condition keys.

A document is read once and kept as the patterns of its statements, for versions never change.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from engine import PolicySyntaxError, Statement
from engine.validate.variables import masked
from policies.documents import read_document
from policies.models import AWS, PolicyVersion

_MOST_KEPT = 20_000
Patterns = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grants:
    """The statements of a document as patterns of actions: what is allowed, and what is denied on everything, always."""

    allowed: tuple[Patterns, ...]
    allowed_except: tuple[Patterns, ...]
    denied: Patterns
    denied_except: tuple[Patterns, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """The actions of a statement, or all but some, and the resources that it is about, or all but some; variables stand as wildcards."""

    actions: Patterns | None
    not_actions: Patterns
    resources: Patterns | None
    not_resources: Patterns


@dataclass(frozen=True, slots=True)
class Content:
    """What is kept of a document; `keys` are the condition keys that it reads, as they are written."""

    grants: Grants
    scopes: tuple[Scope, ...]
    keys: frozenset[str]


Key = tuple[int, datetime]
_kept: OrderedDict[Key, Content] = OrderedDict()


def contents(account_id: str) -> list[tuple[int, Content]]:
    """The policies that an account sees, by their database ids, with what their default versions say.

    Two queries at most: the versions in force, and the documents of those that have not been read yet.
    """
    rows = PolicyVersion.objects.filter(policy__account_id__in=[account_id, AWS], number=F("policy__default_version"))
    versions = list(rows.values_list("pk", "created_at", "policy_id"))
    found = _read([(pk, created) for pk, created, _policy in versions])
    return [(policy, found[pk, created]) for pk, created, policy in versions]


def _read(keys: Sequence[Key]) -> dict[Key, Content]:
    found = {key: _kept[key] for key in keys if key in _kept}
    missing = {key[0]: key for key in keys if key not in found}
    if missing:
        whole = len(missing) > len(keys) // 2  # a list of ids that long costs more than the few documents too many
        rows = PolicyVersion.objects.all() if whole else PolicyVersion.objects.filter(pk__in=missing)
        for pk, document in rows.values_list("pk", "document").iterator():
            if pk in missing:
                found[missing[pk]] = _kept[missing[pk]] = read_content(document)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return found


def read_content(document: str) -> Content:
    """What a document says; of one that cannot be read, nothing."""
    try:
        statements: Sequence[Statement] = read_document(document).statements
    except PolicySyntaxError:
        statements = ()
    return Content(
        _grants(statements),
        tuple(_scope(each) for each in statements),
        frozenset(key for each in statements for key in _keys(each)),
    )


def _grants(statements: Iterable[Statement]) -> Grants:
    statements = list(statements)
    allows = [each for each in statements if each.effect == "Allow"]
    denies = [each for each in statements if each.effect == "Deny" and _is_plain(each)]
    return Grants(
        tuple(_lower(each.actions) for each in allows if each.actions is not None),
        tuple(_lower(each.not_actions) for each in allows if each.not_actions is not None),
        tuple(pattern for each in denies for pattern in _lower(each.actions or ())),
        tuple(_lower(each.not_actions) for each in denies if each.not_actions is not None),
    )


def _is_plain(statement: Statement) -> bool:
    """Whether a statement holds for every resource and without a condition."""
    return not statement.conditions and "*" in (statement.resources or ())


def _lower(patterns: Iterable[str]) -> Patterns:
    return tuple(pattern.lower() for pattern in patterns)


def _scope(statement: Statement) -> Scope:
    return Scope(
        None if statement.actions is None else _lower(statement.actions),
        _lower(statement.not_actions or ()),
        None if statement.resources is None else tuple(masked(each) for each in statement.resources),
        tuple(statement.not_resources or ()),
    )


def _keys(statement: Statement) -> Iterator[str]:
    """The keys of its conditions, and of the variables in its resources and the values of its conditions."""
    variables: list[str] = []

    def noted(variable: str) -> str:
        variables.append(variable[2:-1].partition(",")[0].strip())
        return ""

    for text in (*(statement.resources or ()), *(statement.not_resources or ())):
        masked(text, noted)
    for condition in statement.conditions:
        yield condition.key
        for value in condition.values:
            masked(str(value), noted)
    yield from (key for key in variables if ":" in key)
