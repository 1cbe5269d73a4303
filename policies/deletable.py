"""Which policies the caller may delete, asked for many at once before it is done: each step of the deletion in `cascades`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from engine import catalog
from operations.caller import Caller, ContextValue
from operations.gate import resource_keys
from operations.ids import iam_arn
from pages.listing import Refused
from policies.cascades import HOLDERS, attachments
from policies.entities import SOURCES
from policies.models import ManagedPolicy, PolicyEntity, PolicyVersion
from policies.queries import ENTITY_SOURCES, EntitySource
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
                (action, entity.arn, {**_entity_keys(entity, action), "iam:PolicyARN": policy.arn})
                for action, entity in holders[policy.pk]
            ),
        ]
        denied = next((action for action, arn, context in steps if not caller.may(action, arn, context)), "")
        if denied:
            why[policy.pk] = not_permitted(denied)
    return Refused(why, complete)


def entities_not_detachable(caller: Caller, policy: ManagedPolicy, rows: Sequence[PolicyEntity]) -> Refused:
    """Those from whom the caller may not take a policy; two queries at most."""
    why: dict[int, str] = {}
    for number, source in enumerate(ENTITY_SOURCES):
        own = {row.pk // SOURCES: row for row in rows if row.pk % SOURCES == number}
        if source.usage != "attached" or not own:
            continue
        action = f"iam:Detach{source.kind.capitalize()}Policy"
        keys = _keys_of_holders(source, own, action)
        for pk, row in own.items():
            arn = iam_arn(caller.account_id, f"{row.kind}{row.path}{row.name}")
            if not caller.may(action, arn, {**keys[pk], "iam:PolicyARN": policy.arn}):
                why[row.pk] = not_permitted(action)
    return Refused(why)


def _keys_of_holders(
    source: EntitySource, attached: Iterable[int], action: str
) -> Mapping[int, dict[str, ContextValue]]:
    """The condition keys that those bring to an action to whom something is attached, by the attachments' keys; groups bring none."""
    keys: dict[int, dict[str, ContextValue]] = defaultdict(dict)
    if source.kind == "group":
        return keys
    columns = [f"{source.kind}__{column}" for column in ("tags__key", "tags__value", "boundary__arn")]
    carries_boundary = catalog.carries_key("iam", action.partition(":")[2], "iam:PermissionsBoundary")
    for pk, key, value, boundary in (
        attachments(source.relation).filter(pk__in=list(attached)).values_list("pk", *columns)
    ):
        if key is not None:
            keys[pk] |= {f"aws:ResourceTag/{key}": value, f"iam:ResourceTag/{key}": value}
        if boundary is not None and carries_boundary:
            keys[pk]["iam:PermissionsBoundary"] = boundary
    return keys


def not_permitted(action: str) -> str:
    """Why a row is left out when an action on it is denied."""
    return _("You are not permitted to do this: %(action)s") % {"action": action}


def _with_keys(rows: "QuerySet[Any]", entity: str) -> "QuerySet[Any]":
    """Attachments with the entity and what condition keys are made of."""
    if entity == "group":
        return rows.select_related(entity)
    return rows.select_related(entity, f"{entity}__boundary").prefetch_related(f"{entity}__tags")


def _holders(policies: Sequence[ManagedPolicy]) -> tuple[Mapping[int, list[tuple[str, Any]]], bool]:
    """Who has each policy attached, with the action that takes it away; whether these are all of them."""
    found: dict[int, list[tuple[str, Any]]] = defaultdict(list)
    complete = True
    for relation, entity, word in HOLDERS:
        rows = _with_keys(attachments(relation).filter(policy__in=policies), entity)
        some = list(rows.order_by("pk")[: CHECKED + 1])
        complete = complete and len(some) <= CHECKED
        for row in some[:CHECKED]:
            found[row.policy_id].append((f"iam:Detach{word}Policy", getattr(row, entity)))
    return found, complete


def _entity_keys(entity: Any, action: str) -> dict[str, ContextValue]:
    """The condition keys that a user, group or role brings to an action: its tags, and its boundary where the action carries that key."""
    keys = resource_keys(entity.tags.all()) if hasattr(entity, "tags") else {}
    service, _colon, name = action.partition(":")
    if getattr(entity, "boundary", None) and catalog.carries_key(service, name, "iam:PermissionsBoundary"):
        keys["iam:PermissionsBoundary"] = entity.boundary.arn
    return keys
