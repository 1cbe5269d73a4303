"""Two callers at once on policies end as one of the two serial orders, the loser with AWS's error; on SQLite and PostgreSQL."""

import json

import pytest

from accounts.models import UserAttachment
from accounts.operations.attachments import attach_user_policy, detach_user_policy
from accounts.operations.boundaries import delete_user_permissions_boundary, put_user_permissions_boundary
from accounts.operations.inline_policies import list_user_policies, put_user_policy
from operations.errors import DeleteConflict, EntityAlreadyExists, LimitExceeded, NoSuchEntity, ServiceError
from policies.models import ManagedPolicy, PolicyUsage
from policies.operations.managed_policies import create_policy, delete_policy
from policies.operations.policy_versions import (
    create_policy_version,
    delete_policy_version,
    list_policy_versions,
    set_default_policy_version,
)


def document(action="s3:GetObject"):
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def errors(answers):
    return [answer for answer in answers if isinstance(answer, ServiceError)]


@pytest.fixture
def arn(shared_database, admin, make_user):
    """A policy, and a user who could have it."""
    make_user("dora")
    return create_policy(admin, policy_name="reading", policy_document=document())["Policy"]["Arn"]


def test_one_name_is_given_once(shared_database, admin, root, at_once):
    answers = at_once(
        lambda: create_policy(admin, policy_name="reading", policy_document=document()),
        lambda: create_policy(root, policy_name="Reading", policy_document=document()),
    )
    (error,) = errors(answers)
    assert isinstance(error, EntityAlreadyExists)
    assert error.message.endswith("already exists. Duplicate names are not allowed.")
    assert ManagedPolicy.objects.count() == 1


def test_attached_while_deleted(admin, root, arn, at_once):
    answers = at_once(
        lambda: attach_user_policy(admin, user_name="dora", policy_arn=arn), lambda: delete_policy(root, policy_arn=arn)
    )
    (error,) = errors(answers)
    if isinstance(error, DeleteConflict):
        assert error.message == "Cannot delete a policy attached to entities."
        assert PolicyUsage.objects.get().attachments == UserAttachment.objects.count() == 1
    else:
        assert isinstance(error, NoSuchEntity)
        assert error.message == f"Policy {arn} does not exist or is not attachable."
        assert not ManagedPolicy.objects.exists()
        assert not UserAttachment.objects.exists()


def test_made_a_boundary_while_deleted(admin, root, arn, at_once):
    answers = at_once(
        lambda: put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=arn),
        lambda: delete_policy(root, policy_arn=arn),
    )
    (error,) = errors(answers)
    assert isinstance(error, DeleteConflict | NoSuchEntity)
    assert ManagedPolicy.objects.exists() is isinstance(error, DeleteConflict)


def test_the_same_policy_attached_twice_counts_once(admin, root, arn, at_once):
    assert not errors(
        at_once(
            lambda: attach_user_policy(admin, user_name="dora", policy_arn=arn),
            lambda: attach_user_policy(root, user_name="dora", policy_arn=arn),
        )
    )
    assert PolicyUsage.objects.get().attachments == UserAttachment.objects.count() == 1
    (error,) = errors(
        at_once(
            lambda: detach_user_policy(admin, user_name="dora", policy_arn=arn),
            lambda: detach_user_policy(root, user_name="dora", policy_arn=arn),
        )
    )
    assert error.message == f"Policy {arn} was not found."
    assert PolicyUsage.objects.get().attachments == UserAttachment.objects.count() == 0


def test_a_boundary_set_and_removed_is_counted_right(admin, root, arn, at_once):
    at_once(
        lambda: put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=arn),
        lambda: delete_user_permissions_boundary(root, user_name="dora"),
    )
    bounded = ManagedPolicy.objects.get().bounded_users.count()
    assert PolicyUsage.objects.get().boundaries == bounded


def test_the_last_place_for_a_version_is_given_once(admin, root, arn, at_once):
    for _ in range(3):
        create_policy_version(admin, policy_arn=arn, policy_document=document())
    answers = at_once(
        lambda: create_policy_version(admin, policy_arn=arn, policy_document=document()),
        lambda: create_policy_version(root, policy_arn=arn, policy_document=document()),
    )
    (error,) = errors(answers)
    assert isinstance(error, LimitExceeded)
    assert error.message.startswith("A managed policy can have up to 5 versions.")
    assert len(list_policy_versions(admin, policy_arn=arn)["Versions"]) == 5


def test_two_new_versions_have_two_numbers(admin, root, arn, at_once):
    answers = at_once(
        lambda: create_policy_version(admin, policy_arn=arn, policy_document=document(), set_as_default=True),
        lambda: create_policy_version(root, policy_arn=arn, policy_document=document(), set_as_default=True),
    )
    assert {answer["PolicyVersion"]["VersionId"] for answer in answers} == {"v2", "v3"}
    versions = list_policy_versions(admin, policy_arn=arn)["Versions"]
    assert [(version["VersionId"], version["IsDefaultVersion"]) for version in versions] == [
        ("v3", True),
        ("v2", False),
        ("v1", False),
    ]


def test_a_version_deleted_while_put_in_force(admin, root, arn, at_once):
    create_policy_version(admin, policy_arn=arn, policy_document=document())
    answers = at_once(
        lambda: set_default_policy_version(admin, policy_arn=arn, version_id="v2"),
        lambda: delete_policy_version(root, policy_arn=arn, version_id="v2"),
    )
    (error,) = errors(answers)
    policy = ManagedPolicy.objects.get()
    if isinstance(error, DeleteConflict):
        assert error.message == "Cannot delete the default version of a policy."
        assert policy.default_version == 2
    else:
        assert error.message == f"Policy {arn} version v2 does not exist or is not attachable."
        assert policy.default_version == 1
    assert policy.versions.filter(number=policy.default_version).exists()


def test_the_last_place_for_an_attachment_is_given_once(admin, root, arn, at_once, settings):
    settings.QUOTAS = {"AttachedPoliciesPerUserQuota": "1"}
    other = create_policy(admin, policy_name="other", policy_document=document())["Policy"]["Arn"]
    answers = at_once(
        lambda: attach_user_policy(admin, user_name="dora", policy_arn=arn),
        lambda: attach_user_policy(root, user_name="dora", policy_arn=other),
    )
    (error,) = errors(answers)
    assert error.message == "Cannot exceed quota for PoliciesPerUser: 1"
    assert UserAttachment.objects.count() == 1


def test_inline_documents_together_stay_within_their_quota(admin, root, arn, at_once):
    long = document("s3:" + "x" * 1500)
    answers = at_once(
        lambda: put_user_policy(admin, user_name="dora", policy_name="one", policy_document=long),
        lambda: put_user_policy(root, user_name="dora", policy_name="two", policy_document=long),
    )
    (error,) = errors(answers)
    assert error.message == "Maximum policy size of 2048 bytes exceeded for user dora"
    assert len(list_user_policies(admin, user_name="dora")["PolicyNames"]) == 1
