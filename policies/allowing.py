"""Which managed policies allow an action: what stands in their documents, patterns, NotAction and plain denies included."""

import re
from collections.abc import Iterable

from django.db.models import Q

from engine.wildcards import covers, may_meet
from policies.contents import Grants, contents

_ACTION = re.compile(r"\*|[a-z0-9*?-]+:[a-z0-9*?]+")


def is_action(text: str) -> bool:
    """Whether a text has the form of an action or a pattern of actions."""
    return _ACTION.fullmatch(text.lower()) is not None


def allowing(account_id: str, action: str) -> Q:
    """The policies that an account sees and that allow an action or some of a pattern, as a condition: what lists and forms search by."""
    wanted = action.lower()
    return Q(pk__in=[policy for policy, content in contents(account_id) if allow(content.grants, wanted)])


def allow(grants: Grants, action: str) -> bool:
    """Whether something of an action or pattern in lower case is allowed, and not all of it denied whatever the resource."""
    given = any(_meet(patterns, action) for patterns in grants.allowed)
    given = given or any(not _cover(patterns, action) for patterns in grants.allowed_except)
    return given and not _all_denied(grants, action)


def _all_denied(grants: Grants, action: str) -> bool:
    return _cover(grants.denied, action) or any(not _meet(patterns, action) for patterns in grants.denied_except)


def _meet(patterns: Iterable[str], action: str) -> bool:
    return any(pattern == "*" or may_meet(pattern, action) for pattern in patterns)


def _cover(patterns: Iterable[str], action: str) -> bool:
    return any(pattern == "*" or covers(pattern, action) for pattern in patterns)
