"""Service-linked roles: create, delete as a task, the task's status (IAM API Reference)."""

import json
from uuid import uuid4

from django.conf import settings

from accounts import describe, resolve, trust
from accounts.models import Role, RoleAttachment, RoleDeletionTask
from accounts.operations.roles import state
from accounts.service_linked_services import SERVICES, LinkedService
from operations.clock import now
from operations.errors import InvalidInput, NoSuchEntity
from operations.gate import Call, Result, Target, operation
from operations.ids import iam_arn, unique_id
from operations.quotas import enforce
from policies.lookup import count_usage
from policies.models import AWS, ManagedPolicy

PATH = "/aws-service-role/"
LONGEST_NAME = 64


def role_to_be(call: Call) -> Target:
    """The role that the service will have."""
    service = call.params["aws_service_name"]
    linked = SERVICES.get(service)
    name = role_name_of(linked, call.params.get("custom_suffix")) if linked else "*"
    return Target(iam_arn(call.account_id, f"role{PATH}{service}/{name}"), None, {}, "AWS::IAM::Role")


@operation("iam:CreateServiceLinkedRole", on=role_to_be)
def create_service_linked_role(
    call: Call, *, aws_service_name: str, description: str = "", custom_suffix: str | None = None
) -> Result:
    """Create the role of a service, with the policy that AWS made for it.

    Raises InvalidInput (an unknown service, a suffix that it does not take, a name that is taken), LimitExceeded.
    """
    linked = SERVICES.get(aws_service_name)
    if linked is None:
        raise InvalidInput(f"The service {aws_service_name} has no service-linked role.")
    if custom_suffix and not linked.takes_suffix:
        raise InvalidInput(f"Custom suffix is not allowed for {aws_service_name}")
    name = role_name_of(linked, custom_suffix)
    if len(name) > LONGEST_NAME:
        raise InvalidInput(f"Role name {name} is longer than {LONGEST_NAME} characters.")
    if Role.objects.filter(account_id=call.account_id, name_key=name.lower()).exists():
        raise InvalidInput(f"Service role name {name} has been taken in this account, please try a different suffix.")
    enforce("RolesQuota", Role.objects.filter(account_id=call.account_id).count() + 1)
    role = Role.objects.create(
        account_id=call.account_id,
        name=name,
        name_key=name.lower(),
        path=f"{PATH}{aws_service_name}/",
        unique_id=unique_id("AROA"),
        created_at=now(),
        description=description,
        **trust.columns(trust_policy(aws_service_name)),
        service_linked_to=aws_service_name,
    )
    attach_policy(role, linked)
    call.changed(after=state(role))
    return {"Role": describe.role(role, role.trust_policy)}


@operation("iam:DeleteServiceLinkedRole", on=resolve.role)
def delete_service_linked_role(call: Call, *, role_name: str) -> Result:
    """Delete a service-linked role; the answer names the task whose status tells what became of it.

    Raises NoSuchEntity, InvalidInput (a role of another kind).
    """
    role = resolve.require_role(call)
    if not role.is_service_linked:
        raise InvalidInput(f"The role {role.name} is not a service-linked role.")
    profiles = list(role.instance_profiles.all())
    task = RoleDeletionTask.objects.create(
        account_id=call.account_id,
        task_id=f"task{role.path}{role.name}/{uuid4()}",
        role_arn=role.arn,
        status=RoleDeletionTask.FAILED if profiles else RoleDeletionTask.SUCCEEDED,
        reason="The role is in an instance profile." if profiles else "",
        created_at=now(),
    )
    if not profiles:
        call.changed(before=state(role))
        for attachment in role.attachments.select_related("policy"):
            count_usage(attachment.policy, call.account_id, attachments=-1)
        role.delete()
    return {"DeletionTaskId": task.task_id}


def role_of_task(call: Call) -> Target:
    """The role that a deletion was about."""
    task = RoleDeletionTask.objects.filter(account_id=call.account_id, task_id=call.params["deletion_task_id"]).first()
    return Target(task.role_arn if task else iam_arn(call.account_id, f"role{PATH}*"), task)


@operation("iam:GetServiceLinkedRoleDeletionStatus", on=role_of_task)
def get_service_linked_role_deletion_status(call: Call, *, deletion_task_id: str) -> Result:
    """What became of a deletion. Raises NoSuchEntity."""
    task: RoleDeletionTask | None = call.entity
    if task is None:
        raise NoSuchEntity(f"Deletion task {deletion_task_id} cannot be found.")
    return {"Status": task.status} | ({"Reason": {"Reason": task.reason}} if task.reason else {})


def role_name_of(linked: LinkedService, suffix: str | None) -> str:
    return f"{linked.role}_{suffix}" if suffix else linked.role


def trust_policy(service: str) -> str:
    """Only the service itself may assume its role."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def attach_policy(role: Role, linked: LinkedService) -> None:
    """Give the role the service's policy, as far as the installation has AWS's managed policies."""
    arn = f"arn:{settings.PARTITION}:iam::aws:policy{PATH}{linked.policy}"
    policy = ManagedPolicy.objects.filter(account_id=AWS, arn=arn).first()
    if policy is not None:
        RoleAttachment.objects.create(role=role, policy=policy, attached_at=now())
        count_usage(policy, role.account_id, attachments=1)
