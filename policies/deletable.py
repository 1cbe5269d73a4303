"""Which policies the caller may delete, asked for many at once before it is done: each step of the deletion in `cascades`."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, prefetch_related_objects
from django.utils.translation import gettext as _

from engine import catalog
from operations.caller import Caller, ContextValue
from operations.gate import resource_keys
from pages.listing import Refused
from policies.cascades import HOLDERS, attachments
from policies.models import ManagedPolicy, PolicyVersion
from policies.reading import tag_keys

CHECKED = 5_000  # attachments that are asked one by one


def policies_not_deletable(caller: Caller, policies: Sequence[ManagedPolicy]) -> Refused:
    """Policies of which the caller may not delete something, or which it may not detach from somebody; a fixed number of queries.

    Of more attachments than a page has time for, the first are looked at, and the answer says that it is not complete.
    """
    own = [policy for policy in policies if not policy.is_aws_managed]
    prefetch_related_objects(own, "tags")
    counted = PolicyVersion.objects.filter(policy__in=own).order_by().values_list("policy")
    versions = dict(counted.annotate(number=Count("pk")))
    holders, complete = _holders(own)
    why = {}
    for policy in own:
        keys = tag_keys(policy)
        steps = [
            *(("iam:DeletePolicyVersion", policy.arn, keys) for _more in range(versions.get(policy.pk, 0) > 1)),
            ("iam:DeletePolicy", policy.arn, keys),
            *(
                (action, entity.arn, {**entity_keys(entity, action), "iam:PolicyARN": policy.arn})
                for action, entity in holders[policy.pk]
            ),
        ]
        denied = next((action for action, arn, context in steps if not caller.may(action, arn, context)), "")
        if denied:
            why[policy.pk] = _("You are not permitted to do this: %(action)s") % {"action": denied}
    return Refused(why, complete)


def _holders(policies: Sequence[ManagedPolicy]) -> tuple[Mapping[int, list[tuple[str, Any]]], bool]:
    """Who has each policy attached, with the action that takes it away; whether these are all of them."""
    found: dict[int, list[tuple[str, Any]]] = defaultdict(list)
    complete = True
    for relation, entity, word in HOLDERS:
        related = [entity] if entity == "group" else [entity, f"{entity}__boundary"]
        rows = attachments(relation).filter(policy__in=policies).select_related(*related)
        if entity != "group":
            rows = rows.prefetch_related(f"{entity}__tags")
        some = list(rows.order_by("pk")[: CHECKED + 1])
        complete = complete and len(some) <= CHECKED
        for row in some[:CHECKED]:
            found[row.policy_id].append((f"iam:Detach{word}Policy", getattr(row, entity)))
    return found, complete


def entity_keys(entity: Any, action: str) -> dict[str, ContextValue]:
    """The condition keys that a user, group or role brings to an action: its tags, and its boundary where the action carries that key."""
    keys = resource_keys(entity.tags.all()) if hasattr(entity, "tags") else {}
    service, _colon, name = action.partition(":")
    if getattr(entity, "boundary", None) and catalog.carries_key(service, name, "iam:PermissionsBoundary"):
        keys["iam:PermissionsBoundary"] = entity.boundary.arn
    return keys
