"""Roles with their instance profiles; and, when all users and roles are there, the principals of their trust policies."""

from collections.abc import Sequence
from typing import Any

from accounts import trust
from accounts.importing.entries import Entry, same_document
from accounts.importing.identities import boundary, pks, sync_policies, sync_tags
from accounts.importing.rows import BATCH, Importing, sync_entities
from accounts.models import InstanceProfile, Role, RoleAttachment, RoleInlinePolicy, RoleTag
from operations.errors import MalformedPolicyDocument

SERVICE_LINKED = "/aws-service-role/"


def import_roles(importing: Importing, entries: Sequence[Entry]) -> None:
    """One batch of the file's `RoleDetailList`; a new role's trust policy waits for `import_trust`."""
    counts = importing.report.counts["Roles"]
    found = sync_entities(importing, Role.objects, entries, lambda entry, row: columns(importing, entry, row), counts)
    sync_policies(importing, found, entries, (RoleInlinePolicy, RoleAttachment, "role"), counts)
    counts.changed |= sync_tags(RoleTag, "role", found, entries)
    import_instance_profiles(importing, {entry.key: entry for entry in entries if entry.key in found}, found)


def columns(importing: Importing, entry: Entry, row: Any) -> dict[str, Any]:
    """A role's own columns. The file knows neither description nor longest session; the newer of two last uses stays."""
    used_at, region = entry.last_used
    if row is not None and row.last_used_at is not None and (used_at is None or row.last_used_at > used_at):
        used_at, region = row.last_used_at, row.last_used_region
    service = entry.path.removeprefix(SERVICE_LINKED).rstrip("/") if entry.path.startswith(SERVICE_LINKED) else ""
    return {
        **boundary(importing, entry),
        **trust.columns(row.trust_policy if row is not None else entry.trust_policy),
        "service_linked_to": service,
        "last_used_at": used_at,
        "last_used_region": region,
    }


def import_instance_profiles(importing: Importing, entries: dict[str, Entry], found: dict[str, Any]) -> None:
    """The instance profiles of some roles. One that holds the role here and not in the file is left without a role."""
    counts = importing.report.counts["InstanceProfiles"]
    role_of: dict[str, str] = {}
    profiles: dict[str, Entry] = {}
    for key, entry in entries.items():
        for profile in entry.profiles:
            if profile.key in importing.profiles:
                importing.report.problem(profile.place, f"{profile.key} stands twice in InstanceProfileList.")
                continue
            importing.profiles.add(profile.key)
            role_of[profile.key], profiles[profile.key] = key, profile
    held = sync_entities(
        importing,
        InstanceProfile.objects,
        list(profiles.values()),
        lambda profile, row: {"role_id": found[role_of[profile.key]].pk},
        counts,
    )
    loose = list(InstanceProfile.objects.filter(role__in=pks(found)).exclude(pk__in=pks(held)))
    for row in loose:
        row.role = None
    InstanceProfile.objects.bulk_update(loose, ["role"], batch_size=BATCH)
    counts.seen += len(loose)
    counts.changed.update(row.pk for row in loose)
    counts.arns.update((row.pk, row.arn) for row in loose)


def import_trust(importing: Importing, entries: Sequence[Entry]) -> None:
    """The trust policies of one batch of roles, with their principals as unique ids.

    AWS prints the unique ids of deleted principals, so these are no error; an ARN of this installation without an entity is one.
    """
    keys = {entry.key: entry for entry in entries}
    rows = list(Role.objects.filter(account_id=importing.account_id, name_key__in=keys))
    moved = []
    for row, document in zip(rows, stored_forms(importing, [keys[row.name_key] for row in rows]), strict=True):
        if document is not None and not same_document(document, row.trust_policy):
            for name, value in trust.columns(document).items():
                setattr(row, name, value)
            moved.append(row)
    Role.objects.bulk_update(moved, list(trust.columns("{}")), batch_size=BATCH)
    importing.report.counts["Roles"].changed.update(row.pk for row in moved)


def stored_forms(importing: Importing, entries: Sequence[Entry]) -> list[str | None]:
    """The stored form of each entry's trust policy, None for one with a problem."""
    documents = [entry.trust_policy for entry in entries]
    refused: set[int] = set()
    while True:
        try:
            found = trust.stored_forms(documents, exported=True)
        except MalformedPolicyDocument as error:
            position: int = error.details["position"]
            importing.report.problem(f"{entries[position].place}, AssumeRolePolicyDocument", error.message)
            refused.add(position)
            documents[position] = "{}"
        else:
            return [None if number in refused else document for number, document in enumerate(found)]
