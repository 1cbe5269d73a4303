"""Which managed policies are about a resource, or read a condition key: what stands in the documents of their default versions.

A statement is about a resource whose ARN its Resource covers, if one of its actions can work on resources of that service: `sqs:*` on `*`
says nothing of a bucket.
"""

from collections import Counter
from collections.abc import Sequence

from django.db.models import Q

from engine import catalog
from engine.validate.resources import fitting_forms
from engine.wildcards import covers, has_wildcard, may_meet
from policies.contents import Scope, contents

FIELDS = 6  # of an ARN: arn, partition, service, region, account, resource


def is_resource(text: str) -> bool:
    """Whether a text has the form of an ARN, or of a pattern of ARNs that names its service."""
    fields = text.split(":", FIELDS - 1)
    return len(fields) == FIELDS and fields[0] == "arn" and bool(fields[2]) and bool(fields[5])


def about(account_id: str, resource: str) -> Q:
    """The policies that an account sees and of which a statement, whatever its effect, is about a resource or some of a pattern."""
    fields = resource.split(":", FIELDS - 1)
    actions = [f"{service}:*" for service in _services(fields)]
    found = [
        pk for pk, content in contents(account_id) if any(_is_about(each, fields, actions) for each in content.scopes)
    ]
    return Q(pk__in=found)


def reading(account_id: str, key: str) -> Q:
    """The policies that an account sees and that read a condition key; `aws:ResourceTag` stands for all tags.

    Keys are compared without regard to case, as they are when a request is decided.
    """
    wanted = key.lower()
    return Q(pk__in=[pk for pk, content in contents(account_id) if any(_is_key(each, wanted) for each in content.keys)])


def keys_with(account_id: str, text: str, most: int) -> list[tuple[str, int]]:
    """The condition keys in which a text stands, with how many policies read each, the most read first."""
    found: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for _policy, content in contents(account_id):
        named = {key.lower(): key for key in content.keys if text.lower() in key.lower()}
        found.update(named.keys())
        spelled |= named
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
    return [(spelled[key], number) for key, number in ranked]


def resources_with(account_id: str, text: str, most: int) -> list[tuple[str, int]]:
    """The resources in which a text stands, as documents write them, with how many policies name each, the most named first."""
    found: Counter[str] = Counter()
    for _policy, content in contents(account_id):
        named = {each for scope in content.scopes for each in (*(scope.resources or ()), *scope.not_resources)}
        found.update(each for each in named if text.lower() in each.lower() and is_resource(each))
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:most]


def _is_key(key: str, wanted: str) -> bool:
    return key.lower() == wanted or ("/" not in wanted and key.lower().partition("/")[0] == wanted)


def _is_about(scope: Scope, fields: Sequence[str], actions: Sequence[str]) -> bool:
    if scope.resources is None:
        resource = ":".join(fields)
        covered = not any(pattern == "*" or covers(pattern, resource) for pattern in scope.not_resources)
    else:
        covered = any(_meets(pattern, fields) for pattern in scope.resources)
    return covered and any(_names(scope, each) for each in actions)


def _meets(pattern: str, fields: Sequence[str]) -> bool:
    """Whether a pattern and a resource have an ARN in common. A star ends with its field, but for the last."""
    if pattern == "*":
        return True
    theirs = pattern.split(":", FIELDS - 1)
    if len(theirs) < FIELDS:
        return may_meet(pattern, ":".join(fields))
    return all(one in (other, "*") or may_meet(one, other) for one, other in zip(theirs, fields, strict=True))


def _names(scope: Scope, actions: str) -> bool:
    """Whether the statement names some of a service's actions."""
    if scope.actions is None:
        return not any(pattern == "*" or covers(pattern, actions) for pattern in scope.not_actions)
    prefix = actions[:-1]
    return any(
        pattern == "*" or pattern.startswith(prefix) or (has_wildcard(pattern) and may_meet(pattern, actions))
        for pattern in scope.actions
    )


def _services(fields: Sequence[str]) -> Sequence[str]:
    """The prefixes of the services whose actions work on a resource: the one that its ARN names, or those that have such ARNs."""
    named = fields[2].lower()
    if catalog.service_exists(named):
        return [named]
    return sorted({kind.service for kind, _form in fitting_forms(named, fields[5])}) or [named]
