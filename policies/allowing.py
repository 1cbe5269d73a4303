"""Which managed policies allow an action: what stands in their documents, patterns, NotAction and plain denies included.

A document is read once and kept as the patterns of its statements, for versions never change.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from engine import PolicySyntaxError, Statement
from engine.wildcards import covers, may_meet
from policies.documents import read_document
from policies.models import AWS, PolicyVersion

_ACTION = re.compile(r"\*|[a-z0-9*?-]+:[a-z0-9*?]+")
_MOST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Grants:
    """The statements of a document as patterns of actions: what is allowed, and what is denied on everything, always."""

    allowed: tuple[tuple[str, ...], ...]
    allowed_except: tuple[tuple[str, ...], ...]
    denied: tuple[str, ...]
    denied_except: tuple[tuple[str, ...], ...]

    def allow(self, action: str) -> bool:
        """Whether something of an action or pattern is allowed, and not all of it denied whatever the resource."""
        given = any(_meet(patterns, action) for patterns in self.allowed)
        given = given or any(not _cover(patterns, action) for patterns in self.allowed_except)
        return given and not self._all_denied(action)

    def _all_denied(self, action: str) -> bool:
        return _cover(self.denied, action) or any(not _meet(patterns, action) for patterns in self.denied_except)


Key = tuple[int, datetime]
_kept: OrderedDict[Key, Grants] = OrderedDict()


def is_action(text: str) -> bool:
    """Whether a text has the form of an action or a pattern of actions."""
    return _ACTION.fullmatch(text.lower()) is not None


def allowing(account_id: str, action: str) -> Q:
    """The policies that an account sees and that allow an action or some of a pattern, as a condition: what lists and forms search by."""
    return Q(pk__in=policies_allowing(account_id, action))


def policies_allowing(account_id: str, action: str) -> list[int]:
    """The database ids of the policies that an account sees and whose default version allows an action or some of a pattern.

    Two queries at most: the versions in force, and the documents of those that have not been read yet.
    """
    wanted = action.lower()
    rows = PolicyVersion.objects.filter(policy__account_id__in=[account_id, AWS], number=F("policy__default_version"))
    versions = list(rows.values_list("pk", "created_at", "policy_id"))
    grants = _grants([(pk, created) for pk, created, _policy in versions])
    return [policy for pk, created, policy in versions if grants[pk, created].allow(wanted)]


def _grants(keys: Sequence[Key]) -> dict[Key, Grants]:
    found = {key: _kept[key] for key in keys if key in _kept}
    missing = {key[0]: key for key in keys if key not in found}
    if missing:
        whole = len(missing) > len(keys) // 2  # a list of ids that long costs more than the few documents too many
        rows = PolicyVersion.objects.all() if whole else PolicyVersion.objects.filter(pk__in=missing)
        for pk, document in rows.values_list("pk", "document").iterator():
            if pk in missing:
                found[missing[pk]] = _kept[missing[pk]] = read_grants(document)
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return found


def read_grants(document: str) -> Grants:
    """The patterns of a document; of one that cannot be read, none."""
    try:
        statements: Iterable[Statement] = read_document(document).statements
    except PolicySyntaxError:
        statements = ()
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


def _lower(patterns: Iterable[str]) -> tuple[str, ...]:
    return tuple(pattern.lower() for pattern in patterns)


def _meet(patterns: Iterable[str], action: str) -> bool:
    return any(pattern == "*" or may_meet(pattern, action) for pattern in patterns)


def _cover(patterns: Iterable[str], action: str) -> bool:
    return any(pattern == "*" or covers(pattern, action) for pattern in patterns)
