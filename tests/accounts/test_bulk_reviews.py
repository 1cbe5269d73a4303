"""What the reviews of bulk actions on users, groups, roles and policies tell beforehand, and that it comes so."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Group, Role, User
from accounts.operations.attachments import attach_group_policy, attach_role_policy, attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_role_policy, put_user_policy
from accounts.operations.instance_profiles import add_role_to_instance_profile, create_instance_profile
from accounts.operations.login_profiles import create_login_profile
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.service_specific_credentials import create_service_specific_credential
from accounts.operations.signing_certificates import upload_signing_certificate
from accounts.operations.tags import tag_user
from accounts.operations.users import create_user
from operations.clock import now
from policies.models import ManagedPolicy
from policies.operations.managed_policies import create_policy
from policies.operations.policy_versions import create_policy_version
from tests.accounts.test_certificates import certificate, rsa_key  # noqa: F401 - a fixture
from tests.conftest import ACCOUNT, ADMINISTRATOR
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)


def allowing(*statements: str) -> str:
    listed = '{"Effect":"Allow","Action":["iam:List*","iam:Get*"],"Resource":"*"}'
    return '{"Version":"2012-10-17","Statement":[%s]}' % ",".join([listed, *statements])


def text(response):
    return re.sub(r"\s+", " ", html.unescape(response.content.decode()).replace('<span class="soft">', ""))


@pytest.fixture
def administrator(client, make_user):
    sign_in(client, make_user("alice", ADMINISTRATOR), mfa=True)
    return client


@pytest.fixture
def limits(system) -> str:
    return create_policy(system, policy_name="limits", policy_document=READ)["Policy"]["Arn"]


def keys(model) -> list[int]:
    return list(model.objects.order_by("name_key").values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("made", "action"),
    [
        (lambda system, arn: put_user_policy(system, user_name="u2", policy_name="p", policy_document=READ), "DeleteUserPolicy"),
        (lambda system, arn: attach_user_policy(system, user_name="u2", policy_arn=arn), "DetachUserPolicy"),
        (lambda system, arn: add_user_to_group(system, user_name="u2", group_name="ops"), "RemoveUserFromGroup"),
        (
            lambda system, arn: create_service_specific_credential(
                system, user_name="u2", service_name="codecommit.amazonaws.com"
            ),
            "DeleteServiceSpecificCredential",
        ),
        (
            lambda system, arn: create_login_profile(system, user_name="u2", password="Long-enough-4-anybody!"),
            "DeleteLoginProfile",
        ),
    ],
)  # fmt: skip
def test_who_may_not_be_deleted_is_told_beforehand(client, make_user, system, limits, made, action):
    """Whoever may delete users of a path, but not what hangs on them."""
    for name, path in (("u1", "/ops/"), ("u2", "/ops/"), ("u3", "/other/")):
        create_user(system, user_name=name, path=path)
    create_group(system, group_name="ops")
    made(system, limits)
    may = '{"Effect":"Allow","Action":"iam:DeleteUser","Resource":"arn:aws:iam::%s:user/ops/*"}' % ACCOUNT
    sign_in(client, make_user("vera", allowing(may)), mfa=True)
    assert reverse("accounts:users-delete") in text(client.get(reverse("accounts:users"))), "some may be deleted"
    chosen = {"select": keys(User.objects.model)}
    review = text(client.post(reverse("accounts:users-delete"), chosen))
    assert "3 of 4 users will not be deleted." in review
    assert f"You are not permitted to do this: iam:{action} u2" in review
    assert "You are not permitted to do this: iam:DeleteUser u3" in review
    assert "Delete 1 user</button>" in review
    done = text(client.post(reverse("accounts:users-delete"), chosen | {"go": "1", "confirmation": "1"}))
    assert "<h1>1 user deleted" in done
    assert set(User.objects.values_list("name", flat=True)) == {"vera", "u2", "u3"}


def test_the_condition_keys_of_each_row_count(client, make_user, system, limits):
    for name in ("red", "blue"):
        create_user(system, user_name=name)
        tag_user(system, user_name=name, tags=[{"Key": "team", "Value": name}])
        attach_user_policy(system, user_name=name, policy_arn=limits)
    may = '{"Effect":"Allow","Action":["iam:DeleteUser"],"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}'
    detach = '{"Effect":"Allow","Action":"iam:DetachUserPolicy","Resource":"*","Condition":{"ArnEquals":{"iam:PolicyARN":"%s"}}}'
    sign_in(client, make_user("vera", allowing(may, detach % limits)), mfa=True)
    chosen = {"select": list(User.objects.filter(name__in=["red", "blue"]).values_list("pk", flat=True))}
    review = text(client.post(reverse("accounts:users-delete"), chosen))
    assert "1 of 2 users will not be deleted." in review
    assert "iam:DeleteUser blue" in review


def test_a_deleted_user_takes_keys_and_certificates_of_programs_along(administrator, system, rsa_key, settings):  # noqa: F811
    create_user(system, user_name="carol")
    body = certificate(rsa_key)
    upload_signing_certificate(system, user_name="carol", certificate_body=body)
    create_service_specific_credential(system, user_name="carol", service_name="codecommit.amazonaws.com")
    chosen = {"select": [User.objects.get(name="carol").pk]}
    assert "<b>2</b> other credentials (SSH keys" in text(administrator.post(reverse("accounts:users-delete"), chosen))
    assert "<h1>1 user deleted" in text(administrator.post(reverse("accounts:users-delete"), chosen | {"go": "1"}))
    assert not User.objects.filter(name="carol").exists()


def test_groups_say_who_loses_what(administrator, system, limits):
    for name in ("ops", "dev"):
        create_group(system, group_name=name)
    create_user(system, user_name="dora")
    add_user_to_group(system, group_name="ops", user_name="dora")
    attach_group_policy(system, group_name="ops", policy_arn=limits)
    chosen = {"select": keys(Group)}
    review = text(administrator.post(reverse("accounts:groups-delete"), chosen))
    for said in ("<b>1</b> member loses what the group grants", "<b>1</b> policy is detached, not deleted", "Nothing else depends on it.",
                 "At least one group has members.", "Type <code>2</code>"):  # fmt: skip
        assert said in review, said
    assert administrator.post(reverse("accounts:groups-delete"), chosen | {"go": "1"}).status_code == 400
    done = text(administrator.post(reverse("accounts:groups-delete"), chosen | {"go": "1", "confirmation": "2"}))
    assert "<h1>2 groups deleted" in done


def test_groups_that_may_not_lose_their_members_are_left(client, make_user, system):
    for name in ("ops", "dev"):
        create_group(system, group_name=name)
    create_user(system, user_name="dora")
    add_user_to_group(system, group_name="ops", user_name="dora")
    sign_in(
        client, make_user("vera", allowing('{"Effect":"Allow","Action":"iam:DeleteGroup","Resource":"*"}')), mfa=True
    )
    review = text(client.post(reverse("accounts:groups-delete"), {"select": keys(Group)}))
    assert "1 of 2 groups will not be deleted." in review
    assert "iam:RemoveUserFromGroup ops" in review


def test_roles_say_what_goes_and_whether_they_are_in_use(administrator, system, limits):
    create_role(system, role_name="web", assume_role_policy_document=TRUST)
    create_role(system, role_name="old", assume_role_policy_document=TRUST)
    put_role_policy(system, role_name="web", policy_name="p", policy_document=READ)
    attach_role_policy(system, role_name="web", policy_arn=limits)
    create_instance_profile(system, instance_profile_name="machine")
    add_role_to_instance_profile(system, instance_profile_name="machine", role_name="web")
    chosen = {"select": keys(Role)}
    review = text(administrator.post(reverse("accounts:roles-delete"), chosen))
    for said in (
        "<b>1</b> inline policy is deleted",
        "<b>1</b> policy is detached",
        "<b>1</b> instance profile loses it",
    ):
        assert said in review, said
    assert "to confirm" not in review
    Role.objects.filter(name="web").update(last_used_at=now() - timedelta(days=3))
    review = text(administrator.post(reverse("accounts:roles-delete"), chosen))
    assert "it was assumed in the last 90 days" in review
    assert "role that is in use" in review
    assert "<h1>2 roles deleted" in text(
        administrator.post(reverse("accounts:roles-delete"), chosen | {"go": "1", "confirmation": "2"})
    )


def test_roles_in_profiles_that_may_not_be_touched_are_left(client, make_user, system):
    create_role(system, role_name="web", assume_role_policy_document=TRUST)
    create_instance_profile(system, instance_profile_name="machine")
    add_role_to_instance_profile(system, instance_profile_name="machine", role_name="web")
    sign_in(
        client, make_user("vera", allowing('{"Effect":"Allow","Action":"iam:DeleteRole","Resource":"*"}')), mfa=True
    )
    review = text(client.post(reverse("accounts:roles-delete"), {"select": keys(Role)}))
    assert "1 of 1 role will not be deleted." in review
    assert "iam:RemoveRoleFromInstanceProfile" in review


def test_policies_say_who_loses_them(administrator, system, limits):
    create_policy(system, policy_name="loose", policy_document=READ)
    create_policy_version(system, policy_arn=limits, policy_document=READ)
    create_user(system, user_name="dora")
    create_group(system, group_name="ops")
    attach_user_policy(system, user_name="dora", policy_arn=limits)
    attach_group_policy(system, group_name="ops", policy_arn=limits)
    chosen = {"select": list(ManagedPolicy.objects.filter(account_id=ACCOUNT).values_list("pk", flat=True))}
    review = text(administrator.post(reverse("policies:delete-many"), chosen))
    for said in ("<b>1</b> user loses it", "<b>1</b> group loses it", "<b>2</b> versions are deleted", "Type <code>2</code>",
                 "At least one policy is attached"):  # fmt: skip
        assert said in review, said
    assert "<h1>2 policies deleted" in text(
        administrator.post(reverse("policies:delete-many"), chosen | {"go": "1", "confirmation": "2"})
    )


def test_policies_that_may_not_be_detached_or_bound_somebody_are_left(client, make_user, system, limits):
    bounding = create_policy(system, policy_name="bounding", policy_document=READ)["Policy"]["Arn"]
    for name in ("red", "blue"):
        create_user(system, user_name=name)
    put_user_permissions_boundary(system, user_name="blue", permissions_boundary=bounding)
    attach_user_policy(system, user_name="red", policy_arn=limits)
    sign_in(
        client, make_user("vera", allowing('{"Effect":"Allow","Action":"iam:DeletePolicy*","Resource":"*"}')), mfa=True
    )
    chosen = {"all": "1", "state": "?f=type:eq:customer"}
    review = text(client.post(reverse("policies:delete-many"), chosen))
    assert "2 of 2 policies will not be deleted." in review
    assert "iam:DetachUserPolicy limits" in review
    assert "It is the permissions boundary of 1 user or role" in review


def test_groups_are_offered_that_one_may_fill_and_a_full_user_is_left(client, make_user, system):
    for name in ("ops", "dev"):
        create_group(system, group_name=name)
    may = '{"Effect":"Allow","Action":"iam:AddUserToGroup","Resource":"arn:aws:iam::%s:group/dev"}' % ACCOUNT
    sign_in(client, make_user("vera", allowing(may)), mfa=True)
    User.objects.update(group_count=10)
    review = text(client.post(reverse("accounts:users-add-to-group"), {"select": keys(User.objects.model)}))
    dev, ops = (review.partition(f'name="group" value="{name}"')[2].partition(">")[0] for name in ("dev", "ops"))
    assert "disabled" in ops
    assert dev
    assert "disabled" not in dev
    assert review.count("Needs iam:AddUserToGroup") == 1
    assert "In 10 groups already, the most there may be" in review


def test_who_is_added_to_a_group_goes_back_to_where_one_was(administrator, system):
    create_group(system, group_name="ops")
    create_user(system, user_name="dora")
    address = reverse("accounts:group-add-users", args=["ops"])
    chosen = {"select": [User.objects.get(name="dora").pk], "state": "?sort=-name&size=10"}
    assert f'href="{address}?sort=-name&size=10"' in text(administrator.post(address, chosen))
    done = text(administrator.post(address, chosen | {"go": "1"}))
    assert "<h1>1 user added" in done
    assert f'href="{reverse("accounts:group", args=["ops"])}"' in done
