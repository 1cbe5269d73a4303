"""When each statement of a policy decided last, as its page says from the record, and the editor without a statement that decided nothing."""

import html
import re
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.operations.attachments import attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group, delete_group
from operations.clock import now
from operations.errors import ServiceError
from operations.models import Event
from policies.models import PolicyVersion
from policies.operations.managed_policies import create_policy
from policies.operations.policy_versions import create_policy_version
from policies.taking_out import without_statement
from tests.signing_in import sign_in

DOCUMENT = """{ "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Make", "Effect": "Allow", "Action": "iam:CreateGroup", "Resource": "*"},
    {"Sid": "Never",   "Effect": "Allow", "Action": "iam:GetGroup", "Resource": "*"},
    {"Sid": "Keep", "Effect": "Deny", "Action": "iam:DeleteGroup", "Resource": "*"},
    {"Sid": "Quiet", "Effect": "Deny", "Action": "iam:DeleteUser", "Resource": "*"},
    {"Sid": "Pass", "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}
  ]
}
"""


@pytest.fixture
def arn(admin):
    return create_policy(admin, policy_name="grouping", policy_document=DOCUMENT)["Policy"]["Arn"]


@pytest.fixture
def eve(admin, arn, make_user, caller_of):
    eve = make_user("eve")
    attach_user_policy(admin, user_name="eve", policy_arn=arn)
    return caller_of(eve)


def page_of(arn, used="?used=1"):
    return reverse("policies:policy", args=[arn]) + used


def words(response):
    return re.sub(r"\s+", " ", html.unescape(response.content.decode()))


def uses(response):
    return {each.sid: each.use for each in response.context["sentences"].statements}


def test_each_statement_says_when_it_decided_last(signed_in, arn, eve):
    create_group(eve, group_name="ops")
    with suppress(ServiceError):
        delete_group(eve, group_name="ops")
    response = signed_in.get(page_of(arn))
    found = uses(response)
    assert {name: bool(use.last) for name, use in found.items()} == {
        "Make": True, "Never": False, "Keep": True, "Quiet": False, "Pass": False,
    }  # fmt: skip
    assert [name for name, use in found.items() if use.is_unused] == ["Never"]
    assert not found["Pass"].is_known, "the record does not keep what allows a role to be passed"
    shown = words(response)
    assert shown.count("Decided nothing") == 1
    assert shown.count("Denied nothing") == 1
    assert shown.count("Cannot be told") == 1
    assert 'Cannot be told</span> <span class="soft">It allows what calls ask for besides' in shown, (
        "why stands beside it"
    )
    assert "Looked at: 2 calls since" in shown
    assert "?without=2" in shown


def test_it_is_asked_for_and_told_to_who_may_read_the_trail_only(signed_in, client, make_user, arn, eve):
    create_group(eve, group_name="ops")
    assert "Last decided" not in words(signed_in.get(page_of(arn, "")))
    assert "When they decided last" in words(signed_in.get(page_of(arn, "")))
    reader = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GetPolicy","iam:GetPolicyVersion"],"Resource":"*"}]}'
    sign_in(client, make_user("liz", reader))
    assert "When they decided last" not in words(client.get(page_of(arn, "")))
    response = client.get(page_of(arn))
    shown = words(response)
    assert "cloudtrail:LookupEvents" in shown
    for word in ("Last decided", "Decided nothing", "Looked at", "?without="):
        assert word not in shown
    assert all(use is None for use in uses(response).values())


def test_what_an_earlier_version_decided_does_not_count(signed_in, admin, arn, eve):
    create_group(eve, group_name="ops")
    create_policy_version(admin, policy_arn=arn, policy_document=DOCUMENT.replace("Make", "Made"), set_as_default=True)
    response = signed_in.get(page_of(arn))
    assert uses(response)["Made"].last is None
    assert {use.unknown for use in uses(response).values()} == {
        "No such call has been made since this version was saved."
    }
    assert words(response).count("No such call has been made since this version was saved.") == 5


