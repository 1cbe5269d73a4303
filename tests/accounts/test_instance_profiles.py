"""Instance profiles: AWS's rules, words, and the record."""

import json

import pytest

from accounts.models import InstanceProfile, Role
from accounts.operations.instance_profiles import (
    add_role_to_instance_profile,
    create_instance_profile,
    delete_instance_profile,
    get_instance_profile,
    list_instance_profiles,
    list_instance_profiles_for_role,
    remove_role_from_instance_profile,
)
from accounts.operations.roles import create_role, delete_role
from operations.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    LimitExceeded,
    NoSuchEntity,
    UnmodifiableEntity,
)
from tests.accounts.test_roles import PROTECTED, TRUST, service_linked  # noqa: F401 - a fixture

MISSING = "Instance Profile missing cannot be found."


def statement(action, resource, **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture
def worker(admin):
    create_role(admin, role_name="Worker", assume_role_policy_document=TRUST, description="not shown here")
    return Role.objects.get(name="Worker")


def test_create_and_get(admin, last_event):
    answer = create_instance_profile(admin, instance_profile_name="Web", path="/app/")
    profile = InstanceProfile.objects.get()
    assert answer["InstanceProfile"] == {
        "Path": "/app/",
        "InstanceProfileName": "Web",
        "InstanceProfileId": profile.unique_id,
        "Arn": "arn:aws:iam::123456789012:instance-profile/app/Web",
        "CreateDate": profile.created_at,
        "Roles": [],
    }
    assert profile.unique_id.startswith("AIPA")
    assert last_event()["after"]["instanceProfileName"] == "Web"
    assert get_instance_profile(admin, instance_profile_name="WEB")["InstanceProfile"] == answer["InstanceProfile"] | {
        "Tags": []
    }


def test_tags_are_in_the_answer_when_given(admin):
    answer = create_instance_profile(
        admin, instance_profile_name="Web", tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    )
    assert answer["InstanceProfile"]["Tags"] == [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]


def test_names_are_unique_without_regard_to_case(admin):
    create_instance_profile(admin, instance_profile_name="Web")
    with pytest.raises(EntityAlreadyExists) as refused:
        create_instance_profile(admin, instance_profile_name="WEB")
    assert refused.value.message == "Instance Profile WEB already exists."


def test_the_quota_of_profiles(admin, settings):
    settings.QUOTAS = {"InstanceProfilesQuota": "1"}
    create_instance_profile(admin, instance_profile_name="one")
    with pytest.raises(LimitExceeded) as refused:
        create_instance_profile(admin, instance_profile_name="two")
    assert refused.value.message == "Cannot exceed quota for InstanceProfilesPerAccount: 1"


def test_a_profile_holds_one_role(admin, worker, last_event):
    create_instance_profile(admin, instance_profile_name="Web")
    assert add_role_to_instance_profile(admin, instance_profile_name="web", role_name="worker") == {}
    assert last_event()["after"]["role"] == worker.arn
    shown = get_instance_profile(admin, instance_profile_name="Web")["InstanceProfile"]["Roles"]
    assert [sorted(role) for role in shown] == [
        sorted(["Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"])
    ]
    with pytest.raises(LimitExceeded) as refused:
        add_role_to_instance_profile(admin, instance_profile_name="Web", role_name="Worker")
    assert refused.value.message == "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
    with pytest.raises(DeleteConflict) as conflict:
        delete_instance_profile(admin, instance_profile_name="Web")
    assert conflict.value.message == "Cannot delete entity, must remove roles from instance profile first."
    with pytest.raises(DeleteConflict) as conflict:
        delete_role(admin, role_name="Worker")
    assert conflict.value.message == "Cannot delete entity, must remove roles from instance profile first."
    assert remove_role_from_instance_profile(admin, instance_profile_name="Web", role_name="worker") == {}
    with pytest.raises(NoSuchEntity) as missing:
        remove_role_from_instance_profile(admin, instance_profile_name="web", role_name="worker")
    assert missing.value.message == "Role Worker in Instance Profile Web cannot be found."
    assert delete_instance_profile(admin, instance_profile_name="Web") == {}


def test_putting_a_role_in_is_passing_it(make_user, caller_of, system, worker, last_event):
    create_instance_profile(system, instance_profile_name="Web")
    adding = statement("iam:AddRoleToInstanceProfile", "*")
    passing = statement(
        "iam:PassRole",
        worker.arn,
        Condition={
            "StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"},
            "ArnLike": {"iam:AssociatedResourceArn": "arn:aws:ec2:*:123456789012:instance/*"},
        },
    )
    without = caller_of(make_user("adder", policy(adding)))
    with pytest.raises(AccessDenied) as denied:
        add_role_to_instance_profile(without, instance_profile_name="Web", role_name="Worker")
    assert (
        "is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/Worker because"
        in denied.value.message
    )
    record = last_event()
    decided = record["decision"]
    assert (decided["action"], decided["resource"], decided["outcome"]) == ("iam:PassRole", worker.arn, "implicitDeny")
    assert decided["context"]["iam:PassedToService"] == "ec2.amazonaws.com"
    assert decided["trace"]["request"]["action"] == "iam:PassRole"
    assert record["resources"][0]["ARN"] == "arn:aws:iam::123456789012:instance-profile/Web"
    with pytest.raises(AccessDenied, match="iam:PassRole"):
        add_role_to_instance_profile(without, instance_profile_name="Web", role_name="missing")
    passer = caller_of(make_user("passer", policy(adding, passing)))
    add_role_to_instance_profile(passer, instance_profile_name="Web", role_name="Worker")
    assert InstanceProfile.objects.get().role == worker
    decided = last_event()["decision"]
    assert (decided["action"], decided["outcome"]) == ("iam:AddRoleToInstanceProfile", "allowed")


