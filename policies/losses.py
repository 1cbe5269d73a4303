"""What goes with managed policies that are deleted, and who loses them: said before it happens."""

from collections.abc import Sequence

from django.db.models import Count
from django.utils.translation import ngettext

from pages.listing import Loss
from policies.cascades import HOLDERS, attachments
from policies.models import ManagedPolicy, PolicyVersion


def losses_of_policies(policies: Sequence[ManagedPolicy], account_id: str) -> dict[int, list[Loss]]:
    """Who loses each of some policies, and how many versions go with it, by their primary keys; four queries at any number."""
    attached = {
        entity: dict(
            attachments(relation)
            .filter(**{"policy__in": policies, f"{entity}__account_id": account_id})
            .order_by()
            .values_list("policy")
            .annotate(number=Count("pk"))
        )
        for relation, entity, _word in HOLDERS
    }
    counted = PolicyVersion.objects.filter(policy__in=policies).order_by().values_list("policy")
    versions = dict(counted.annotate(number=Count("pk")))

    def losses(pk: int) -> list[Loss]:
        users, groups, roles = (attached[entity].get(pk, 0) for entity in ("user", "group", "role"))
        number = versions.get(pk, 0)
        found: tuple[Loss, ...] = (
            Loss(users, ngettext("user loses it", "users lose it", users)),
            Loss(groups, ngettext("group loses it", "groups lose it", groups)),
            Loss(roles, ngettext("role loses it", "roles lose it", roles)),
            Loss(number, ngettext("version is deleted", "versions are deleted", number)),
        )
        return [loss for loss in found if loss.count]

    return {policy.pk: losses(policy.pk) for policy in policies}
