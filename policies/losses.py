"""What goes with managed policies that are deleted, who loses them, and whether they are in use: said before it happens."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Count, QuerySet, Value
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pages.listing import Loss
from policies.cascades import HOLDERS, attachments

if TYPE_CHECKING:
    from policies.queries import PolicyRow


def _counted(what: str, rows: "QuerySet[Any]") -> "QuerySet[Any, Any]":
    """What it is that is counted, the policy, and how many of it the policy has."""
    kind = Value(what, output_field=CharField())
    counted: QuerySet[Any, Any] = rows.order_by().annotate(what=kind).values("what", "policy_id")
    found: QuerySet[Any, Any] = counted.annotate(number=Count("pk")).values_list("what", "policy_id", "number")
    return found


def losses_of_policies(policies: Sequence["PolicyRow"], account_id: str) -> dict[int, list[Loss]]:
    """Who loses each of some policies, how many versions go with it, and where the rows bear `known_since` (policies.last_decided) when
    it last decided something, by their primary keys; one query at any number.
    """
    parts = []
    for relation, entity, _word in HOLDERS:
        rows = attachments(relation).filter(**{"policy__in": policies, f"{entity}__account_id": account_id})
        parts.append(_counted(entity, rows))
    counts = {(what, pk): number for what, pk, number in parts[0].union(*parts[1:], all=True)}

    def losses(policy: "PolicyRow") -> list[Loss]:
        users, groups, roles = (counts.get((what, policy.pk), 0) for what in ("user", "group", "role"))
        number = policy.version_count
        found: tuple[Loss, ...] = (
            Loss(users, ngettext("user loses it", "users lose it", users)),
            Loss(groups, ngettext("group loses it", "groups lose it", groups)),
            Loss(roles, ngettext("role loses it", "roles lose it", roles)),
            Loss(number, ngettext("version is deleted", "versions are deleted", number)),
        )
        nobody = [] if users + groups + roles else [Loss(None, _("Attached to nobody, and nobody's boundary."))]
        return [*nobody, *(loss for loss in found if loss.count), *use(policy, getattr(policy, "known_since", None))]

    return {policy.pk: losses(policy) for policy in policies}


def use(policy: "PolicyRow", since: datetime | None) -> list[Loss]:
    """When a statement of a policy last decided something, or that none did for as long as the record reaches back."""
    if since is None:
        return []
    if policy.last_decided_at is not None:
        return [Loss(None, _("Allowed or denied something:"), policy.last_decided_at)]
    day = date_format(localtime(max(since, policy.created_at)), "j M Y")
    return [Loss(None, _("Has allowed or denied nothing since %(day)s.") % {"day": day})]
