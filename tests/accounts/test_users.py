"""Users: AWS's rules, limits, words, and the record."""

import json

import pytest

from accounts.models import (
    AccessKey,
    Group,
    LoginProfile,
    Membership,
    MfaDevice,
    User,
    UserAttachment,
    UserInlinePolicy,
)
from accounts.operations.users import create_user, delete_user, get_user, list_users, update_user
from operations.errors import (
    AccessDenied,
    DeleteConflict,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from policies.models import ManagedPolicy, PolicyUsage, PolicyVersion

MISSING = "The user with name nobody cannot be found."


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


def test_a_user_is_created(admin, policy, last_event):
    answer = create_user(
        admin, user_name="Dora", path="/ops/", permissions_boundary=policy.arn, tags=[{"Key": "Team", "Value": "ops"}]
    )
    user = User.objects.get(name="Dora")
    assert answer["User"] == {
        "Path": "/ops/",
        "UserName": "Dora",
        "UserId": user.unique_id,
        "Arn": "arn:aws:iam::123456789012:user/ops/Dora",
        "CreateDate": user.created_at,
        "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": policy.arn},
        "Tags": [{"Key": "Team", "Value": "ops"}],
    }
    assert user.unique_id.startswith("AIDA")
    assert len(user.unique_id) == 21
    assert PolicyUsage.objects.get(policy=policy).boundaries == 1
    assert last_event()["after"]["tags"] == {"Team": "ops"}


def test_the_plain_answer_has_neither_tags_nor_boundary(admin):
    assert set(create_user(admin, user_name="dora")["User"]) == {"Path", "UserName", "UserId", "Arn", "CreateDate"}
    assert get_user(admin, user_name="DORA")["User"]["UserName"] == "dora"


def test_boundaries_have_words_of_their_own(admin, policy):
    with pytest.raises(NoSuchEntity) as refused:
        create_user(admin, user_name="dora", permissions_boundary=policy.arn + "2")
    assert refused.value.message == f"Scope ARN: {policy.arn}2 does not exist or is not attachable."
    with pytest.raises(InvalidInput) as invalid:
        create_user(admin, user_name="dora", permissions_boundary="arn:aws:iam::123456789012:role/x")
    assert invalid.value.message == "ARN arn:aws:iam::123456789012:role/x is not valid."


def test_without_a_name_the_caller_is_meant(admin, root, system):
    assert get_user(admin)["User"]["UserName"] == "alice"
    assert set(get_user(root)["User"]) == {"UserId", "Arn", "CreateDate"}
    assert get_user(root)["User"]["UserId"] == "123456789012"
    with pytest.raises(ValidationError) as refused:
        get_user(system)
    assert refused.value.message == "Must specify userName when calling with non-User credentials"


def test_the_root_user_is_in_no_listing_and_out_of_reach(admin, root):
    assert [user["UserName"] for user in list_users(admin)["Users"]] == ["alice"]
    with pytest.raises(ValidationError):
        get_user(admin, user_name="<root_account>")
    assert User.everyone.filter(is_root=True).count() == 1


def test_names_are_unique_without_regard_to_case(admin):
    with pytest.raises(EntityAlreadyExists) as refused:
        create_user(admin, user_name="ALICE")
    assert refused.value.message == "User with name ALICE already exists."


def test_the_quota_of_users(admin, settings):
    settings.QUOTAS = {"UsersQuota": "2"}
    create_user(admin, user_name="dora")
    with pytest.raises(LimitExceeded) as refused:
        create_user(admin, user_name="erin")
    assert refused.value.message == "Cannot exceed quota for UsersPerAccount: 2"


def test_a_rename_keeps_everything_but_the_name(admin, make_user, last_event):
    dora = make_user("dora")
    Membership.objects.create(
        user=dora,
        group=Group.objects.create(account_id="123456789012", name="g", name_key="g", unique_id="AGPAG000000000000000"),
    )
    assert update_user(admin, user_name="Dora", new_user_name="Dorothy", new_path="/ops/") == {}
    renamed = User.objects.get(pk=dora.pk)
    assert (renamed.name, renamed.name_key, renamed.path, renamed.unique_id) == (
        "Dorothy",
        "dorothy",
        "/ops/",
        dora.unique_id,
    )
    assert renamed.groups.count() == 1
    assert last_event()["before"]["userName"] == "dora"
    assert last_event()["after"]["arn"] == "arn:aws:iam::123456789012:user/ops/Dorothy"
    update_user(admin, user_name="dorothy", new_user_name="DOROTHY")
    assert User.objects.get(pk=dora.pk).name == "DOROTHY"
    with pytest.raises(EntityAlreadyExists, match="User with name alice already exists"):
        update_user(admin, user_name="dorothy", new_user_name="alice")


