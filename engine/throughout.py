"""Whether an action is allowed on all that a collection holds, whatever that is: for what is shown of many at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engine.compiled import CompiledStatement
from engine.evaluate import concerns, evaluate
from engine.policies import Policies
from engine.request import Request
from engine.wildcards import covers, may_meet

_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_OF_THE_RESOURCE: Final = ("aws:resourcetag/", "iam:resourcetag/")


def allowed_throughout(request: Request, policies: Policies) -> bool:
    """Whether the request is allowed for each resource that its own, a pattern such as `…:user/*`, stands for.

    What is not certain is no: an Allow must cover the whole pattern, without looking at tags, and no Deny may concern a part of it, be it
    by its name, its path or its tags. Conditions about the caller and the connection are decided as always.
    """
    if not evaluate(request, policies).allowed:
        return False
    return request.resource == "*" or not any(_may_hold(each, request) for each in _denials(request, policies))


def _denials(request: Request, policies: Policies) -> Iterator[CompiledStatement]:
    """The denying statements of all layers that cover the action."""
    action = request.action.lower()
    sets = (policies.identity_set, policies.boundary_set, policies.session_set, *policies.service_control_sets)
    for held in sets:
        if held is not None:
            yield from (each for each in held.concerning(action) if not each.allows)
    for _policy, each, _naming in (*policies.resource_control_statements, *policies.endpoint_statements):
        if not each.allows and concerns(each.statement.actions, each.statement.not_actions, action):
            yield each


def _may_hold(statement: CompiledStatement, request: Request) -> bool:
    """Whether a statement concerns some of the resources: what it asks of their tags is not known."""
    texts = [_VARIABLE.sub("*", pattern.text) for pattern in statement.patterns]
    if statement.excludes_resources:
        certain = [text for text, pattern in zip(texts, statement.patterns, strict=True) if text == pattern.text]
        reaches = not any(covers(text, request.resource) for text in certain)
    else:
        reaches = any(may_meet(text, request.resource) for text in texts)
    return reaches and all(
        condition.key.lower().startswith(_OF_THE_RESOURCE) or check(request) for condition, check in statement.checks
    )
