"""The tab «Effective access»: what the policies allow together, where each line comes from, what is sought, and who may not read it."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.operations.attachments import attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy, put_user_policy
from accounts.operations.memberships import add_user_to_group
from operations.models import Event
from policies.operations.managed_policies import create_policy
from tests.access.conftest import document
from tests.signing_in import sign_in


@pytest.fixture
def erin(admin, make_user):
    """A managed policy, an inline one, one by a group, and a boundary."""
    make_user("erin")
    reading = create_policy(admin, policy_name="reading", policy_document=document(["s3:GetObject", "sqs:SendMessage"]))
    attach_user_policy(admin, user_name="erin", policy_arn=reading["Policy"]["Arn"])
    put_user_policy(admin, user_name="erin", policy_name="own", policy_document=document("s3:GetObject"))
    create_group(admin, group_name="Night")
    put_group_policy(admin, group_name="Night", policy_name="keys", policy_document=document("kms:Decrypt"))
    add_user_to_group(admin, group_name="Night", user_name="erin")
    limit = create_policy(admin, policy_name="limit", policy_document=document(["s3:*", "kms:*"]))["Policy"]["Arn"]
    put_user_permissions_boundary(admin, user_name="erin", permissions_boundary=limit)
    return User.objects.get(name="erin")


def shown(client, query="", kind="user", name="erin"):
    response = client.get(reverse(f"access:{kind}-access", args=[name]) + query)
    assert response.status_code == 200
    return response, re.sub(r"\s+", " ", response.content.decode())


def lines(response):
    return [
        (str(line.row.word), line.row.service, [one.name for one in line.sources], line.by_boundary)
        for line in response.context["page"]
    ]


def test_each_line_says_where_it_comes_from(signed_in, erin):
    response, text = shown(signed_in)
    assert lines(response) == [
        ("Allowed", "Amazon S3", ["own", "reading"], False),
        ("Outside the boundary", "Amazon SQS", ["reading"], False),
        ("Allowed", "AWS Key Management Service", ["keys"], False),
    ]
    assert "within the boundary limit" in text
    assert reverse("accounts:user-inline", args=["erin", "own"]) in text
    assert reverse("accounts:group-inline", args=["Night", "keys"]) in text
    assert "/simulator/?principal=user/erin" in text
    assert re.search(r'href="/users/erin/access/" aria-current="page"[^>]*><span[^>]*>Effective access', text)


def test_what_is_sought_is_a_service_a_part_of_a_name_or_a_pattern(signed_in, erin):
    assert [line[1] for line in lines(shown(signed_in, "?q=sqs")[0])] == ["Amazon SQS"]
    assert [line[1] for line in lines(shown(signed_in, "?q=getobj")[0])] == ["Amazon S3"]
    assert [line[1] for line in lines(shown(signed_in, "?q=key man")[0])] == ["AWS Key Management Service"]
    assert [line[1] for line in lines(shown(signed_in, "?q=S3:Get*")[0])] == ["Amazon S3"]
    assert [line[1] for line in lines(shown(signed_in, "?q=s3:GetO")[0])] == ["Amazon S3"]
    response, text = shown(signed_in, "?q=ec2")
    assert lines(response) == []
    assert "Nothing that was asked for is allowed or denied here." in text


def test_a_services_prefix_is_that_service_alone(signed_in, make_user):
    make_user("erin", document("*"))
    assert {line[1] for line in lines(shown(signed_in, "?q=iam")[0])} == {"AWS Identity and Access Management (IAM)"}


def test_outcomes_are_filtered(signed_in, erin):
    assert [line[0] for line in lines(shown(signed_in, "?outcome=implicitDeny")[0])] == ["Outside the boundary"]
    assert lines(shown(signed_in, "?outcome=explicitDeny")[0]) == []
    assert lines(shown(signed_in, "?outcome=x&page=9")[0]) == []


def test_a_long_answer_comes_in_pages(signed_in, admin, make_user):
    make_user("erin", document("*"))
    put_user_policy(
        admin, user_name="erin", policy_name="no", policy_document=document("iam:DeleteUser", effect="Deny")
    )
    response, text = shown(signed_in, "?q=a")
    assert response.context["page"].paginator.num_pages > 1
    assert 'href="?q=a&amp;page=2"' in text


def test_policies_that_say_too_much_are_not_waited_for(signed_in, make_user, client):
    statement = {"Effect": "Allow", "NotAction": "iam:*"}
    many = [{**statement, "Resource": f"arn:aws:s3:::{number}"} for number in range(60)]
    make_user("erin", json.dumps({"Version": "2012-10-17", "Statement": many}))
    make_user("frank", document("s3:GetObject"))
    said = "too much to be put together here: ask the simulator about single actions."
    assert said in shown(signed_in)[1]
    assert said in signed_in.get("/compare/?a=user/erin&b=user/frank").content.decode()


def test_whoever_has_nothing(signed_in, make_user):
    make_user("erin")
    assert "No policy here allows anything." in shown(signed_in)[1]


@pytest.mark.parametrize("kind", ["group", "role"])
def test_groups_and_roles_have_it_too(signed_in, erin, admin, kind):
    name = "Night" if kind == "group" else "deploy"
    if kind == "role":
        from accounts.operations.inline_policies import put_role_policy
        from accounts.operations.roles import create_role
        from tests.every_page import TRUST

        create_role(admin, role_name=name, assume_role_policy_document=TRUST % "arn:aws:iam::123456789012:root")
        put_role_policy(admin, role_name=name, policy_name="keys", policy_document=document("kms:Decrypt"))
    response, text = shown(signed_in, kind=kind, name=name)
    assert [line[2] for line in lines(response)] == [["keys"]]


def test_whoever_may_not_read_a_document_is_told_which(client, erin, make_user):
    allowed = ["iam:GetUser", "iam:ListAttachedUserPolicies", "iam:ListGroupsForUser", "iam:GetUserPolicy"]
    sign_in(client, make_user("reader", document(allowed)))
    _response, text = shown(client)
    assert "iam:GetPolicyVersion" in text
    assert "SendMessage" not in text
    assert Event.objects.filter(name="GetPolicyVersion", error_code="AccessDenied").exists()


def test_whoever_may_not_look_at_the_user_gets_the_refusal(client, erin, make_user):
    sign_in(client, make_user("reader", document("iam:ListUsers")))
    assert client.get(reverse("access:user-access", args=["erin"])).status_code == 403
    sign_in(client, make_user("root-like", document("*")))
    assert client.get(reverse("access:user-access", args=["nobody-there"])).status_code == 404


def test_the_number_of_queries_does_not_grow(signed_in, erin, admin):
    def count():
        shown(signed_in)
        with CaptureQueriesContext(connection) as asked:
            shown(signed_in)
        return len(asked)

    before = count()
    for number in range(8):
        arn = create_policy(admin, policy_name=f"more{number}", policy_document=document("ec2:RunInstances"))
        attach_user_policy(admin, user_name="erin", policy_arn=arn["Policy"]["Arn"])
    assert count() == before


def test_what_is_shown_is_downloaded(signed_in, erin, client, make_user):
    shown = signed_in.get("/users/erin/access/")
    assert "export=csv" in shown.content.decode()
    lines = b"".join(signed_in.get("/users/erin/access/?export=csv").streaming_content).decode().splitlines()
    assert lines[0] == "Service,Outcome,Actions,Resource,Request condition,Comes from"
    assert len(lines) == len(shown.context["found"].value) + 1
    rows = json.loads(b"".join(signed_in.get("/users/erin/access/?outcome=allowed&export=json").streaming_content))
    assert {row["outcome"] for row in rows} == {"Allowed"}
    assert set(rows[0]) == {"service", "outcome", "actions", "resource", "condition", "comes_from"}
    sign_in(client, make_user("vera", document("iam:GetUser")))
    assert not client.get("/users/erin/access/?export=csv").streaming