def test_a_rename_needs_the_permission_on_both_names(make_user, caller_of):
    own = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:UpdateUser","Resource":"arn:aws:iam::*:user/a*"}}'
    caller = caller_of(make_user("anna", own))
    update_user(caller, user_name="ANNA", new_user_name="anne")
    with pytest.raises(AccessDenied, match="iam:UpdateUser on resource: user bea because"):
        update_user(caller, user_name="anne", new_user_name="bea")


def test_deletion_waits_for_everything_on_the_user(admin, make_user, policy):
    dora = make_user("dora")
    group = Group.objects.create(account_id="123456789012", name="g", name_key="g", unique_id="AGPAG000000000000000")
    rows = [
        ("delete login profile", LoginProfile.objects.create(user=dora)),
        ("delete access keys", AccessKey.objects.create(user=dora, key_id="AKIA1", secret="x")),
        (
            "delete MFA device",
            MfaDevice.objects.create(
                account_id="123456789012", user=dora, name="phone", serial_number="arn:aws:iam::123456789012:mfa/phone"
            ),
        ),
        ("delete policies", UserInlinePolicy.objects.create(user=dora, name="a", name_key="a", document="{}")),
        ("detach all policies", UserAttachment.objects.create(user=dora, policy=policy)),
        ("remove users from group", Membership.objects.create(user=dora, group=group)),
    ]
    for what, row in rows:
        with pytest.raises(DeleteConflict) as refused:
            delete_user(admin, user_name="dora")
        assert refused.value.message == f"Cannot delete entity, must {what} first."
        row.delete()
    assert delete_user(admin, user_name="dora") == {}
    assert not User.objects.filter(name="dora").exists()


def test_a_boundary_does_not_stop_deletion(admin, policy):
    create_user(admin, user_name="dora", permissions_boundary=policy.arn)
    delete_user(admin, user_name="dora")
    assert PolicyUsage.objects.get(policy=policy).boundaries == 0


def test_lists_page_by_name(admin):
    for name in ("zoe", "Bea", "carl"):
        create_user(admin, user_name=name, path=f"/{name}/", tags=[{"Key": "a", "Value": "b"}])
    first = list_users(admin, max_items=3)
    assert [user["UserName"] for user in first["Users"]] == ["alice", "Bea", "carl"]
    assert "Tags" not in first["Users"][1]
    rest = list_users(admin, max_items=3, marker=first["Marker"])
    assert ([user["UserName"] for user in rest["Users"]], rest["IsTruncated"]) == (["zoe"], False)
    assert [user["UserName"] for user in list_users(admin, path_prefix="/Be")["Users"]] == ["Bea"]
    assert list_users(admin, path_prefix="/be")["Users"] == []


@pytest.mark.parametrize("operation", [get_user, update_user, delete_user])
def test_a_missing_user(admin, stranger, nobody, operation):
    with pytest.raises(NoSuchEntity) as refused:
        operation(admin, user_name="nobody")
    assert refused.value.message == MISSING
    create_user(admin, user_name="nobody")
    with pytest.raises(NoSuchEntity):
        operation(stranger, user_name="nobody")
    with pytest.raises(AccessDenied):
        operation(nobody, user_name="nobody")


def test_the_boundary_is_a_condition_key_only_where_aws_has_it(make_user, caller_of, system, policy):
    bounded = {"StringEquals": {"iam:PermissionsBoundary": policy.arn}}
    statement = {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": bounded}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    caller = caller_of(make_user("delegate", document))
    create_user(caller, user_name="dora", permissions_boundary=policy.arn)
    with pytest.raises(AccessDenied):
        delete_user(caller, user_name="dora")
    with pytest.raises(AccessDenied):
        create_user(caller, user_name="erin")
