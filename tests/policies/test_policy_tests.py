"""Tests of policies: what they ask, and that a version which fails one never comes into force."""

import json

import pytest

from operations.errors import AccessDenied, InvalidInput, LimitExceeded, NoSuchEntity, ValidationError
from operations.models import Event
from policies import testing
from policies.models import ManagedPolicy, PolicyTest
from policies.operations.managed_policies import delete_policy
from policies.operations.policy_tests import delete_policy_test, list_policy_tests, put_policy_test
from policies.operations.policy_versions import create_policy_version, set_default_policy_version
from tests.policies.conftest import document

OBJECT = "arn:aws:s3:::logs/2026/x"


@pytest.fixture
def arn(make_policy):
    return make_policy()


@pytest.fixture
def put(admin, arn):
    def make(name="auditors read", action="s3:GetObject", resource=OBJECT, expected="allowed", **given):
        return put_policy_test(
            admin,
            policy_arn=arn,
            test_name=name,
            action_name=action,
            resource_arn=resource,
            expected_decision=expected,
            **given,
        )

    return make


def test_a_test_is_put_listed_replaced_and_deleted(admin, arn, put):
    put()
    put("nobody deletes", "s3:DeleteObject", expected="implicitDeny")
    first, second = list_policy_tests(admin, policy_arn=arn)["Tests"]
    assert first == {
        "TestName": "auditors read",
        "ActionName": "s3:GetObject",
        "ResourceArn": OBJECT,
        "Context": {},
        "ExpectedDecision": "allowed",
        "Decision": "allowed",
        "Passes": True,
    }
    assert second["Passes"]
    put("Auditors READ", expected="explicitDeny")
    assert [
        (one["TestName"], one["Decision"], one["Passes"]) for one in list_policy_tests(admin, policy_arn=arn)["Tests"]
    ] == [
        ("Auditors READ", "allowed", False),
        ("nobody deletes", "implicitDeny", True),
    ]
    delete_policy_test(admin, policy_arn=arn, test_name="AUDITORS read")
    with pytest.raises(NoSuchEntity):
        delete_policy_test(admin, policy_arn=arn, test_name="auditors read")
    event = json.loads(Event.objects.filter(name="DeletePolicyTest", error_code="").get().record)
    assert event["before"]["testName"] == "Auditors READ"


def test_a_failing_version_is_saved_and_does_not_come_into_force(admin, arn, put):
    put()
    narrower = document("s3:GetObject", "arn:aws:s3:::other/*")
    with pytest.raises(InvalidInput, match=r"auditors read: s3:GetObject on .* must be allowed, and is implicitDeny\."):
        create_policy_version(admin, policy_arn=arn, policy_document=narrower, set_as_default=True)
    assert ManagedPolicy.objects.get(arn=arn).versions.count() == 1
    made = create_policy_version(admin, policy_arn=arn, policy_document=narrower)["PolicyVersion"]["VersionId"]
    with pytest.raises(InvalidInput):
        set_default_policy_version(admin, policy_arn=arn, version_id=made)
    assert ManagedPolicy.objects.get(arn=arn).default_version == 1
    assert not list_policy_tests(admin, policy_arn=arn, version_id=made)["Tests"][0]["Passes"]
    delete_policy_test(admin, policy_arn=arn, test_name="auditors read")
    set_default_policy_version(admin, policy_arn=arn, version_id=made)
    assert ManagedPolicy.objects.get(arn=arn).default_version == 2


def test_a_version_that_passes_comes_into_force(admin, arn, put):
    put()
    create_policy_version(
        admin, policy_arn=arn, policy_document=document("s3:Get*", "arn:aws:s3:::logs/*"), set_as_default=True
    )
    assert ManagedPolicy.objects.get(arn=arn).default_version == 2


def test_a_refusal_names_three_and_counts_the_others(admin, arn, put):
    for name in "abcde":
        put(name)
    with pytest.raises(InvalidInput, match=r"a: .*; b: .*; c: .* and 2 more\.$"):
        create_policy_version(admin, policy_arn=arn, policy_document=document("sqs:*"), set_as_default=True)


def test_tests_are_told_to_who_may_read_the_policy(arn, put, make_user, caller_of):
    put("secret purpose")
    writer = caller_of(make_user("wanda", document("iam:CreatePolicyVersion")))
    with pytest.raises(InvalidInput) as refused:
        create_policy_version(writer, policy_arn=arn, policy_document=document("sqs:*"), set_as_default=True)
    assert refused.value.message == f"The document fails 1 of the tests of policy {arn}."


