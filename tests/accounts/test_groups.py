"""Groups: AWS's rules, limits, words, and the record."""

import pytest

from accounts.models import Group, GroupAttachment, GroupInlinePolicy
from accounts.operations.groups import create_group, delete_group, get_group, list_groups, update_group
from accounts.operations.memberships import add_user_to_group, remove_user_from_group
from operations.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from policies.models import ManagedPolicy

MISSING = "The group with name nobody cannot be found."


def test_a_group_is_created(admin, last_event):
    answer = create_group(admin, group_name="Ops", path="/eng/")
    group = Group.objects.get()
    assert answer["Group"] == {
        "Path": "/eng/",
        "GroupName": "Ops",
        "GroupId": group.unique_id,
        "Arn": "arn:aws:iam::123456789012:group/eng/Ops",
        "CreateDate": group.created_at,
    }
    assert group.unique_id.startswith("AGPA")
    assert last_event()["after"]["groupName"] == "Ops"
    assert last_event()["responseElements"]["group"]["groupId"] == group.unique_id


def test_get_pages_the_members_by_name(admin, make_user):
    create_group(admin, group_name="ops")
    for name in ("zoe", "Amy", "ben"):
        make_user(name)
        add_user_to_group(admin, group_name="ops", user_name=name)
    first = get_group(admin, group_name="OPS", max_items=2)
    assert [user["UserName"] for user in first["Users"]] == ["Amy", "ben"]
    assert first["IsTruncated"] is True
    rest = get_group(admin, group_name="OPS", max_items=2, marker=first["Marker"])
    assert [user["UserName"] for user in rest["Users"]] == ["zoe"]
    assert rest["IsTruncated"] is False
    assert rest["Group"] == first["Group"]


def test_names_are_unique_without_regard_to_case(admin):
    create_group(admin, group_name="Ops")
    create_group(admin, group_name="dev")
    with pytest.raises(EntityAlreadyExists) as refused:
        create_group(admin, group_name="OPS")
    assert refused.value.message == "Group with name OPS already exists."
    with pytest.raises(EntityAlreadyExists) as refused:
        update_group(admin, group_name="dev", new_group_name="oPS")
    assert refused.value.message == "Group with name oPS already exists."


def test_a_rename_keeps_the_id_and_the_members(admin, make_user, last_event):
    make_user("zoe")
    create_group(admin, group_name="ops")
    add_user_to_group(admin, group_name="ops", user_name="zoe")
    before = Group.objects.get()
    assert update_group(admin, group_name="OPS", new_group_name="Ops", new_path="/eng/") == {}
    after = Group.objects.get()
    assert (after.unique_id, after.name, after.path, after.member_count) == (before.unique_id, "Ops", "/eng/", 1)
    assert last_event()["before"]["path"] == "/"
    assert last_event()["after"]["arn"] == "arn:aws:iam::123456789012:group/eng/Ops"


def test_a_rename_needs_the_permission_on_both_names(make_user, caller_of, system):
    caller = caller_of(
        make_user(
            "renamer",
            '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:UpdateGroup","Resource":"arn:aws:iam::*:group/a*"}}',
        )
    )
    create_group(system, group_name="a1")
    update_group(caller, group_name="a1", new_group_name="a2")
    with pytest.raises(AccessDenied, match="iam:UpdateGroup on resource: group b "):
        update_group(caller, group_name="a2", new_group_name="b")
    assert Group.objects.get().name == "a2"


def test_deletion_waits_for_members_and_policies(admin, make_user):
    create_group(admin, group_name="ops")
    group = Group.objects.get()
    policy = ManagedPolicy.objects.create(
        account_id="123456789012", name="p", name_key="p", arn="arn:p", unique_id="ANPAP0000000000000001"
    )
    attachment = GroupAttachment.objects.create(group=group, policy=policy)
    inline = GroupInlinePolicy.objects.create(group=group, name="a", name_key="a", document="{}")
    make_user("zoe")
    add_user_to_group(admin, group_name="ops", user_name="zoe")

    def refusal() -> str:
        with pytest.raises(DeleteConflict) as refused:
            delete_group(admin, group_name="ops")
        return refused.value.message

    assert refusal() == "Cannot delete entity, must remove users from group first."
    remove_user_from_group(admin, group_name="ops", user_name="zoe")
    assert refusal() == "Cannot delete entity, must delete policies first."
    inline.delete()
    assert refusal() == "Cannot delete entity, must detach all policies first."
    attachment.delete()
    assert delete_group(admin, group_name="ops") == {}
    assert not Group.objects.exists()


def test_groups_are_listed_by_name(admin):
    for name in ("beta", "Alpha", "gamma"):
        create_group(admin, group_name=name, path=f"/{name}/")
    first = list_groups(admin, max_items=2)
    assert [group["GroupName"] for group in first["Groups"]] == ["Alpha", "beta"]
    assert [group["GroupName"] for group in list_groups(admin, marker=first["Marker"])["Groups"]] == ["gamma"]
    assert [group["GroupName"] for group in list_groups(admin, path_prefix="/be")["Groups"]] == ["beta"]
    assert list_groups(admin, path_prefix="/BE")["Groups"] == []
    with pytest.raises(ValidationError) as refused:
        list_groups(admin, marker="nonsense")
    assert refused.value.message == "Invalid Marker."


def test_the_quota_of_groups(admin, settings):
    settings.QUOTAS = {"GroupsQuota": "1"}
    create_group(admin, group_name="one")
    with pytest.raises(LimitExceeded) as refused:
        create_group(admin, group_name="two")
    assert refused.value.message == "Cannot exceed quota for GroupsPerAccount: 1"


@pytest.mark.parametrize("operation", [get_group, update_group, delete_group])
def test_a_missing_group(admin, stranger, nobody, operation):
    with pytest.raises(NoSuchEntity) as refused:
        operation(admin, group_name="nobody")
    assert refused.value.message == MISSING
    create_group(admin, group_name="nobody")
    with pytest.raises(NoSuchEntity):
        operation(stranger, group_name="nobody")
    with pytest.raises(AccessDenied):
        operation(nobody, group_name="nobody")


def test_lists_are_denied_on_the_collection(nobody):
    with pytest.raises(AccessDenied) as denied:
        list_groups(nobody)
    assert denied.value.message == (
        "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: iam:ListGroups on resource: "
        "arn:aws:iam::123456789012:group/ because no identity-based policy allows the iam:ListGroups action"
    )
