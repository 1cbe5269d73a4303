"""GetAccountAuthorizationDetails: the members that AWS prints, filters, and paging over all kinds of entities."""

import pytest

from accounts.operations.authorization_details import get_account_authorization_details as details
from accounts.operations.groups import create_group
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from operations import clock
from operations.errors import AccessDenied, ValidationError
from operations.gate import REGISTRY
from policies.models import AWS, ManagedPolicy, PolicyVersion
from tests.accounts.test_roles import TRUST

DOCUMENT = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}}'
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


def call(name, caller, **parameters):
    return REGISTRY[f"iam:{name}"](caller, **parameters)


@pytest.fixture
def system(system):
    """Everybody in the account is made by the operator, so that the account holds nothing else."""
    return system


def test_the_barest_entities(system):
    create_user(system, user_name="dora")
    create_group(system, group_name="ops")
    create_role(system, role_name="worker", assume_role_policy_document=TRUST, description="not shown")
    call("CreatePolicy", system, policy_name="p", policy_document=DOCUMENT)
    answer = details(system)
    assert set(answer["UserDetailList"][0]) == {
        "Path", "UserName", "UserId", "Arn", "CreateDate", "GroupList", "AttachedManagedPolicies", "Tags",
    }  # fmt: skip
    assert set(answer["GroupDetailList"][0]) == {
        "Path", "GroupName", "GroupId", "Arn", "CreateDate", "GroupPolicyList", "AttachedManagedPolicies",
    }  # fmt: skip
    assert set(answer["RoleDetailList"][0]) == {
        "Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument", "InstanceProfileList",
        "RolePolicyList", "AttachedManagedPolicies", "Tags", "RoleLastUsed",
    }  # fmt: skip
    assert set(answer["Policies"][0]) == {
        "PolicyName", "PolicyId", "Arn", "Path", "DefaultVersionId", "AttachmentCount", "PermissionsBoundaryUsageCount",
        "IsAttachable", "CreateDate", "UpdateDate", "PolicyVersionList",
    }  # fmt: skip
    assert set(answer["Policies"][0]["PolicyVersionList"][0]) == {
        "Document",
        "VersionId",
        "IsDefaultVersion",
        "CreateDate",
    }
    assert answer["RoleDetailList"][0]["RoleLastUsed"] == {}
    assert answer["IsTruncated"] is False
    assert "Marker" not in answer