@pytest.mark.parametrize("name", ["auditors read", "another"])
def test_who_may_not_read_the_tests_writes_none(arn, put, make_user, caller_of, name):
    put()
    writer = caller_of(make_user("wanda", document("iam:CreatePolicyVersion")))
    given = {"action_name": "s3:GetObject", "resource_arn": "*", "expected_decision": "allowed"}
    with pytest.raises(AccessDenied, match="iam:GetPolicyVersion"):
        put_policy_test(writer, policy_arn=arn, test_name=name, **given)
    with pytest.raises(AccessDenied, match="iam:GetPolicyVersion"):
        delete_policy_test(writer, policy_arn=arn, test_name=name)
    assert PolicyTest.objects.count() == 1


@pytest.mark.parametrize(
    ("operation", "given", "action"),
    [
        (delete_policy_test, {"test_name": "auditors read"}, "iam:CreatePolicyVersion"),
        (list_policy_tests, {}, "iam:GetPolicyVersion"),
        (
            put_policy_test,
            {"test_name": "x", "action_name": "s3:Get", "resource_arn": "*", "expected_decision": "allowed"},
            "iam:CreatePolicyVersion",
        ),
    ],
)
def test_who_may_not_is_refused(arn, put, make_user, caller_of, operation, given, action):
    put()
    with pytest.raises(AccessDenied, match=action):
        operation(caller_of(make_user("nobody", document("iam:ListUsers"))), policy_arn=arn, **given)
    assert PolicyTest.objects.get().name == "auditors read"


@pytest.mark.parametrize(
    ("context", "outcome"),
    [
        ({}, "implicitDeny"),
        ({"aws:username": ["ann"]}, "allowed"),
        ({"AWS:UserName": ["bob"]}, "implicitDeny"),
        ({"aws:username": ["ann"], "aws:TagKeys": ["a", "b"]}, "explicitDeny"),
        ({"aws:username": ["ann"], "aws:TagKeys": ["a"]}, "allowed"),
        ({"aws:username": ["ann"], "aws:TagKeys": []}, "allowed"),
    ],
)
def test_a_test_brings_its_own_context(admin, make_policy, context, outcome):
    own = """{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:TagUser", "Resource": "arn:aws:iam::*:user/${aws:username}"},
        {"Effect": "Deny", "Action": "iam:TagUser", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": "b"}}}]}"""
    arn = make_policy("own", own)
    put_policy_test(
        admin,
        policy_arn=arn,
        test_name="self",
        action_name="iam:TagUser",
        resource_arn="arn:aws:iam::123456789012:user/ann",
        expected_decision=outcome,
        context=context,
    )
    assert list_policy_tests(admin, policy_arn=arn)["Tests"][0]["Passes"]


def test_what_cannot_be_read_grants_nothing(arn, put):
    put()
    policy = ManagedPolicy.objects.get(arn=arn)
    assert [one.outcome for one in testing.ask(policy, "no JSON", policy.tests.all())] == ["implicitDeny"]


def test_aws_managed_policies_have_none(admin, make_aws_policy):
    arn = make_aws_policy().arn
    with pytest.raises(InvalidInput):
        put_policy_test(
            admin,
            policy_arn=arn,
            test_name="x",
            action_name="s3:GetObject",
            resource_arn="*",
            expected_decision="allowed",
        )
    assert list_policy_tests(admin, policy_arn=arn) == {"Tests": []}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": " \t "}, InvalidInput),
        ({"name": "x" * 129}, ValidationError),
        ({"action": "s3:*"}, ValidationError),
        ({"action": "GetObject"}, ValidationError),
        ({"resource": "x" * 2049}, ValidationError),
        ({"expected": "maybe"}, ValidationError),
        ({"context": {"k": ["v" * 100] * 100}}, InvalidInput),
        ({"context": {"k": ["v\0"]}}, InvalidInput),
        ({"resource": "a\0b"}, InvalidInput),
    ],
)
def test_bad_input(put, given, error):
    with pytest.raises(error):
        put(**given)
    assert not PolicyTest.objects.exists()


def test_a_policy_has_so_many_tests(put, monkeypatch):
    monkeypatch.setattr("policies.operations.policy_tests.MOST", 2)
    put("a")
    put("b")
    put("B", expected="implicitDeny")
    with pytest.raises(LimitExceeded, match="PolicyTestsPerPolicy: 2"):
        put("c")


def test_tests_go_with_their_policy(admin, arn, put):
    put()
    delete_policy(admin, policy_arn=arn)
    assert not PolicyTest.objects.exists()


def test_another_accounts_policy_is_not_there(admin, arn, put):
    with pytest.raises(NoSuchEntity):
        list_policy_tests(admin, policy_arn=arn.replace(admin.account_id, "999999999999"))
