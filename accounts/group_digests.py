"""What tells whether two groups are the same: a number for who is in a group, and one for what its policies say.

The operations keep both beside the group, so that a list of any size finds the same ones along an index. Who is in it is the exclusive or
of a number for each member, which whoever joins or leaves moves; unique ids are the server's own, so nobody can choose them to meet.
What its policies say are the managed policies that are attached and the documents written into it, whatever their names.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable

from accounts.models import Group, GroupAttachment, GroupInlinePolicy, Membership, Role, User

BITS = 63  # a whole number of every database
BATCH = 500


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> (64 - BITS)


def of_member(unique_id: str) -> int:
    """The number of one member."""
    return _number(unique_id)


def of_policies(managed: Collection[int], documents: Iterable[str]) -> int:
    """The number of some policies: the ids of managed ones and the documents of inline ones; 0 of none."""
    parts = [*sorted(map(str, managed)), *sorted(_plain(document) for document in documents)]
    return _number(json.dumps(parts)) if parts else 0


def _plain(document: str) -> str:
    """A document whatever its white space and the order of its members."""
    try:
        return json.dumps(json.loads(document), sort_keys=True)
    except (ValueError, RecursionError):  # a text that an older release accepted: as it stands
        return document


def keep_digest(holder: User | Group | Role) -> None:
    """Keep the number of a group's policies after one came, went or changed; users and roles have none."""
    if isinstance(holder, Group):
        keep_policies_of([holder.pk])


def keep_policies_of(groups: Collection[int]) -> None:
    """The same of several groups by primary key."""
    attached, documents = defaultdict(list), defaultdict(list)
    for pk, policy in GroupAttachment.objects.filter(group__in=groups).values_list("group", "policy"):
        attached[pk].append(policy)
    for pk, document in GroupInlinePolicy.objects.filter(group__in=groups).values_list("group", "document"):
        documents[pk].append(document)
    rows = [Group(pk=pk, policies_digest=of_policies(attached[pk], documents[pk])) for pk in groups]
    Group.objects.bulk_update(rows, ["policies_digest"], batch_size=BATCH)


def keep_all(account_id: str) -> None:
    """Both numbers of all groups of an account: after an import."""
    groups = list(Group.objects.filter(account_id=account_id).values_list("pk", flat=True))
    members: dict[int, int] = defaultdict(int)
    rows = Membership.objects.filter(group__account_id=account_id).order_by()
    for pk, unique_id in rows.values_list("group", "user__unique_id").iterator():
        members[pk] ^= of_member(unique_id)
    found = [Group(pk=pk, members_digest=members[pk]) for pk in groups]
    Group.objects.bulk_update(found, ["members_digest"], batch_size=BATCH)
    for start in range(0, len(groups), BATCH):
        keep_policies_of(groups[start : start + BATCH])
