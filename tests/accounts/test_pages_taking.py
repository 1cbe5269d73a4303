"""Several policies taken from a user, group or role at once."""

import re
from html import unescape

import pytest

from accounts.models import User
from accounts.operations.attachments import attach_group_policy, attach_user_policy
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy, put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.users import create_user
from policies.operations.managed_policies import create_policy
from tests.policies.conftest import document
from tests.signing_in import sign_in

PAGE = "/users/dora/remove-policies/"


@pytest.fixture
def dora(admin):
    """A user with two managed policies, an inline one, and one more through a group."""
    create_user(admin, user_name="dora")
    arns = [
        create_policy(admin, policy_name=name, policy_document=document(f"s3:{name}*"))["Policy"]["Arn"]
        for name in ("Get", "Put")
    ]
    for arn in arns:
        attach_user_policy(admin, user_name="dora", policy_arn=arn)
    put_user_policy(admin, user_name="dora", policy_name="own", policy_document=document("sqs:*"))
    create_group(admin, group_name="ops")
    add_user_to_group(admin, group_name="ops", user_name="dora")
    put_group_policy(admin, group_name="ops", policy_name="shared", policy_document=document("sns:*"))
    return arns


@pytest.fixture
def administrator(client, admin):
    sign_in(client, User.objects.get(name="alice"), mfa=True)
    return client


def words(response):
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


def held():
    user = User.objects.get(name="dora")
    return sorted(
        [*user.attachments.values_list("policy__name", flat=True), *user.inline_policies.values_list("name", flat=True)]
    )


def test_some_are_chosen_reviewed_taken_and_given_back(administrator, dora):
    listed = words(administrator.get("/users/dora/"))
    assert f'action="{PAGE}"' in listed
    assert listed.count('form="chosen-policies"') == 3  # not the group's
    chosen = {"managed": [dora[0]], "inline": ["own"]}
    review = words(administrator.post(PAGE, chosen))
    assert "Remove 2 policies from dora?" in review
    assert ("Detached" in review, "Deleted" in review) == (True, True)
    assert held() == ["Get", "Put", "own"]
    done = administrator.post(PAGE, chosen | {"go": "1"}, follow=True)
    assert "2 policies are taken from dora." in words(done)
    assert held() == ["Put"]
    token = re.search(r'form="undo" name="token" value="(\w+)"', done.content.decode())[1]
    administrator.post("/undo/", {"token": token, "next": "/users/dora/"})
    assert held() == ["Get", "Put", "own"]


@pytest.mark.parametrize("sent", [{}, {"inline": "shared"}, {"managed": "arn:aws:iam::aws:policy/None"}])
def test_what_is_not_its_own_is_not_chosen(administrator, dora, sent):
    assert "Nothing was selected." in words(administrator.post(PAGE, sent | {"go": "1"}, follow=True))
    assert held() == ["Get", "Put", "own"]


def test_all_or_none(client, dora, make_user):
    may = ["iam:GetUser", "iam:ListAttachedUserPolicies", "iam:ListUserPolicies", "iam:DetachUserPolicy"]
    sign_in(client, make_user("vera", document(may)))
    assert client.post(PAGE, {"managed": dora, "inline": "own", "go": "1"}).status_code == 403
    assert held() == ["Get", "Put", "own"]
    assert client.post(PAGE, {"managed": dora, "go": "1"}).status_code == 302
    assert held() == ["own"]


def test_it_is_not_offered_to_who_may_not(client, dora, make_user):
    may = ["iam:GetUser", "iam:ListAttachedUserPolicies", "iam:ListUserPolicies", "iam:ListGroupsForUser"]
    sign_in(client, make_user("vera", document(may)))
    assert "chosen-policies" not in words(client.get("/users/dora/"))
    for sent in ({"managed": dora}, {"inline": "own"}, {"inline": "absent"}, {"managed": dora, "go": "1"}):
        assert client.post(PAGE, sent).status_code == 403
    assert client.get(PAGE).status_code == 405


def test_of_a_group_it_is_said_what_its_members_lose(administrator, admin, dora):
    for arn in dora:
        attach_group_policy(admin, group_name="ops", policy_arn=arn)
    shown = words(administrator.post("/groups/ops/remove-policies/", {"managed": dora, "inline": "shared"}))
    assert "Remove 3 policies from ops?" in shown
    assert "Who gains or loses what" in shown
    assert "fewer actions" in shown
    administrator.post("/groups/ops/remove-policies/", {"managed": dora, "inline": "shared", "go": "1"})
    assert "No policies" in words(administrator.get("/groups/ops/permissions/"))
