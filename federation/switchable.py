"""The roles that somebody may switch to: decided by the engine, role by role, with the user's policies and the role's trust policy."""

import re
from collections.abc import Iterator

from django.db.models import Q, QuerySet

from accounts.models import Role
from federation.switching import may_switch
from operations.caller import Caller

MOST = 3000  # roles that are asked about; an account's quota is 1000 unless it was raised
MOST_ELSEWHERE = 200
_ROLE = re.compile(r"arn:[a-z0-9-]+:iam::(?P<account>[0-9]{12}):role/(?:[^*?$]*/)?(?P<name>[^*?$/]+)")


def switchable_roles(caller: Caller) -> "QuerySet[Role]":
    """The roles of the caller's account, and those of other accounts that the caller's policies name, to which a switch is possible."""
    if caller.user_id is None or caller.is_root:
        return Role.objects.none()
    found = [role.pk for role in (*_at_home(caller), *_elsewhere(caller)) if may_switch(caller, role)]
    return Role.objects.filter(pk__in=found)


def _at_home(caller: Caller) -> "QuerySet[Role]":
    """The roles whose trust policy can mean the caller at all: it names the account or somebody of it, the user's id, or everybody."""
    trust = Q(trust_policy__contains=caller.account_id) | Q(trust_policy__contains='"*"')
    trust |= Q(trust_policy__contains=caller.principal.user_id or caller.arn) | Q(trust_policy__contains="NotPrincipal")
    roles = Role.objects.filter(trust, account_id=caller.account_id, service_linked_to="")
    return roles.select_related("boundary").prefetch_related("tags").order_by("name_key")[:MOST]


def _elsewhere(caller: Caller) -> Iterator[Role]:
    named = {match[0]: match for match in _named_roles(caller) if match["account"] != caller.account_id}
    chosen = list(named.values())[:MOST_ELSEWHERE]
    if not chosen:
        return
    roles = Role.objects.filter(
        account_id__in={match["account"] for match in chosen}, name_key__in={match["name"].lower() for match in chosen}
    )
    yield from (role for role in roles.select_related("boundary").prefetch_related("tags") if role.arn in named)


def _named_roles(caller: Caller) -> Iterator[re.Match[str]]:
    """The roles that the statements of the caller's policies name one by one."""
    for named in caller.policies.identity:
        for statement in named.policy.statements:
            if statement.effect == "Allow":
                yield from filter(None, map(_ROLE.fullmatch, statement.resources or ()))
