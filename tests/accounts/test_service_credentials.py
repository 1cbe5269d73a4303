"""Service-specific credentials and service-linked roles."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import InstanceProfile, Role, ServiceSpecificCredential
from operations.errors import InvalidInput, LimitExceeded, NoSuchEntity, ServiceError, UnmodifiableEntity
from operations.gate import REGISTRY
from operations.ids import unique_id
from operations.models import Event
from policies.models import ManagedPolicy, PolicyVersion

GIT = "codecommit.amazonaws.com"


def call(name, caller, **params):
    return REGISTRY[f"iam:{name}"](caller, **params)


@pytest.fixture
def carol(system):
    call("CreateUser", system, user_name="carol")
    return "carol"


def test_a_password_for_a_service(system, carol):
    made = call("CreateServiceSpecificCredential", system, user_name=carol, service_name=GIT)[
        "ServiceSpecificCredential"
    ]
    assert (made["ServiceUserName"], made["Status"], made["ServiceName"]) == ("carol-at-123456789012", "Active", GIT)
    assert len(made["ServicePassword"]) == 44
    assert made["ServicePassword"] not in Event.objects.latest("id").record
    assert made["ServicePassword"] not in ServiceSpecificCredential.objects.get().secret_digest
    second = call("CreateServiceSpecificCredential", system, user_name=carol, service_name=GIT)[
        "ServiceSpecificCredential"
    ]
    assert second["ServiceUserName"] == "carol+1-at-123456789012"
    with pytest.raises(LimitExceeded):
        call("CreateServiceSpecificCredential", system, user_name=carol, service_name=GIT)
    key = {"user_name": carol, "service_specific_credential_id": made["ServiceSpecificCredentialId"]}
    again = call("ResetServiceSpecificCredential", system, **key)["ServiceSpecificCredential"]
    assert again["ServicePassword"] != made["ServicePassword"]
    call("UpdateServiceSpecificCredential", system, **key, status="Inactive")
    listed = call("ListServiceSpecificCredentials", system, user_name=carol)["ServiceSpecificCredentials"]
    assert [row["Status"] for row in listed] == ["Inactive", "Active"]
    assert all("ServicePassword" not in row for row in listed)
    call("DeleteServiceSpecificCredential", system, **key)
    with pytest.raises(NoSuchEntity):
        call("ResetServiceSpecificCredential", system, **key)


def test_a_key_for_a_service_may_expire(system, carol, make_user, caller_of):
    made = call(
        "CreateServiceSpecificCredential",
        system,
        user_name=carol,
        service_name="bedrock.amazonaws.com",
        credential_age_days=30,
    )["ServiceSpecificCredential"]
    assert made["ServiceCredentialSecret"]
    assert made["ServiceCredentialAlias"] == "carol-at-123456789012"
    assert timedelta(days=29) < made["ExpirationDate"] - datetime.now(UTC) <= timedelta(days=30)
    ServiceSpecificCredential.objects.update(expires_at=datetime.now(UTC) - timedelta(days=1))
    assert (
        call("ListServiceSpecificCredentials", system, all_users=True)["ServiceSpecificCredentials"][0]["Status"]
        == "Expired"
    )
    with pytest.raises(InvalidInput):
        call("CreateServiceSpecificCredential", system, user_name=carol, service_name=GIT, credential_age_days=3)
    with pytest.raises(ServiceError) as refused:
        call("CreateServiceSpecificCredential", system, user_name=carol, service_name="s3.amazonaws.com")
    assert (refused.value.code, refused.value.status) == ("NotSupportedService", 404)


def test_policies_may_name_the_service(system, carol, make_user, caller_of):
    document = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*ServiceSpecificCredential*","Resource":"*","Condition":{"StringEquals":{"iam:ServiceSpecificCredentialServiceName":"%s"}}}}'
        % GIT
    )
    limited = caller_of(make_user("dave", document))
    made = call("CreateServiceSpecificCredential", limited, user_name=carol, service_name=GIT)[
        "ServiceSpecificCredential"
    ]
    assert call(
        "ResetServiceSpecificCredential",
        limited,
        user_name=carol,
        service_specific_credential_id=made["ServiceSpecificCredentialId"],
    )
    with pytest.raises(ServiceError, match="AccessDenied"):
        call("CreateServiceSpecificCredential", limited, user_name=carol, service_name="cassandra.amazonaws.com")


def managed(name):
    policy = ManagedPolicy.objects.create(
        account_id="aws",
        name=name,
        name_key=name.lower(),
        path="/aws-service-role/",
        arn=f"arn:aws:iam::aws:policy/aws-service-role/{name}",
        unique_id=unique_id("ANPA"),
    )
    PolicyVersion.objects.create(
        policy=policy,
        number=1,
        document='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]}',
    )


def test_a_service_linked_role_and_its_deletion(system, last_event):
    managed("AutoScalingServiceRolePolicy")
    role = call(
        "CreateServiceLinkedRole",
        system,
        aws_service_name="autoscaling.amazonaws.com",
        description="for groups",
        custom_suffix="blue",
    )["Role"]
    assert (
        role["Arn"]
        == "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_blue"
    )
    name = role["RoleName"]
    attached = call("ListAttachedRolePolicies", system, role_name=name)["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AutoScalingServiceRolePolicy"]
    for refused in (
        lambda: call("DeleteRole", system, role_name=name),
        lambda: call(
            "PutRolePolicy",
            system,
            role_name=name,
            policy_name="p",
            policy_document='{"Version":"2012-10-17","Statement":[]}',
        ),
        lambda: call(
            "UpdateAssumeRolePolicy", system, role_name=name, policy_document=role["AssumeRolePolicyDocument"]
        ),
    ):
        with pytest.raises(UnmodifiableEntity):
            refused()
    call("UpdateRoleDescription", system, role_name=name, description="new")
    with pytest.raises(
        InvalidInput,
        match="Service role name AWSServiceRoleForAutoScaling_BLUE has been taken in this account, please try a different suffix.",
    ):
        call("CreateServiceLinkedRole", system, aws_service_name="autoscaling.amazonaws.com", custom_suffix="BLUE")
    task = call("DeleteServiceLinkedRole", system, role_name=name)["DeletionTaskId"]
    assert task.startswith(f"task/aws-service-role/autoscaling.amazonaws.com/{name}/")
    assert call("GetServiceLinkedRoleDeletionStatus", system, deletion_task_id=task) == {"Status": "SUCCEEDED"}
    assert not Role.objects.exists()
    assert ManagedPolicy.objects.get().usage.get().attachments == 0


def test_what_is_refused_about_service_linked_roles(system, nobody):
    with pytest.raises(InvalidInput, match="Custom suffix is not allowed for ecs.amazonaws.com"):
        call("CreateServiceLinkedRole", system, aws_service_name="ecs.amazonaws.com", custom_suffix="x")
    with pytest.raises(InvalidInput):
        call("CreateServiceLinkedRole", system, aws_service_name="nothing.amazonaws.com")
    trust = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}'
    call("CreateRole", system, role_name="worker", assume_role_policy_document=trust)
    with pytest.raises(InvalidInput):
        call("DeleteServiceLinkedRole", system, role_name="worker")
    with pytest.raises(NoSuchEntity):
        call("GetServiceLinkedRoleDeletionStatus", system, deletion_task_id="task/x")
    call("CreateServiceLinkedRole", system, aws_service_name="ecs.amazonaws.com")
    call("CreateInstanceProfile", system, instance_profile_name="p")
    Role.objects.get(name="AWSServiceRoleForECS").instance_profiles.add(InstanceProfile.objects.get())
    task = call("DeleteServiceLinkedRole", system, role_name="AWSServiceRoleForECS")["DeletionTaskId"]
    status = call("GetServiceLinkedRoleDeletionStatus", system, deletion_task_id=task)
    assert (status["Status"], status["Reason"]["Reason"]) == ("FAILED", "The role is in an instance profile.")
