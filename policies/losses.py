"""What goes with managed policies that are deleted, and who loses them: said before it happens."""

from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, Count, QuerySet, Value
from django.utils.translation import ngettext

from pages.listing import Loss
from policies.cascades import HOLDERS, attachments
from policies.models import ManagedPolicy, PolicyVersion


def _counted(what: str, rows: "QuerySet[Any]") -> "QuerySet[Any, Any]":
    """What it is that is counted, the policy, and how many of it the policy has."""
    kind = Value(what, output_field=CharField())
    counted: QuerySet[Any, Any] = rows.order_by().annotate(what=kind).values("what", "policy_id")
    found: QuerySet[Any, Any] = counted.annotate(number=Count("pk")).values_list("what", "policy_id", "number")
    return found


def losses_of_policies(policies: Sequence[ManagedPolicy], account_id: str) -> dict[int, list[Loss]]:
    """Who loses each of some policies, and how many versions go with it, by their primary keys; one query at any number."""
    parts = [_counted("version", PolicyVersion.objects.filter(policy__in=policies))]
    for relation, entity, _word in HOLDERS:
        rows = attachments(relation).filter(**{"policy__in": policies, f"{entity}__account_id": account_id})
        parts.append(_counted(entity, rows))
    counts = {(what, pk): number for what, pk, number in parts[0].union(*parts[1:], all=True)}

    def losses(pk: int) -> list[Loss]:
        users, groups, roles, number = (counts.get((what, pk), 0) for what in ("user", "group", "role", "version"))
        found: tuple[Loss, ...] = (
            Loss(users, ngettext("user loses it", "users lose it", users)),
            Loss(groups, ngettext("group loses it", "groups lose it", groups)),
            Loss(roles, ngettext("role loses it", "roles lose it", roles)),
            Loss(number, ngettext("version is deleted", "versions are deleted", number)),
        )
        return [loss for loss in found if loss.count]

    return {policy.pk: losses(policy.pk) for policy in policies}
