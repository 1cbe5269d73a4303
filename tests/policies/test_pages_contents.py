"""Policies are found by the resources that their statements are about, and by the condition keys that they read."""

import json

import pytest
from django.urls import reverse

from accounts.models import User
from operations.ids import unique_id
from policies import contents
from policies.models import ManagedPolicy, PolicyVersion
from tests.conftest import ACCOUNT
from tests.policies.conftest import document
from tests.policies.test_pages import at, text
from tests.signing_in import sign_in

REPORT = "arn:aws:s3:::reports/2026/a.csv"


@pytest.fixture
def administrator(client, admin):
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    return client


def finds(client, arn, **query):
    answer = text(client.get(reverse("policies:policies"), query))
    assert "listing-note" not in answer, "a filter was refused"
    return at("policy", arn) in answer


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def statement(resource, action="s3:GetObject", effect="Allow", **more):
    given = {} if resource is None else {"Resource": resource}
    return {"Effect": effect, "Action": action, **given, **more}


@pytest.mark.parametrize(
    ("text_", "resource", "found"),
    [
        (policy(statement("arn:aws:s3:::reports/*")), REPORT, True),
        (policy(statement("arn:aws:s3:::reports/*")), "arn:aws:s3:::report/2026/a.csv", False),
        (policy(statement("arn:aws:s3:::Reports/*")), REPORT, False),  # of resources the case counts
        (policy(statement("arn:aws:s3:::reports/2026/?.csv")), REPORT, True),
        (policy(statement("arn:aws:s3:::${aws:username}/*")), REPORT, True),  # somebody may be called so
        (policy(statement("arn:aws:s3:::reports/*", effect="Deny")), REPORT, True),
        (policy(statement("*")), REPORT, True),
        (policy(statement("*", action="sqs:*")), REPORT, False),  # no action of it works on a bucket
        (policy(statement("*", action="*")), REPORT, True),
        (policy({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}), REPORT, False),
        (policy({"Effect": "Allow", "NotAction": "s3:Delete*", "Resource": "*"}), REPORT, True),
        (policy(statement(None, NotResource="arn:aws:s3:::reports/*")), REPORT, False),
        (policy(statement(None, NotResource="arn:aws:s3:::other/*")), REPORT, True),
        (policy(statement("arn:aws:s3:::reports/*")), "arn:aws:s3:::rep*", True),  # one of a pattern is enough
        (policy(statement("arn:aws:sqs:eu-*:111122223333:jobs", "sqs:*")), "arn:aws:sqs:eu-west-1:111122223333:jobs", True),
        (policy(statement("arn:aws:sqs:eu-*:111122223333:jobs", "sqs:*")), "arn:aws:sqs:us-east-1:111122223333:jobs", False),
    ],
)  # fmt: skip
def test_by_resource(administrator, make_policy, text_, resource, found):
    arn = make_policy(text=text_)
    assert finds(administrator, arn, f=f"resource:eq:{resource}") is found
    assert finds(administrator, arn, f=f"resource:ne:{resource}") is not found


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("aws:SourceIp", True),
        ("AWS:sourceip", True),
        ("aws:username", True),  # a variable in a resource
        ("aws:PrincipalTag/team", True),  # and in the value of a condition
        ("aws:PrincipalTag", True),
        ("aws:PrincipalTag/other", False),
        ("aws:userid", False),
    ],
)
def test_by_condition_key(administrator, make_policy, key, found):
    condition = {
        "IpAddress": {"aws:SourceIp": "192.0.2.0/24"},
        "StringEquals": {"s3:prefix": "${aws:PrincipalTag/team, 'none'}"},
    }
    arn = make_policy(text=policy(statement("arn:aws:s3:::${aws:username}/*", Condition=condition)))
    assert finds(administrator, arn, f=f"key:eq:{key}") is found
    assert finds(administrator, arn, f=f"key:ne:{key}") is not found


@pytest.mark.parametrize(("query", "words"), [("resource:eq:reports", "takes an ARN"), ("key:eq:SourceIp", "takes a condition key")])  # fmt: skip
def test_what_is_neither_is_told_at_the_filter(administrator, make_policy, query, words):
    make_policy()
    assert words in text(administrator.get(reverse("policies:policies"), {"f": query}))


def test_what_the_documents_say_is_suggested(administrator, make_policy):
    condition = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    for name in ("one", "two"):
        make_policy(name, policy(statement("arn:aws:s3:::reports/*", Condition=condition)))
    address = reverse("policies:policies")
    shown = text(administrator.get(address, {"suggest": "1", "add": "Resource = report"}))
    assert "arn:aws:s3:::reports/*" in shown
    assert "2 policies" in shown
    assert "aws:SourceIp" in text(administrator.get(address, {"suggest": "1", "add": "Condition key = source"}))


def test_whoever_may_not_read_documents_is_told_nothing_of_them(client, make_user, make_policy):
    make_policy(text=policy(statement("arn:aws:s3:::secret-bucket/*")))
    sign_in(client, make_user("vera", document("iam:ListPolicies")))
    address = reverse("policies:policies")
    assert "secret" not in text(client.get(address, {"suggest": "1", "add": "Resource = "}))
    shown = text(client.get(address, {"f": "resource:eq:arn:aws:s3:::secret-bucket/x"}))
    assert "Needs iam:GetPolicyVersion" in shown
    assert "policy/reading" not in shown


@pytest.mark.parametrize("number", [10, 1000])
def test_a_search_costs_the_same_number_of_queries_at_any_size(administrator, number, django_assert_max_num_queries):
    rows = ManagedPolicy.objects.bulk_create(
        ManagedPolicy(
            account_id=ACCOUNT, name=f"p{n:04}", name_key=f"p{n:04}", arn=f"arn:aws:iam::{ACCOUNT}:policy/p{n:04}",
            unique_id=unique_id("ANPA"),
        )
        for n in range(number)
    )  # fmt: skip
    PolicyVersion.objects.bulk_create(PolicyVersion(policy=row, number=1, document=document()) for row in rows)
    administrator.get(reverse("policies:policies"))
    contents._kept.clear()
    for query in (f"resource:eq:{REPORT}", "key:eq:aws:SourceIp"):
        with django_assert_max_num_queries(15):
            administrator.get(reverse("policies:policies"), {"f": query})
