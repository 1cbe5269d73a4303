"""Roles: AWS's rules, limits, words, and the record."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import InstanceProfile, Role, RoleAttachment, RoleInlinePolicy
from accounts.operations.roles import (
    create_role,
    delete_role,
    get_role,
    list_roles,
    update_assume_role_policy,
    update_role,
    update_role_description,
)
from operations.clock import at
from operations.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    MalformedPolicyDocument,
    NoSuchEntity,
    UnmodifiableEntity,
    ValidationError,
)
from policies.models import ManagedPolicy, PolicyUsage, PolicyVersion

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
PROTECTED = "Cannot perform the operation on the protected role 'AWSServiceRoleForSupport' - this role is only modifiable by AWS"


@pytest.fixture
def service_linked(account):
    return Role.objects.create(
        account=account,
        name="AWSServiceRoleForSupport",
        name_key="awsserviceroleforsupport",
        path="/aws-service-role/support.amazonaws.com/",
        unique_id="AROASERVICELINKED0001",
        trust_policy=TRUST,
        service_linked_to="support.amazonaws.com",
    )


@pytest.fixture
def policy(account):
    row = ManagedPolicy.objects.create(
        account_id=account.pk,
        name="Boundary",
        name_key="boundary",
        arn="arn:aws:iam::123456789012:policy/Boundary",
        unique_id="ANPABOUNDARY000000001",
    )
    PolicyVersion.objects.create(policy=row, number=1, document='{"Version":"2012-10-17","Statement":[]}')
    return row


def test_a_role_is_created(admin, last_event):
    answer = create_role(
        admin,
        role_name="Deploy",
        path="/ci/",
        assume_role_policy_document=TRUST,
        description="CI",
        max_session_duration=7200,
    )
    role = Role.objects.get()
    assert answer["Role"] == {
        "Path": "/ci/",
        "RoleName": "Deploy",
        "RoleId": role.unique_id,
        "Arn": "arn:aws:iam::123456789012:role/ci/Deploy",
        "CreateDate": role.created_at,
        "AssumeRolePolicyDocument": TRUST,
    }
    assert role.unique_id.startswith("AROA")
    assert len(role.unique_id) == 21
    record = last_event()
    assert record["eventName"] == "CreateRole"
    assert record["after"]["assumeRolePolicyDocument"] == TRUST
    assert record["after"]["maxSessionDuration"] == 7200


def test_tags_and_boundary_are_in_the_answer_when_given(admin, policy):
    answer = create_role(
        admin,
        role_name="Deploy",
        assume_role_policy_document=TRUST,
        tags=[{"Key": "env", "Value": ""}],
        permissions_boundary=policy.arn,
    )
    assert answer["Role"]["Tags"] == [{"Key": "env", "Value": ""}]
    assert answer["Role"]["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": policy.arn,
    }
    assert PolicyUsage.objects.get().boundaries == 1
    delete_role(admin, role_name="Deploy")
    assert PolicyUsage.objects.get().boundaries == 0


def test_get_tells_everything(admin):
    create_role(admin, role_name="Deploy", assume_role_policy_document=TRUST, description="CI")
    role = get_role(admin, role_name="dePLOY")["Role"]
    assert role["MaxSessionDuration"] == 3600
    assert role["Description"] == "CI"
    assert role["RoleLastUsed"] == {}
    assert "Tags" not in role
    assert "PermissionsBoundary" not in role


def test_last_use_is_told_for_four_hundred_days(admin):
    create_role(admin, role_name="Deploy", assume_role_policy_document=TRUST)
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC)
    Role.objects.update(last_used_at=moment, last_used_region="eu-west-1")
    with at(moment + timedelta(days=400)):
        assert get_role(admin, role_name="Deploy")["Role"]["RoleLastUsed"] == {
            "LastUsedDate": moment,
            "Region": "eu-west-1",
        }
    with at(moment + timedelta(days=400, seconds=1)):
        assert get_role(admin, role_name="Deploy")["Role"]["RoleLastUsed"] == {}


def test_lists_page_by_name_and_leave_out_what_aws_leaves_out(admin):
    for name in ("beta", "Alpha", "gamma"):
        create_role(
            admin,
            role_name=name,
            path=f"/{name}/",
            assume_role_policy_document=TRUST,
            tags=[{"Key": "a", "Value": "b"}],
        )
    first = list_roles(admin, max_items=2)
    assert [role["RoleName"] for role in first["Roles"]] == ["Alpha", "beta"]
    assert first["IsTruncated"] is True
    assert first["Roles"][0]["MaxSessionDuration"] == 3600
    assert not {"Tags", "PermissionsBoundary", "RoleLastUsed"} & set(first["Roles"][0])
    rest = list_roles(admin, max_items=2, marker=first["Marker"])
    assert [role["RoleName"] for role in rest["Roles"]] == ["gamma"]
    assert rest["IsTruncated"] is False
    assert "Marker" not in rest
    assert [role["RoleName"] for role in list_roles(admin, path_prefix="/al")["Roles"]] == []
    assert [role["RoleName"] for role in list_roles(admin, path_prefix="/Al")["Roles"]] == ["Alpha"]


def test_names_are_unique_without_regard_to_case(admin):
    create_role(admin, role_name="Deploy", assume_role_policy_document=TRUST)
    with pytest.raises(EntityAlreadyExists) as refused:
        create_role(admin, role_name="DEPLOY", assume_role_policy_document=TRUST)
    assert refused.value.message == "Role with name DEPLOY already exists."


def test_the_quota_of_roles(admin, settings):
    settings.QUOTAS = {"RolesQuota": "1"}
    create_role(admin, role_name="one", assume_role_policy_document=TRUST)
    with pytest.raises(LimitExceeded) as refused:
        create_role(admin, role_name="two", assume_role_policy_document=TRUST)
    assert refused.value.message == "Cannot exceed quota for RolesPerAccount: 1"


@pytest.mark.parametrize("seconds", [3599, 43201])
def test_the_longest_session_has_bounds(admin, seconds):
    with pytest.raises(ValidationError, match="Value at 'maxSessionDuration' failed to satisfy constraint"):
        create_role(admin, role_name="Deploy", assume_role_policy_document=TRUST, max_session_duration=seconds)


def test_boundaries_must_exist(admin, policy):
    with pytest.raises(NoSuchEntity) as refused:
        create_role(admin, role_name="Deploy", assume_role_policy_document=TRUST, permissions_boundary=policy.arn + "2")
    assert refused.value.message == f"Scope ARN: {policy.arn}2 does not exist or is not attachable."
    assert not Role.objects.exists()


@pytest.mark.parametrize("path", ["/aws-service-role/ec2.amazonaws.com/", "/aws-reserved/"])
def test_paths_of_aws_are_reserved(admin, path):
    with pytest.raises(InvalidInput, match="is reserved"):
        create_role(admin, role_name="Deploy", path=path, assume_role_policy_document=TRUST)


def test_duplicate_tags_are_refused(admin):
    with pytest.raises(InvalidInput) as refused:
        create_role(
            admin,
            role_name="Deploy",
            assume_role_policy_document=TRUST,
            tags=[{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}],
        )
    assert refused.value.message == "Duplicate tag keys found. Please note that Tag keys are case insensitive."


def test_update_changes_what_is_given_and_nothing_else(admin, last_event):
    create_role(admin, role_name="Deploy", assume_role_policy_document=TRUST, description="old")
    update_role(admin, role_name="Deploy", max_session_duration=7200)
    update_role(admin, role_name="Deploy")
    role = Role.objects.get()
    assert (role.description, role.max_session_duration) == ("old", 7200)
    update_role(admin, role_name="Deploy", description="")
    assert Role.objects.get().description == ""
    assert last_event()["before"]["description"] == "old"


def test_update_description_answers_the_role(admin):
    create_role(admin, role_name="Deploy", assume_role_policy_document=TRUST)
    answer = update_role_description(admin, role_name="Deploy", description="new")
    assert answer["Role"]["Description"] == "new"
    assert "MaxSessionDuration" not in answer["Role"]


def test_the_trust_policy_is_replaced(admin, last_event):
    create_role(admin, role_name="Deploy", assume_role_policy_document=TRUST)
    new = TRUST.replace("ec2", "lambda")
    update_assume_role_policy(admin, role_name="Deploy", policy_document=new)
    record = last_event()
    assert record["resources"][0]["ARN"] == "arn:aws:iam::123456789012:role/Deploy"
    assert record["before"]["assumeRolePolicyDocument"] == TRUST
    assert record["after"]["assumeRolePolicyDocument"] == new
    assert get_role(admin, role_name="Deploy")["Role"]["AssumeRolePolicyDocument"] == new


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "This policy contains invalid Json"),
        (TRUST.replace("sts:AssumeRole", "s3:GetObject"), "AssumeRole policy may only specify STS AssumeRole actions."),
        (TRUST.replace('"Action"', '"Resource":"*","Action"'), "Has prohibited field Resource"),
    ],
)
def test_trust_policies_that_aws_refuses(admin, document, message):
    create_role(admin, role_name="Deploy", assume_role_policy_document=TRUST)
    with pytest.raises(MalformedPolicyDocument) as refused:
        update_assume_role_policy(admin, role_name="Deploy", policy_document=document)
    assert refused.value.message == message
    assert Role.objects.get().trust_policy == TRUST


def test_the_size_of_a_trust_policy_does_not_count_white_space(admin):
    unnamed = TRUST.replace('"Effect"', '"Sid":"","Effect"')
    fitting = unnamed.replace('"Sid":"', '"Sid":"' + "x" * (2048 - len(unnamed)))
    assert len(fitting) == 2048
    create_role(admin, role_name="Deploy", assume_role_policy_document=fitting.replace(",", ",\n    "))
    with pytest.raises(LimitExceeded) as refused:
        update_assume_role_policy(admin, role_name="Deploy", policy_document=fitting.replace('"Sid":"', '"Sid":"x'))
    assert refused.value.message == "Cannot exceed quota for ACLSizePerRole: 2048"


def test_deletion_waits_for_everything_on_the_role(admin, policy):
    create_role(admin, role_name="Deploy", assume_role_policy_document=TRUST)
    role = Role.objects.get()
    blocks = {
        "Cannot delete entity, must detach all policies first.": RoleAttachment.objects.create(
            role=role, policy=policy
        ),
        "Cannot delete entity, must delete policies first.": RoleInlinePolicy.objects.create(
            role=role, name="a", name_key="a", document="{}"
        ),
        "Cannot delete entity, must remove roles from instance profile first.": InstanceProfile.objects.create(
            account_id=role.account_id, name="p", name_key="p", unique_id="AIPA0000000000000000P", role=role
        ),
    }
    for message, row in reversed(blocks.items()):
        with pytest.raises(DeleteConflict) as refused:
            delete_role(admin, role_name="deploy")
        assert refused.value.message == message
        row.delete()
    delete_role(admin, role_name="deploy")
    assert not Role.objects.exists()


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        (get_role, {}),
        (update_role, {}),
        (update_role_description, {"description": "x"}),
        (update_assume_role_policy, {"policy_document": TRUST}),
        (delete_role, {}),
    ],
)
def test_a_missing_role(admin, stranger, nobody, operation, parameters):
    with pytest.raises(NoSuchEntity) as refused:
        operation(admin, role_name="nobody", **parameters)
    assert refused.value.message == "The role with name nobody cannot be found."
    create_role(admin, role_name="nobody", assume_role_policy_document=TRUST)
    with pytest.raises(NoSuchEntity):
        operation(stranger, role_name="nobody", **parameters)
    with pytest.raises(AccessDenied) as denied:
        operation(nobody, role_name="nobody", **parameters)
    assert denied.value.message.startswith(
        f"User: arn:aws:iam::123456789012:user/bob is not authorized to perform: {operation.action} "
        "on resource: role nobody because no identity-based policy allows"
    )


def test_service_linked_roles_are_aws_s(admin, service_linked):
    name = service_linked.name
    for refused_call in (
        lambda: delete_role(admin, role_name=name),
        lambda: update_assume_role_policy(admin, role_name=name, policy_document=TRUST),
        lambda: update_role(admin, role_name=name, max_session_duration=7200),
    ):
        with pytest.raises(UnmodifiableEntity) as refused:
            refused_call()
        assert refused.value.message == PROTECTED
    update_role(admin, role_name=name, description="For support cases")
    update_role_description(admin, role_name=name, description="Support")
    assert Role.objects.get(name=name).description == "Support"


def test_the_permission_may_ask_for_tag_and_boundary(make_user, caller_of, admin, policy, system):
    allowed = make_user(
        "tagger",
        json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "iam:DeleteRole",
                        "Resource": "*",
                        "Condition": {"StringEquals": {"aws:ResourceTag/env": "test"}},
                    },
                    {
                        "Effect": "Allow",
                        "Action": "iam:CreateRole",
                        "Resource": "*",
                        "Condition": {"StringEquals": {"iam:PermissionsBoundary": policy.arn}},
                    },
                ],
            }
        ),
    )
    caller = caller_of(allowed)
    with pytest.raises(AccessDenied):
        create_role(caller, role_name="unbounded", assume_role_policy_document=TRUST)
    create_role(caller, role_name="bounded", assume_role_policy_document=TRUST, permissions_boundary=policy.arn)
    with pytest.raises(AccessDenied):
        delete_role(caller, role_name="bounded")
    create_role(system, role_name="tagged", assume_role_policy_document=TRUST, tags=[{"Key": "env", "Value": "test"}])
    delete_role(caller, role_name="tagged")
