"""Membership: adding, removing, listing, the quota of ten."""

import pytest

from accounts.models import Group, Membership, User
from accounts.operations.groups import create_group
from accounts.operations.memberships import add_user_to_group, list_groups_for_user, remove_user_from_group
from operations.errors import AccessDenied, LimitExceeded, NoSuchEntity


@pytest.fixture
def zoe(make_user):
    return make_user("Zoe")


def counts():
    return User.objects.get(name="Zoe").group_count, sum(Group.objects.values_list("member_count", flat=True))


def test_adding_twice_is_adding_once(admin, zoe, last_event):
    create_group(admin, group_name="ops")
    assert add_user_to_group(admin, group_name="OPS", user_name="zoe") == {}
    assert last_event()["after"]["groups"] == ["ops"]
    assert last_event()["before"]["groups"] == []
    assert add_user_to_group(admin, group_name="ops", user_name="Zoe") == {}
    assert "after" not in last_event()
    assert counts() == (1, 1)


def test_removing_what_is_not_there_succeeds(admin, zoe, last_event):
    create_group(admin, group_name="ops")
    assert remove_user_from_group(admin, group_name="ops", user_name="Zoe") == {}
    assert counts() == (0, 0)
    add_user_to_group(admin, group_name="ops", user_name="Zoe")
    assert remove_user_from_group(admin, group_name="ops", user_name="Zoe") == {}
    assert last_event()["before"]["groups"] == ["ops"]
    assert last_event()["after"]["groups"] == []
    assert counts() == (0, 0)


def test_a_user_has_at_most_ten_groups(admin, zoe):
    for number in range(11):
        create_group(admin, group_name=f"g{number}")
    for number in range(10):
        add_user_to_group(admin, group_name=f"g{number}", user_name="Zoe")
    with pytest.raises(LimitExceeded) as refused:
        add_user_to_group(admin, group_name="g10", user_name="Zoe")
    assert refused.value.message == "Cannot exceed quota for GroupsPerUser: 10"
    assert add_user_to_group(admin, group_name="g3", user_name="Zoe") == {}
    assert counts() == (10, 10)


def test_groups_of_a_user_are_listed_by_name(admin, zoe):
    for name in ("b", "A", "c"):
        create_group(admin, group_name=name)
        add_user_to_group(admin, group_name=name, user_name="Zoe")
    create_group(admin, group_name="other")
    first = list_groups_for_user(admin, user_name="zoe", max_items=2)
    assert [group["GroupName"] for group in first["Groups"]] == ["A", "b"]
    rest = list_groups_for_user(admin, user_name="zoe", marker=first["Marker"])
    assert ([group["GroupName"] for group in rest["Groups"]], rest["IsTruncated"]) == (["c"], False)


@pytest.mark.parametrize("operation", [add_user_to_group, remove_user_from_group])
def test_both_must_exist(admin, zoe, root, nobody, operation):
    with pytest.raises(NoSuchEntity) as refused:
        operation(admin, group_name="nowhere", user_name="nobody")
    assert refused.value.message == "The user with name nobody cannot be found."
    with pytest.raises(NoSuchEntity) as refused:
        operation(admin, group_name="nowhere", user_name="Zoe")
    assert refused.value.message == "The group with name nowhere cannot be found."
    with pytest.raises(AccessDenied, match="on resource: group nowhere because"):
        operation(nobody, group_name="nowhere", user_name="Zoe")


def test_other_accounts_are_out_of_reach(admin, stranger, zoe):
    create_group(admin, group_name="ops")
    create_group(stranger, group_name="ops")
    with pytest.raises(NoSuchEntity, match="The user with name Zoe cannot be found"):
        add_user_to_group(stranger, group_name="ops", user_name="Zoe")
    with pytest.raises(NoSuchEntity):
        list_groups_for_user(stranger, user_name="Zoe")
    assert not Membership.objects.exists()


def test_a_missing_user_s_groups(admin, nobody, zoe):
    with pytest.raises(NoSuchEntity, match="The user with name nobody cannot be found"):
        list_groups_for_user(admin, user_name="nobody")
    with pytest.raises(AccessDenied):
        list_groups_for_user(nobody, user_name="Zoe")
