"""The tests of a policy on its pages: adding, changing, deleting, and what a review says of them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from policies.models import ManagedPolicy, PolicyTest
from policies.operations.policy_tests import put_policy_test
from policies.operations.policy_versions import create_policy_version
from tests.policies.conftest import document
from tests.signing_in import sign_in

ASKED = {
    "test_name": "auditors read",
    "action_name": "s3:GetObject",
    "resource_arn": "arn:aws:s3:::logs/x",
    "context": "aws:username = ann\naws:TagKeys = a\naws:TagKeys = b",
    "expected_decision": "allowed",
}


@pytest.fixture
def administrator(client, admin):
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    return client


@pytest.fixture
def arn(make_policy):
    return make_policy()


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def at(name, arn):
    return reverse(f"policies:{name}", args=[arn])


def put(admin, arn, name="auditors read", **given):
    put_policy_test(
        admin,
        **{
            "policy_arn": arn,
            "test_name": name,
            "action_name": "s3:GetObject",
            "resource_arn": "arn:aws:s3:::logs/x",
            "expected_decision": "allowed",
            **given,
        },
    )


def test_a_test_is_added_changed_and_deleted_and_each_is_taken_back(administrator, arn):
    assert "No tests yet" in text(administrator.get(at("tests", arn)))
    added = administrator.post(at("test", arn), ASKED, follow=True)
    assert added.redirect_chain[0][0] == at("tests", arn)
    assert "auditors read" in text(added)
    assert "Passes" in text(added)
    assert PolicyTest.objects.get().context == {"aws:username": ["ann"], "aws:TagKeys": ["a", "b"]}

    form = text(administrator.get(at("test", arn) + "?test=Auditors+read"))
    assert "aws:TagKeys = a aws:TagKeys = b" in form
    changed = administrator.post(
        at("test", arn) + "?test=auditors+read",
        ASKED | {"expected_decision": "explicitDeny", "test_name": "other"},
        follow=True,
    )
    assert "1 test fails with the version in force" in text(changed)
    assert PolicyTest.objects.get().name == "auditors read"

    deleted = administrator.post(at("delete-test", arn), {"test_name": "auditors read"}, follow=True)
    assert "No tests yet" in text(deleted)
    token = deleted.content.decode().partition('form="undo" name="token" value="')[2].partition('"')[0]
    administrator.post("/undo/", {"token": token, "next": at("tests", arn)})
    assert PolicyTest.objects.get().expected == "explicitDeny"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"test_name": ""}, "This field is required."),
        ({"action_name": "s3:*"}, "Action"),
        ({"context": "aws:username\n"}, "Line 1 is no key = value."),
        ({"context": "a = b\n= c"}, "Line 2 is no key = value."),
        ({"expected_decision": "maybe"}, "Select a valid choice"),
        ({"context": f"key = {'x' * 10_000}"}, "10000 characters together"),
    ],
)
def test_bad_input_is_said_and_kept(administrator, arn, wrong, said):
    sent = ASKED | wrong
    shown = administrator.post(at("test", arn), sent)
    assert said in text(shown)
    assert not PolicyTest.objects.exists()
    for name in ("test_name", "action_name", "resource_arn"):
        assert f'value="{sent[name]}"' in shown.content.decode() or not sent[name]


def test_a_name_that_is_taken_is_not_replaced_unawares(administrator, admin, arn):
    put(admin, arn)
    shown = administrator.post(
        at("test", arn), ASKED | {"test_name": "AUDITORS READ", "expected_decision": "implicitDeny"}
    )
    assert "The policy has a test of this name." in text(shown)
    assert PolicyTest.objects.get().expected == "allowed"


def test_a_review_shows_what_each_test_becomes(administrator, admin, arn):
    put(admin, arn)
    put(admin, arn, "nobody deletes", action_name="s3:DeleteObject", expected_decision="implicitDeny")
    seen = re.search(r'name="seen" value="(\w+)"', text(administrator.get(at("edit", arn))))[1]
    sent = {"policy_document": document("s3:*"), "set_as_default": "on", "seen": seen}
    shown = text(administrator.post(at("edit", arn), sent | {"review": "1"}))
    assert re.search(r"nobody deletes.*?Implicit deny.*?Allowed.*?Fails", shown)
    assert "1 test fails with this document" in shown
    assert "A version that fails a test cannot be set as the default." in shown
    refused = administrator.post(at("edit", arn), sent | {"save": "1"})
    words = "nobody deletes: s3:DeleteObject on arn:aws:s3:::logs/x must be «Implicit deny», and is «Allowed»."
    assert words in text(refused)
    assert "implicitDeny" not in text(refused)
    assert ManagedPolicy.objects.get().default_version == 1
    create_policy_version(admin, policy_arn=arn, policy_document=document("s3:*"))
    assert "Fails" in text(administrator.get(at("set-default", arn) + "?version=v2"))
    blocked = administrator.post(at("set-default", arn), {"version_id": "v2", "seen": ""}, follow=True)
    assert words in text(blocked)
    assert ManagedPolicy.objects.get().default_version == 1


def test_who_may_not_read_the_document_learns_nothing_of_its_tests(client, make_user, admin, arn):
    put(admin, arn, "secret purpose")
    sign_in(client, make_user("vera", document("iam:GetPolicy")))
    assert "secret purpose" not in text(client.get(at("tests", arn)))
    assert client.get(at("test", arn)).status_code == 403
    assert client.get(at("test", arn) + "?test=secret+purpose").status_code == 403
    assert client.post(at("delete-test", arn), {"test_name": "secret purpose"}).status_code == 403
    assert PolicyTest.objects.exists()


def test_who_may_only_write_learns_of_no_test_by_its_name(client, make_user, admin, arn):
    put(admin, arn, "secret purpose")
    sign_in(client, make_user("wanda", document(["iam:GetPolicy", "iam:CreatePolicyVersion"])))
    assert client.get(at("test", arn)).status_code == 403
    assert client.get(at("test", arn) + "?test=secret+purpose").status_code == 403
    answers = []
    for name in ("secret purpose", "another"):
        answers.append(client.post(at("test", arn), ASKED | {"test_name": name}))
        answers.append(client.post(at("delete-test", arn), {"test_name": name}))
    assert {answer.status_code for answer in answers} == {403}
    assert not any("The policy has a test of this name" in text(answer) for answer in answers)
    assert PolicyTest.objects.get().name == "secret purpose"
    assert "Add test" not in text(client.get(at("tests", arn)))


def test_who_may_only_read_sees_no_buttons(client, make_user, admin, arn):
    put(admin, arn, expected_decision="explicitDeny")
    sign_in(client, make_user("rita", document(["iam:GetPolicy", "iam:GetPolicyVersion"])))
    shown = text(client.get(at("tests", arn)))
    assert "auditors read" in shown
    assert "1 test fails with the version in force" in shown
    assert "Change the document" not in shown
    assert "Add test" not in shown
    assert "delete-test" not in shown


def test_aws_managed_policies_have_no_tests(administrator, make_aws_policy):
    aws = make_aws_policy().arn
    assert administrator.get(at("tests", aws)).status_code == 404
    assert administrator.get(at("test", aws)).status_code == 404
    assert at("tests", aws) not in administrator.get(at("policy", aws)).content.decode()


def test_queries_do_not_grow_with_the_tests(administrator, admin, arn):
    def count():
        administrator.get(at("tests", arn))  # whose policies are read anew after every change
        with CaptureQueriesContext(connection) as caught:
            assert administrator.get(at("tests", arn)).status_code == 200
        return len(caught)

    put(admin, arn)
    few = count()
    for number in range(49):
        put(admin, arn, f"test {number}")
    assert count() == few <= 15
