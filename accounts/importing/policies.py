"""Managed policies: the customer's are brought up to the file; AWS's are this installation's own, and completed where that is safe."""

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import F

from accounts.importing.entries import Entry, Version, moment, same_document, version_number
from accounts.importing.rows import BATCH, Importing, assign, sync_children, sync_entities
from operations import record
from operations.models import Ledger
from policies.facts import measure_stored
from policies.models import AWS, ManagedPolicy, PolicyVersion

ASK: Final = "Import the file with manage.py at the machine, which may add AWS managed policies, or load newer ones."


def import_policies(importing: Importing, entries: Sequence[Entry]) -> None:
    """One batch of the file's `Policies`."""
    counts = importing.report.counts["Policies"]
    earlier = counts.created | counts.changed
    customers = [entry for entry in entries if not is_aws(entry) and has_default(importing, entry)]
    found = sync_entities(importing, ManagedPolicy.objects, customers, columns, counts)
    wanted = {
        (found[entry.key].pk, version.number): {"document": version.document, "created_at": version.created_at}
        for entry in customers
        if entry.key in found
        for version in entry.versions
    }
    counts.changed |= sync_children(PolicyVersion, "policy", [row.pk for row in found.values()], wanted, "number")
    import_aws_managed(importing, [entry for entry in entries if is_aws(entry)])
    measure_stored((counts.created | counts.changed) - earlier)


def is_aws(entry: Entry) -> bool:
    """Whether a policy of the file is AWS's."""
    return entry.arn.split(":")[4] == AWS


def default_number(entry: Entry) -> int:
    """The number of the version in force."""
    return version_number(entry.details["DefaultVersionId"])


def has_default(importing: Importing, entry: Entry) -> bool:
    """Whether the version in force is among the versions; a problem when it is not."""
    if any(version.number == default_number(entry) for version in entry.versions):
        return True
    importing.report.problem(
        entry.place, f"The default version {entry.details['DefaultVersionId']} is not in PolicyVersionList."
    )
    return False


def columns(entry: Entry, row: Any) -> dict[str, Any]:
    """A policy's own columns; version numbers that were given once are never given again."""
    latest = max(version.number for version in entry.versions)
    return {
        "arn": entry.arn,
        "description": entry.details.get("Description") or "",
        "is_attachable": entry.details.get("IsAttachable") is not False,
        "default_version": default_number(entry),
        "latest_version": max(latest, row.latest_version if row else 0),
        "updated_at": moment(entry.details.get("UpdateDate") or entry.details["CreateDate"]),
    }


def import_aws_managed(importing: Importing, entries: Sequence[Entry]) -> None:
    """Complete AWS's policies from the file, if the importer is trusted with what all accounts share.

    Our own versions stay as they are. What is missing is added, and a newer version comes into force, because it is AWS's newest. Whoever
    is not trusted so far gets a problem for an unknown policy and a notice for a known one that differs.
    """
    stored = {
        row.arn: row
        for row in ManagedPolicy.objects.filter(arn__in=[entry.arn for entry in entries]).prefetch_related("versions")
    }
    counts = importing.report.counts["Policies"]
    counts.seen += len(entries)
    touched = False
    for entry in entries:
        row = stored.get(entry.arn)
        if row is None and not importing.trusted:
            importing.report.problem(
                entry.place, f"This installation does not know the AWS managed policy {entry.name}. {ASK}"
            )
        elif row is None and has_default(importing, entry):
            added = add_aws_managed(entry)
            counts.created.add(added.pk)
            counts.arns[added.pk] = entry.arn
            touched = True
        elif row is not None and complete(importing, entry, row):
            counts.changed.add(row.pk)
            counts.arns[row.pk] = entry.arn
            touched = True
    if touched:
        record.lock(AWS)
        Ledger.objects.filter(pk=AWS).update(stamp=F("stamp") + 1)


def add_aws_managed(entry: Entry) -> ManagedPolicy:
    """An AWS managed policy that this installation has not heard of."""
    row = ManagedPolicy.objects.create(
        account_id=AWS,
        name=entry.name,
        name_key=entry.key,
        path=entry.path,
        unique_id=entry.unique_id,
        created_at=entry.created_at,
        **columns(entry, None),
    )
    PolicyVersion.objects.bulk_create(version_row(row, version) for version in entry.versions)
    return row


def complete(importing: Importing, entry: Entry, row: ManagedPolicy) -> bool:
    """Add the versions and the facts that a known AWS managed policy lacks; whether anything was added."""
    stored = {version.number: version for version in row.versions.all()}
    for version in entry.versions:
        if version.number in stored and not same_document(stored[version.number].document, version.document):
            importing.report.notice(
                entry.place, f"Version v{version.number} reads otherwise here; this installation's is kept."
            )
    default, in_force = (
        default_number(entry),
        f"{entry.details['DefaultVersionId']} is in force in the file; here it is",
    )
    if default < row.default_version:
        importing.report.notice(entry.place, f"{in_force} v{row.default_version}, which is newer.")
    if default > row.default_version and not importing.trusted:
        importing.report.notice(entry.place, f"{in_force} v{row.default_version}. {ASK}")
    if not importing.trusted:
        return False
    dated = [
        version for version in entry.versions if version.number in stored and redate(stored[version.number], version)
    ]
    missing = [version for version in entry.versions if version.number not in stored]
    PolicyVersion.objects.bulk_create([version_row(row, version) for version in missing], batch_size=BATCH)
    return adopt(entry, row, default) or bool(missing or dated)


def redate(row: PolicyVersion, version: Version) -> bool:
    """Give a version AWS's own date; whether it had another one."""
    if not assign(row, {"created_at": version.created_at}):
        return False
    row.save(update_fields=["created_at"])
    return True


def adopt(entry: Entry, row: ManagedPolicy, default: int) -> bool:
    """Take over the facts that AWS's policy data, which this installation was loaded from, do not have."""
    wanted: dict[str, Any] = {"unique_id": entry.unique_id, "created_at": entry.created_at}
    if default >= row.default_version:
        wanted |= columns(entry, row)
    if row.unique_id != entry.unique_id and ManagedPolicy.objects.filter(unique_id=entry.unique_id).exists():
        del wanted["unique_id"]
    if not assign(row, wanted):
        return False
    row.save(update_fields=[*wanted])
    return True


def version_row(row: ManagedPolicy, version: Version) -> PolicyVersion:
    """A version as it is stored."""
    return PolicyVersion(policy=row, number=version.number, document=version.document, created_at=version.created_at)