def test_a_policy_that_was_long_there_says_that_nobody_called(signed_in, arn, eve):
    PolicyVersion.objects.filter(policy__arn=arn).update(created_at=now() - timedelta(days=120))
    found = uses(signed_in.get(page_of(arn)))
    assert {use.unknown for use in found.values()} == {
        "Nobody who has the policy has made such a call in the last 90 days."
    }


def test_a_policy_without_calls_and_a_boundary_are_not_called_unused(signed_in, admin, arn, make_user, caller_of):
    assert {use.unknown for use in uses(signed_in.get(page_of(arn))).values()} == {"Nobody has the policy."}
    make_user("gina", '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}')
    put_user_permissions_boundary(admin, user_name="gina", permissions_boundary=arn)
    from accounts.models import User

    create_group(caller_of(User.objects.get(name="gina")), group_name="devs")
    found = uses(signed_in.get(page_of(arn)))
    assert not any(use.is_unused for use in found.values())
    assert all(
        use.unknown.startswith("It is somebody's permissions boundary") for use in found.values() if not use.last
    )


def test_another_policy_of_another_kind_or_name_is_not_meant(signed_in, admin, arn, eve, make_user):
    create_group(eve, group_name="ops")
    other = create_policy(admin, policy_name="other", policy_document=DOCUMENT)["Policy"]["Arn"]
    attach_user_policy(admin, user_name="eve", policy_arn=other)
    assert uses(signed_in.get(page_of(other)))["Make"].last is None
    assert uses(signed_in.get(page_of(arn)))["Make"].last is not None


def test_the_number_of_queries_does_not_grow_with_the_record(signed_in, arn, eve):
    create_group(eve, group_name="ops")
    signed_in.get(page_of(arn))
    with CaptureQueriesContext(connection) as few:
        signed_in.get(page_of(arn))
    made = Event.objects.filter(name="CreateGroup").latest("id")
    same = {field.name: getattr(made, field.name) for field in Event._meta.concrete_fields if field.name != "id"}
    Event.objects.bulk_create(
        Event(**{**same, "sequence": 10_000 + n, "event_id": f"copy{n}", "time": now()}) for n in range(1_000)
    )
    with CaptureQueriesContext(connection) as many:
        response = signed_in.get(page_of(arn))
    assert "Looked at: 1,001 calls since" in words(response)
    assert len(many) == len(few)
    assert len([each for each in many if not each["sql"].startswith(("SAVEPOINT", "RELEASE"))]) <= 15


def test_the_editor_opens_without_the_statement_and_the_rest_is_untouched(signed_in, arn):
    edit = reverse("policies:edit", args=[arn])
    begun = signed_in.get(f"{edit}?without=2").context["form"]["policy_document"].value()
    assert begun == DOCUMENT.replace(
        '{"Sid": "Never",   "Effect": "Allow", "Action": "iam:GetGroup", "Resource": "*"},\n    ', ""
    )
    last = signed_in.get(f"{edit}?without=5").context["form"]["policy_document"].value()
    assert last == DOCUMENT.replace(
        ',\n    {"Sid": "Pass", "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}', ""
    )
    for number in ("0", "6", "-1", "x", "²", "9" * 50):
        assert signed_in.get(edit, {"without": number}).status_code == 404


def test_the_only_statement_is_not_taken_out():
    one = '{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    assert without_statement(one, 1) is None
    assert without_statement(one.replace("[", "").replace("]", ""), 1) is None
    assert without_statement("{", 1) is None
    two = '{"Statement": [{"Effect": "Deny"} , {"Effect": "Allow"}]}'
    assert without_statement(two, 1) == '{"Statement": [{"Effect": "Allow"}]}'
    assert without_statement(two, 2) == '{"Statement": [{"Effect": "Deny"}]}'
