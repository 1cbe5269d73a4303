"""Users and groups, and what users, groups and roles have in common: inline policies, attachments, boundary, tags."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.importing.entries import Entry
from accounts.importing.report import Counts
from accounts.importing.rows import Columns, Importing, sync_children, sync_entities
from accounts.models import (
    Group,
    GroupAttachment,
    GroupInlinePolicy,
    Membership,
    User,
    UserAttachment,
    UserInlinePolicy,
    UserTag,
)
from policies.facts import gives_everything

Found = Mapping[str, Any]  # rows by name without case


def import_groups(importing: Importing, entries: Sequence[Entry]) -> None:
    """One batch of the file's `GroupDetailList`."""
    counts = importing.report.counts["Groups"]
    found = sync_entities(importing, Group.objects, entries, lambda entry, row: {}, counts)
    sync_policies(importing, found, entries, (GroupInlinePolicy, GroupAttachment, "group"), counts)


def import_users(importing: Importing, entries: Sequence[Entry]) -> None:
    """One batch of the file's `UserDetailList`, with the users' memberships."""
    counts = importing.report.counts["Users"]
    found = sync_entities(importing, User.objects, entries, lambda entry, row: boundary(importing, entry), counts)
    sync_policies(importing, found, entries, (UserInlinePolicy, UserAttachment, "user"), counts)
    counts.changed |= sync_tags(UserTag, "user", found, entries)
    groups: dict[tuple[int, Any], Columns] = {
        (found[entry.key].pk, group): {}
        for entry in entries
        if entry.key in found
        for name in entry.groups
        if (group := importing.group(entry.place, name)) is not None
    }
    counts.changed |= sync_children(Membership, "user", pks(found), groups, "group_id")


def boundary(importing: Importing, entry: Entry) -> dict[str, Any]:
    """The columns of a user's or role's permissions boundary."""
    found = importing.policy(entry.place, entry.boundary) if entry.boundary else None
    key = "" if found is None or entry.boundary is None else entry.boundary.rpartition("/")[2].lower()
    return {"boundary_id": found, "boundary_key": key}


def sync_policies(
    importing: Importing, found: Found, entries: Sequence[Entry], where: tuple[Any, Any, str], counts: Counts
) -> None:
    """Inline and attached policies of some entities; `where` names the two models and the column of the entity in them."""
    inline_model, attachment_model, parent = where
    present = [entry for entry in entries if entry.key in found]
    inline = {
        (found[entry.key].pk, name): {
            "name_key": name.lower(),
            "document": document,
            "allows_everything": gives_everything(document),
        }
        for entry in present
        for name, document in entry.inline.items()
    }
    attached: dict[tuple[int, Any], Columns] = {
        (found[entry.key].pk, policy): {}
        for entry in present
        for arn in entry.attached
        if (policy := importing.policy(entry.place, arn)) is not None
    }
    counts.changed |= sync_children(inline_model, parent, pks(found), inline, "name")
    counts.changed |= sync_children(attachment_model, parent, pks(found), attached, "policy_id")


def sync_tags(model: Any, parent: str, found: Found, entries: Sequence[Entry]) -> set[int]:
    """Tags of users and roles, whose keys fold case."""
    wanted = {
        (found[entry.key].pk, key.lower()): {"key": key, "value": value}
        for entry in entries
        if entry.key in found
        for key, value in entry.tags
    }
    return sync_children(model, parent, pks(found), wanted, "key_folded")


def pks(found: Found) -> list[int]:
    """The database ids of rows."""
    return [row.pk for row in found.values()]