def test_everything_that_hangs_on_them(system):
    boundary = call(
        "CreatePolicy", system, policy_name="Boundary", path="/b/", policy_document=DOCUMENT, description="Said"
    )["Policy"]["Arn"]
    attached = call("CreatePolicy", system, policy_name="Attached", policy_document=DOCUMENT)["Policy"]["Arn"]
    call("CreatePolicyVersion", system, policy_arn=attached, policy_document=DOCUMENT, set_as_default=True)
    create_user(
        system,
        user_name="dora",
        permissions_boundary=boundary,
        tags=[{"Key": "z", "Value": ""}, {"Key": "a", "Value": "1"}],
    )
    create_group(system, group_name="ops")
    create_group(system, group_name="Dev")
    for group in ("ops", "Dev"):
        add_user_to_group(system, group_name=group, user_name="dora")
    call("PutUserPolicy", system, user_name="dora", policy_name="own", policy_document=DOCUMENT)
    call("AttachUserPolicy", system, user_name="dora", policy_arn=attached)
    call("AttachGroupPolicy", system, group_name="ops", policy_arn=attached)
    create_role(system, role_name="worker", assume_role_policy_document=TRUST)
    call("CreateInstanceProfile", system, instance_profile_name="web", tags=[{"Key": "not", "Value": "shown"}])
    call("AddRoleToInstanceProfile", system, instance_profile_name="web", role_name="worker")
    answer = details(system)
    dora = answer["UserDetailList"][0]
    assert dora["UserPolicyList"] == [{"PolicyName": "own", "PolicyDocument": DOCUMENT}]
    assert dora["GroupList"] == ["ops", "Dev"]
    assert dora["AttachedManagedPolicies"] == [{"PolicyName": "Attached", "PolicyArn": attached}]
    assert dora["PermissionsBoundary"] == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
    assert dora["Tags"] == [{"Key": "z", "Value": ""}, {"Key": "a", "Value": "1"}]
    profile = answer["RoleDetailList"][0]["InstanceProfileList"][0]
    assert set(profile) == {"Path", "InstanceProfileName", "InstanceProfileId", "Arn", "CreateDate", "Roles"}
    assert profile["Roles"][0]["RoleName"] == "worker"
    assert set(profile["Roles"][0]) == {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"}
    first, second = answer["Policies"]
    assert (first["AttachmentCount"], second["PermissionsBoundaryUsageCount"]) == (2, 1)
    assert [(version["VersionId"], version["IsDefaultVersion"]) for version in first["PolicyVersionList"]] == [
        ("v2", True),
        ("v1", False),
    ]
    assert second["Description"] == "Said"


def test_of_aws_s_policies_those_in_use(system):
    for name in ("Used", "Unused"):
        row = ManagedPolicy.objects.create(
            account_id=AWS,
            name=name,
            name_key=name.lower(),
            arn=f"arn:aws:iam::aws:policy/{name}",
            unique_id=f"ANPA{name}",
        )
        PolicyVersion.objects.create(policy=row, number=1, document=DOCUMENT)
    create_group(system, group_name="ops")
    call("AttachGroupPolicy", system, group_name="ops", policy_arn="arn:aws:iam::aws:policy/Used")
    call("CreatePolicy", system, policy_name="Own", policy_document=DOCUMENT)

    def names(*filters):
        return [policy["PolicyName"] for policy in details(system, filter=list(filters))["Policies"]]

    assert names() == ["Own", "Used"]
    assert names("AWSManagedPolicy") == ["Used"]
    assert names("LocalManagedPolicy") == ["Own"]
    assert names("User", "Role", "Group") == []


def test_filters(system):
    create_user(system, user_name="dora")
    create_group(system, group_name="ops")
    create_role(system, role_name="worker", assume_role_policy_document=TRUST)
    for kind, member in (("User", "UserDetailList"), ("Group", "GroupDetailList"), ("Role", "RoleDetailList")):
        answer = details(system, filter=[kind])
        assert {name: len(answer[name]) for name in LISTS} == {name: int(name == member) for name in LISTS}
    with pytest.raises(ValidationError, match="Member must satisfy enum value set"):
        details(system, filter=["Everything"])


@pytest.mark.parametrize("size", [1, 2, 3, 4, 11, 12, 13])
def test_pages_run_over_all_kinds(system, size):
    for number in range(3):
        create_user(system, user_name=f"u{number}")
        create_group(system, group_name=f"g{number}")
        create_role(system, role_name=f"r{number}", assume_role_policy_document=TRUST)
        call("CreatePolicy", system, policy_name=f"p{number}", policy_document=DOCUMENT)
    whole, seen, marker, pages = details(system), {name: [] for name in LISTS}, None, 0
    while True:
        page = details(system, max_items=size, marker=marker)
        pages += 1
        assert sum(len(page[name]) for name in LISTS) == (size if page["IsTruncated"] else 12 - size * (pages - 1))
        for name in LISTS:
            seen[name] += page[name]
        marker = page.get("Marker")
        if not page["IsTruncated"]:
            break
    assert seen == {name: whole[name] for name in LISTS}
    assert pages == -(-12 // size)


@pytest.mark.parametrize("marker", ["x", "WzksImEiXQ", "WzAsMV0", "e30"])
def test_markers_of_somebody_else(system, marker):
    with pytest.raises(ValidationError) as refused:
        details(system, marker=marker)
    assert refused.value.message == "Invalid Marker."


def test_a_page_costs_the_same_at_any_size(system, django_assert_max_num_queries, django_assert_num_queries):
    def grow(start, end):
        for number in range(start, end):
            create_user(system, user_name=f"u{number}", tags=[{"Key": "a", "Value": "b"}])
            create_group(system, group_name=f"g{number}")
            add_user_to_group(system, group_name=f"g{number}", user_name=f"u{number}")
            arn = call("CreatePolicy", system, policy_name=f"p{number}", policy_document=DOCUMENT)["Policy"]["Arn"]
            call("AttachUserPolicy", system, user_name=f"u{number}", policy_arn=arn)
            call("PutGroupPolicy", system, group_name=f"g{number}", policy_name="p", policy_document=DOCUMENT)
            trusted = TRUST.replace(
                '"Service":"ec2.amazonaws.com"', f'"AWS":"arn:aws:iam::123456789012:user/u{number}"'
            )
            create_role(system, role_name=f"r{number}", assume_role_policy_document=trusted)

    with clock.at(clock.now()):
        grow(0, 2)
        with django_assert_max_num_queries(40) as few:
            details(system)
        grow(2, 12)
        with django_assert_num_queries(len(few.captured_queries)):
            details(system)


def test_denied(nobody):
    with pytest.raises(AccessDenied, match="iam:GetAccountAuthorizationDetails"):
        details(nobody)
