"""Which policies the caller may delete, asked for many at once before it is done: each step of the deletion in `cascades`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, QuerySet, Value, prefetch_related_objects
from django.utils.translation import gettext as _

from engine import catalog
from operations.caller import Caller, ContextValue
from operations.ids import iam_arn
from pages.listing import Refused
from policies.cascades import HOLDERS, attachments
from policies.entities import SOURCES
from policies.models import ManagedPolicy, PolicyEntity
from policies.queries import ENTITY_SOURCES, EntitySource
from policies.reading import tag_keys

READ = 20_000  # attachments, each once for every tag of who has it, that are asked one by one


def policies_not_deletable(caller: Caller, policies: Sequence[ManagedPolicy]) -> Refused:
    """Policies of which the caller may not delete something, or which it may not detach from somebody; a fixed number of queries.

    Of more attachments than a page has time for, the first are looked at, and the answer says that it is not complete.
    """
    own = [policy for policy in policies if not policy.is_aws_managed]
    prefetch_related_objects(own, "tags")
    holders, complete = _holders(own, caller.account_id)
    why = {}
    for policy in own:
        keys = tag_keys(policy)
        steps = [
            *(("iam:DeletePolicyVersion", policy.arn, keys) for _more in range(policy.version_count > 1)),
            ("iam:DeletePolicy", policy.arn, keys),
            *(
                (holder.action, holder.arn, {**holder.keys, "iam:PolicyARN": policy.arn})
                for holder in holders.get(policy.pk, ())
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


@dataclass
class Holder:
    """Somebody who has a policy attached, with the action that takes it away and the condition keys that it brings to it."""

    action: str
    arn: str
    keys: dict[str, ContextValue]


def _holders(policies: Sequence[ManagedPolicy], account_id: str) -> tuple[Mapping[int, list[Holder]], bool]:
    """Who has each policy attached, by the policy's primary key, in one query; whether these are all of them."""
    first, *others = (_held(relation, entity, policies) for relation, entity, _word in HOLDERS)
    rows = list(first.union(*others, all=True).order_by("kind", "link")[: READ + 1])
    complete = len(rows) <= READ
    if not complete:  # the last one's tags may not have been read to the end
        rows = [row for row in rows if (row["kind"], row["link"]) != (rows[-1]["kind"], rows[-1]["link"])]
    found: dict[int, dict[tuple[str, int], Holder]] = defaultdict(dict)
    for row in rows:
        place = row["kind"], row["link"]
        holder = found[row["held"]].get(place) or _holder(row, account_id)
        found[row["held"]][place] = holder
        if row["tag"]:
            for key in (f"aws:ResourceTag/{row['tag']}", f"iam:ResourceTag/{row['tag']}"):
                holder.keys[key] = row["tag_value"]
    return {pk: list(holders.values()) for pk, holders in found.items()}, complete


def _held(relation: str, entity: str, policies: Sequence[ManagedPolicy]) -> "QuerySet[Any, dict[str, Any]]":
    """The attachments of policies to one kind of entity, each once for every tag, with what condition keys are made of."""
    nothing = Value("", output_field=CharField())
    bare = entity == "group"  # which brings no condition keys
    rows = attachments(relation).filter(policy__in=policies).order_by()
    found: QuerySet[Any, dict[str, Any]] = rows.annotate(
        kind=Value(entity, output_field=CharField()),
        link=F("pk"),
        held=F("policy_id"),
        at=F(f"{entity}__path"),
        called=F(f"{entity}__name"),
        tag=nothing if bare else F(f"{entity}__tags__key"),
        tag_value=nothing if bare else F(f"{entity}__tags__value"),
        bound=nothing if bare else F(f"{entity}__boundary__arn"),
    ).values("kind", "link", "held", "at", "called", "tag", "tag_value", "bound")
    return found


def _holder(row: Mapping[str, Any], account_id: str) -> Holder:
    word = row["kind"].capitalize()
    keys: dict[str, ContextValue] = {}
    if row["bound"] and catalog.carries_key("iam", f"Detach{word}Policy", "iam:PermissionsBoundary"):
        keys["iam:PermissionsBoundary"] = row["bound"]
    return Holder(f"iam:Detach{word}Policy", iam_arn(account_id, f"{row['kind']}{row['at']}{row['called']}"), keys)