def test_lists(admin, worker):
    for name in ("beta", "Alpha", "gamma"):
        create_instance_profile(admin, instance_profile_name=name, path=f"/{name}/")
    for name in ("beta", "Alpha"):
        add_role_to_instance_profile(admin, instance_profile_name=name, role_name="Worker")

    def names(answer):
        return [profile["InstanceProfileName"] for profile in answer["InstanceProfiles"]]

    first = list_instance_profiles(admin, max_items=2)
    assert (names(first), first["IsTruncated"]) == (["Alpha", "beta"], True)
    assert first["InstanceProfiles"][0]["Roles"][0]["RoleName"] == "Worker"
    assert "Tags" not in first["InstanceProfiles"][0]
    assert names(list_instance_profiles(admin, marker=first["Marker"])) == ["gamma"]
    assert names(list_instance_profiles(admin, path_prefix="/ga")) == ["gamma"]
    assert names(list_instance_profiles_for_role(admin, role_name="worker")) == ["Alpha", "beta"]
    create_role(admin, role_name="idle", assume_role_policy_document=TRUST)
    assert list_instance_profiles_for_role(admin, role_name="idle") == {"InstanceProfiles": [], "IsTruncated": False}


def test_service_linked_roles_stay_out(admin, service_linked):  # noqa: F811
    create_instance_profile(admin, instance_profile_name="Web")
    for operation in (add_role_to_instance_profile, remove_role_from_instance_profile):
        with pytest.raises(UnmodifiableEntity) as refused:
            operation(admin, instance_profile_name="Web", role_name=service_linked.name)
        assert refused.value.message == PROTECTED


def test_missing_ones(admin, nobody, stranger, worker):
    for operation in (get_instance_profile, delete_instance_profile):
        with pytest.raises(NoSuchEntity) as refused:
            operation(admin, instance_profile_name="missing")
        assert refused.value.message == MISSING
    create_instance_profile(admin, instance_profile_name="Web")
    for operation in (add_role_to_instance_profile, remove_role_from_instance_profile):
        with pytest.raises(NoSuchEntity) as refused:
            operation(admin, instance_profile_name="missing", role_name="Worker")
        assert refused.value.message == MISSING
        with pytest.raises(NoSuchEntity) as refused:
            operation(admin, instance_profile_name="Web", role_name="missing")
        assert refused.value.message == "The role with name missing cannot be found."
        with pytest.raises(AccessDenied):
            operation(nobody, instance_profile_name="Web", role_name="Worker")
        with pytest.raises(NoSuchEntity):
            operation(stranger, instance_profile_name="Web", role_name="Worker")
    with pytest.raises(NoSuchEntity, match="The role with name missing cannot be found"):
        list_instance_profiles_for_role(admin, role_name="missing")
