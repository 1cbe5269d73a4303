"""Reports of when services were last accessed, and of the policies that grant a service (IAM API Reference)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from accounts import resolve
from accounts.models import Role, User
from engine import catalog
from governance import last_accessed, subjects
from governance.last_accessed import Access, ServiceUse
from governance.models import AccessJob
from operations.clock import now
from operations.errors import InvalidInput, NoSuchEntity
from operations.gate import Call, Result, Target, operation
from operations.paging import page_of_list

KEPT = timedelta(days=7)
SERVICES_AT_ONCE = 50


def subject(call: Call) -> Target:
    """The entity that `arn` names."""
    return subjects.target(call.account_id, call.params["arn"], call.operation.action)


@operation("iam:GenerateServiceLastAccessedDetails", on=subject)
def generate_service_last_accessed_details(call: Call, *, arn: str, granularity: str = "SERVICE_LEVEL") -> Result:
    """Report when the services that an entity may use were last accessed. Raises NoSuchEntity, InvalidInput (an ARN of another kind)."""
    entity = subjects.require(call.entity, arn)
    by_action = granularity == "ACTION_LEVEL"
    services = [described(use, by_action=by_action) for use in last_accessed.report(entity, call.account_id).services]
    AccessJob.objects.filter(created_at__lt=now() - KEPT).delete()
    job = AccessJob.objects.create(
        job_id=str(uuid4()),
        account_id=call.account_id,
        asked_by=asker(call),
        arn=arn,
        by_action=by_action,
        services=services,
        created_at=now(),
    )
    return {"JobId": job.job_id}


@operation("iam:GetServiceLastAccessedDetails", on=resolve.whole_account)
def get_service_last_accessed_details(
    call: Call, *, job_id: str, max_items: int | None = None, marker: str | None = None
) -> Result:
    """The report, service by service. Raises NoSuchEntity, also for a report of somebody else."""
    job = require_job(call, job_id)
    found, paging = page_of_list(job.services, marker, max_items)
    kind = "ACTION_LEVEL" if job.by_action else "SERVICE_LEVEL"
    return {**answered(job), "JobType": kind, "ServicesLastAccessed": [_with_dates(row) for row in found], **paging}


@operation("iam:GetServiceLastAccessedDetailsWithEntities", on=resolve.whole_account)
def get_service_last_accessed_details_with_entities(
    call: Call, *, job_id: str, service_namespace: str, max_items: int | None = None, marker: str | None = None
) -> Result:
    """Who could use the entity's permissions on one service, and when they last did; the newest first. Raises NoSuchEntity."""
    job = require_job(call, job_id)
    entity = subjects.require(subjects.find(call.account_id, job.arn), job.arn)
    principals = subjects.principals_of(entity, call.account_id)
    found = last_accessed.accesses(call.account_id, principals)
    times = {one.arn: one for one in sorted(found, key=lambda one: one.time) if one.service == service_namespace}
    ranked = sorted(principals, key=lambda row: -times[row.arn].time.timestamp() if row.arn in times else 0)
    shown, paging = page_of_list([_entity(row, times.get(row.arn)) for row in ranked], marker, max_items)
    return {**answered(job), "EntityDetailsList": shown, **paging}


@operation("iam:ListPoliciesGrantingServiceAccess", on=subject)
def list_policies_granting_service_access(
    call: Call, *, arn: str, service_namespaces: list[str], marker: str | None = None
) -> Result:
    """The policies of a user, group or role that allow anything of each service. Raises NoSuchEntity, InvalidInput."""
    if ":policy/" in arn:
        raise InvalidInput(f"ARN {arn} is not valid.")
    held = subjects.policies_of(subjects.require(call.entity, arn))
    found, paging = page_of_list(list(dict.fromkeys(service_namespaces)), marker, SERVICES_AT_ONCE)
    granting = [
        {
            "ServiceNamespace": name,
            "Policies": [_policy(one) for one in held if name in last_accessed.allowed_services(one.policy)],
        }
        for name in found
    ]
    return {"PoliciesGrantingServiceAccess": granting, **paging}


def asker(call: Call) -> str:
    """Who may read the report: the user, or every session of the role."""
    return call.caller.principal.role_arn or call.caller.arn


def require_job(call: Call, job_id: str) -> AccessJob:
    """A report of the caller. Raises NoSuchEntity."""
    job = AccessJob.objects.filter(account_id=call.account_id, job_id=job_id, asked_by=asker(call)).first()
    if job is None:
        raise NoSuchEntity(f"No job with id {job_id} can be found.")
    return job


def answered(job: AccessJob) -> dict[str, Any]:
    """A report is complete when it is made."""
    return {"JobStatus": "COMPLETED", "JobCreationDate": job.created_at, "JobCompletionDate": job.created_at}


def described(use: ServiceUse, *, by_action: bool) -> dict[str, Any]:
    """One service of a report, as JSON that can be kept."""
    shown: dict[str, Any] = {
        "ServiceName": use.name,
        "ServiceNamespace": use.prefix,
        "TotalAuthenticatedEntities": len(use.by_principal),
    }
    if use.last is not None:
        shown |= _last("LastAuthenticated", "LastAuthenticatedEntity", "LastAuthenticatedRegion", use.last)
    if by_action:
        shown["TrackedActionsLastAccessed"] = _actions(use)
    return shown


def _actions(use: ServiceUse) -> list[dict[str, Any]]:
    known = catalog.actions(use.prefix) if use.prefix in last_accessed.TRACKED_ACTIONS else ()
    return [
        {"ActionName": action.name}
        | (
            _last("LastAccessedTime", "LastAccessedEntity", "LastAccessedRegion", use.by_action[action.name])
            if action.name in use.by_action
            else {}
        )
        for action in known
    ]


def _last(time: str, entity: str, region: str, access: Access) -> dict[str, str]:
    return {time: access.time.isoformat(), entity: access.arn, region: access.region}


def _with_dates(row: dict[str, Any]) -> dict[str, Any]:
    """A kept service with its dates as dates."""
    found = dict(row)
    for name in ("LastAuthenticated", "LastAccessedTime"):
        if name in found:
            found[name] = datetime.fromisoformat(found[name])
    if "TrackedActionsLastAccessed" in found:
        found["TrackedActionsLastAccessed"] = [_with_dates(action) for action in found["TrackedActionsLastAccessed"]]
    return found


def _entity(row: User | Role, access: Access | None) -> dict[str, Any]:
    info = {
        "Arn": row.arn,
        "Name": row.name,
        "Type": "USER" if isinstance(row, User) else "ROLE",
        "Id": row.unique_id,
        "Path": row.path,
    }
    return {"EntityInfo": info} | ({"LastAuthenticated": access.time} if access else {})


def _policy(held: subjects.Held) -> dict[str, str]:
    if held.arn is not None:
        return {"PolicyName": held.name, "PolicyType": "MANAGED", "PolicyArn": held.arn}
    return {
        "PolicyName": held.name,
        "PolicyType": "INLINE",
        "EntityType": held.entity_type,
        "EntityName": held.entity_name,
    }
