"""The documents of what users are to have who are to be created: of groups by name, and of managed policies."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import F
from django.db.models.functions import Concat

from accounts.models import Group, GroupAttachment
from operations.ids import iam_arn
from policies.lookup import documents_in_force

Named = tuple[str, str]  # the name of a policy, and its document


@dataclass
class GroupDocuments:
    """What a group holds: the inline policies, and the documents of the managed ones by ARN."""

    arn: str
    inline: list[Named] = field(default_factory=list)
    managed: dict[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> Sequence[str]:
        return (*self.managed.values(), *(text for _name, text in self.inline))


@dataclass(frozen=True)
class NewDocuments:
    """Groups by their names in lower case, and the documents in force of the managed policies that were asked for, by ARN."""

    groups: Mapping[str, GroupDocuments]
    in_force: Mapping[str, str]


def documents_for_new(account_id: str, keys: Collection[str], arns: Collection[str]) -> NewDocuments:
    """What is held by groups, by their names in lower case, and what some managed policies say. Three queries, authorised by none."""
    in_force = documents_in_force(arns) if arns else {}
    return NewDocuments(_of_groups(account_id, keys) if keys else {}, in_force)


def _of_groups(account_id: str, keys: Collection[str]) -> Mapping[str, GroupDocuments]:
    found: dict[str, GroupDocuments] = {}
    names: dict[int, str] = {}
    rows = Group.objects.filter(account_id=account_id, name_key__in=list(keys))
    inline = defaultdict[str, list[Named]](list)
    for pk, key, place, name, document in rows.values_list(
        "pk", "name_key", Concat("path", "name"), "inline_policies__name", "inline_policies__document"
    ):
        names[pk] = key
        found.setdefault(key, GroupDocuments(iam_arn(account_id, f"group{place}"), inline[key]))
        if document is not None:
            inline[key].append((name, document))
    attached = GroupAttachment.objects.filter(group__in=names, policy__versions__number=F("policy__default_version"))
    for pk, arn, document in attached.values_list("group_id", "policy__arn", "policy__versions__document"):
        found[names[pk]].managed[arn] = document
    return found
