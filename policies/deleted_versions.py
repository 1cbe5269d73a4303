"""Versions of a managed policy that were deleted, as the record has kept them: a policy has five, and none is ever lost."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from operations import journal
from operations.caller import Caller
from operations.gate import authorise_read
from operations.models import Event
from operations.statistics import planned_by_values
from policies.models import ManagedPolicy
from policies.queries import VersionRow

READING: Final = "cloudtrail:LookupEvents"
MOST: Final = 50  # of more, those that were deleted last


@dataclass(frozen=True)
class DeletedVersion(VersionRow):
    """A version that is no more: what it was, and who deleted it, when and why. `created_at` is missing where no record tells it."""

    created_at: datetime | None  # type: ignore[assignment]
    deleted_at: datetime | None = None
    deleted_by: str = ""
    deletion_note: str = ""
    event_id: str = ""


@dataclass(frozen=True)
class DeletedVersions:
    """The versions that the record has, the one deleted last first, and how many more there have been."""

    rows: list[DeletedVersion]
    more: int


def number_of_deleted(policy: ManagedPolicy) -> int:
    """How many versions a policy has had that it has no more: their numbers are never given again. Those of AWS's policies were never
    here.
    """
    return 0 if policy.is_aws_managed else max(0, policy.latest_version - policy.version_count)


def deleted_versions(caller: Caller, policy: ManagedPolicy) -> DeletedVersions:
    """The deleted versions for who may read the trail. One query, besides recording that it was read. Raises AccessDenied."""
    authorise_read(caller, READING, "*")
    if not (number := number_of_deleted(policy)):
        return DeletedVersions([], 0)
    journal.settle()
    events = Event.objects.filter(
        account_id=caller.account_id,
        name="DeletePolicyVersion",
        resource=policy.arn,
        error_code="",
        time__gte=policy.created_at,  # another policy may have had this ARN before
    ).order_by("-time", "-id")
    with planned_by_values():
        found = list(events.values_list("event_id", "time", "record")[:MOST])
    rows = [row for each in found if (row := _row(policy, *each))]
    return DeletedVersions(rows, max(0, number - len(rows)))


def _row(policy: ManagedPolicy, event_id: str, time: datetime, text: str) -> DeletedVersion | None:
    record: dict[str, Any] = json.loads(text)
    before: dict[str, Any] = record.get("before") or {}
    kept: dict[str, str] | None = before.get("deletedVersion")
    if not kept or before.get("policyId") != policy.unique_id:
        return None
    created = kept.get("createDate")
    return DeletedVersion(
        version_id=kept["versionId"],
        number=int(kept["versionId"].removeprefix("v")),
        is_default=False,
        created_at=datetime.fromisoformat(created) if created else None,
        document=kept["document"],
        created_by=kept.get("createdBy", ""),
        note=kept.get("note", ""),
        deleted_at=time,
        deleted_by=record["userIdentity"].get("arn", ""),
        deletion_note=(record.get("additionalEventData") or {}).get("reason", ""),
        event_id=event_id,
    )
