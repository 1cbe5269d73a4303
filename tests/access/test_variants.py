"""The changes that would allow a denied call, each with whom it touches; and the denial as text for a ticket."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from accounts.operations.attachments import attach_role_policy, attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.groups import create_group, list_groups
from accounts.operations.inline_policies import put_role_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.tags import tag_user
from operations.caller import Caller
from operations.errors import AccessDenied
from operations.models import Event
from policies.operations.managed_policies import create_policy
from tests.access.conftest import document
from tests.signing_in import sign_in

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:user/bob"},
                "Action": "sts:AssumeRole",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ],
    }
)
DENYING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "NoGroups", "Effect": "Deny", "Action": "iam:ListGroups", "Resource": "*"}],
    }
)


@pytest.fixture
def bob(make_user: Any) -> User:
    user: User = make_user("bob")
    return user


@pytest.fixture
def denied(caller_of: Any) -> Any:
    """The Event of a list of groups that somebody was refused."""

    def refused(user: User) -> Event:
        with pytest.raises(AccessDenied):
            list_groups(caller_of(User.objects.get(pk=user.pk)))
        return Event.objects.latest("id")

    return refused


def page_of(client: Client, event: Event) -> Any:
    return client.get(reverse("access:why", args=[event.event_id]))


def told(page: Any) -> dict[str, str]:
    return {each.change: each.risk for each in page.context["variants"].rows}


OWN = "Allow iam:ListGroups on arn:aws:iam::123456789012:group/ in a policy of bob"


def test_an_own_policy_a_group_and_a_role_are_the_ways(
    signed_in: Client, admin: Caller, bob: User, make_user: Any, denied: Any
) -> None:
    make_user("amy")
    create_group(admin, group_name="readers")
    for name in ("bob", "amy"):
        add_user_to_group(admin, group_name="readers", user_name=name)
    for name, action in (("lister", "iam:ListGroups"), ("other", "iam:ListUsers")):
        create_role(admin, role_name=name, assume_role_policy_document=TRUST)
        put_role_policy(admin, role_name=name, policy_name="own", policy_document=document([action]))
    create_role(admin, role_name="closed", assume_role_policy_document=TRUST.replace("user/bob", "user/amy"))
    put_role_policy(admin, role_name="closed", policy_name="own", policy_document=document(["iam:ListGroups"]))
    page = page_of(signed_in, denied(bob))
    assert told(page) == {
        OWN: "Touches bob alone.",
        "Allow it in a policy of the group readers": "Touches 2 people, all members of the group.",
        "Switch to the role lister, which allows it already": "Touches nobody: no policy changes. In the role, bob may do all that "
        "the role allows. Needed besides: MFA.",
    }
    assert [each.href for each in page.context["variants"].rows] == [
        "/users/bob/inline/",
        "/groups/readers/",
        "/roles/lister/",
    ]
    assert "One of these is enough." in page.content.decode()


def test_the_boundary_is_changed_for_all_who_have_it_or_for_one(
    signed_in: Client, admin: Caller, bob: User, make_user: Any, denied: Any
) -> None:
    make_user("amy")
    arns = {
        name: create_policy(admin, policy_name=name, policy_document=document([action]))["Policy"]["Arn"]
        for name, action in (("limit", "iam:ListUsers"), ("groups", "iam:ListGroups"))
    }
    attach_user_policy(admin, user_name="bob", policy_arn=arns["groups"])
    for name in ("bob", "amy"):
        put_user_permissions_boundary(admin, user_name=name, permissions_boundary=arns["limit"])
    event = denied(bob)
    assert told(page_of(signed_in, event)) == {
        "Allow iam:ListGroups on arn:aws:iam::123456789012:group/ in the boundary limit": "Touches 2 users and roles, all that have "
        "this boundary.",
        "Give bob another boundary, which allows it": "Touches bob alone.",
    }


def test_where_two_layers_are_silent_each_must_allow(signed_in: Client, admin: Caller, bob: User, denied: Any) -> None:
    arn = create_policy(admin, policy_name="limit", policy_document=document(["iam:ListUsers"]))["Policy"]["Arn"]
    put_user_permissions_boundary(admin, user_name="bob", permissions_boundary=arn)
    page = page_of(signed_in, denied(bob))
    assert len(told(page)) == 3
    assert "Identity policies, Permissions boundary" in page.content.decode()
    assert "One of these is enough." not in page.content.decode()


def test_a_deny_is_left_out_for_all_who_have_the_policy(
    signed_in: Client, admin: Caller, bob: User, denied: Any
) -> None:
    arn = create_policy(admin, policy_name="guard", policy_document=DENYING)["Policy"]["Arn"]
    attach_user_policy(admin, user_name="bob", policy_arn=arn)
    create_role(admin, role_name="web", assume_role_policy_document=TRUST)
    attach_role_policy(admin, role_name="web", policy_arn=arn)
    page = page_of(signed_in, denied(bob))
    assert told(page) == {
        "Leave it out of NoGroups in guard": "Touches 2 users, groups and roles that have the policy."
    }
    assert "each of these must still allow it: Identity policies." in page.content.decode()


def test_where_all_else_allows_only_the_denials_stand_in_the_way(
    signed_in: Client, admin: Caller, bob: User, denied: Any
) -> None:
    for name, text in (("guard", DENYING), ("groups", document(["iam:ListGroups"]))):
        arn = create_policy(admin, policy_name=name, policy_document=text)["Policy"]["Arn"]
        attach_user_policy(admin, user_name="bob", policy_arn=arn)
    assert page_of(signed_in, denied(bob)).context["variants"].lead.endswith("none of them may stay as it is.")


def test_only_what_the_reader_may_see(client: Client, admin: Caller, bob: User, make_user: Any, denied: Any) -> None:
    create_group(admin, group_name="readers")
    add_user_to_group(admin, group_name="readers", user_name="bob")
    create_role(admin, role_name="lister", assume_role_policy_document=TRUST)
    put_role_policy(admin, role_name="lister", policy_name="own", policy_document=document(["iam:ListGroups"]))
    event = denied(bob)
    sign_in(client, make_user("vera", document(["cloudtrail:LookupEvents"])))
    page = page_of(client, event)
    assert told(page) == {}
    assert "readers" not in page.content.decode()
    sign_in(client, make_user("ute", document(["cloudtrail:LookupEvents", "iam:GetUser"])))
    page = page_of(client, event)
    assert told(page) == {OWN: "Touches bob alone."}
    assert page.context["variants"].rows[0].href == ""


def test_whoever_was_denied_copies_what_the_page_says_and_no_more(
    client: Client, admin: Caller, bob: User, denied: Any
) -> None:
    create_group(admin, group_name="readers")
    add_user_to_group(admin, group_name="readers", user_name="bob")
    event = denied(bob)
    sign_in(client, bob)
    page = page_of(client, event)
    text = page.context["text"]
    assert text.startswith("bob may not perform iam:ListGroups on")
    assert f"Event ID: {event.event_id}" in text
    assert "Missing permission: iam:ListGroups" in text
    assert f"Link: http://testserver/why/{event.event_id}/" in text
    assert "One of these is enough" not in text
    assert "readers" not in text
    assert "Similar questions" not in page.content.decode()


def test_the_text_has_the_ways_and_the_page_leads_to_similar_questions(
    signed_in: Client, bob: User, denied: Any
) -> None:
    event = denied(bob)
    page = page_of(signed_in, event)
    assert f"- {OWN}. Touches bob alone." in page.context["text"]
    html = page.content.decode()
    assert "Copy as text" in html
    for words, query in page.context["similar"]:
        assert words in html
        assert str(event.event_id) in signed_in.get(f"{reverse('audit:events')}?{query}").content.decode()


def test_somebody_who_is_gone_leaves_no_ways(signed_in: Client, bob: User, denied: Any) -> None:
    event = denied(bob)
    bob.delete()
    assert told(page_of(signed_in, event)) == {}


def test_it_costs_the_same_for_many_roles(
    signed_in: Client, admin: Caller, bob: User, denied: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        create_role(admin, role_name=f"r{number}", assume_role_policy_document=TRUST)
        put_role_policy(admin, role_name=f"r{number}", policy_name="own", policy_document=document(["iam:ListGroups"]))
    event = denied(bob)
    page_of(signed_in, event)
    assert Role.objects.count() == 12
    with django_assert_max_num_queries(15):
        assert len(told(page_of(signed_in, event))) == 4


def test_how_many_is_told_to_who_may_open_what_is_changed(
    client: Client, admin: Caller, bob: User, make_user: Any, denied: Any
) -> None:
    create_group(admin, group_name="readers")
    add_user_to_group(admin, group_name="readers", user_name="bob")
    event = denied(bob)
    arn = create_policy(admin, policy_name="guard", policy_document=DENYING)["Policy"]["Arn"]
    attach_user_policy(admin, user_name="bob", policy_arn=arn)
    refused = denied(bob)
    seen = ["cloudtrail:LookupEvents", "iam:GetUser", "iam:ListGroupsForUser"]
    sign_in(client, make_user("vera", document(seen)))
    assert (
        told(page_of(client, event))["Allow it in a policy of the group readers"] == "Touches all members of the group."
    )
    assert told(page_of(client, refused)) == {
        "Leave it out of NoGroups in guard": "Touches all users, groups and roles that have the policy."
    }


def test_a_right_that_hangs_on_a_tag_is_enough(
    client: Client, admin: Caller, bob: User, make_user: Any, denied: Any
) -> None:
    create_group(admin, group_name="readers")
    add_user_to_group(admin, group_name="readers", user_name="bob")
    tag_user(admin, user_name="bob", tags=[{"Key": "team", "Value": "ops"}])
    event = denied(bob)
    statements = [
        {"Effect": "Allow", "Action": ["cloudtrail:LookupEvents", "iam:GetUser"], "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": "iam:ListGroupsForUser",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "ops"}},
        },
    ]
    sign_in(client, make_user("vera", json.dumps({"Version": "2012-10-17", "Statement": statements})))
    assert "Allow it in a policy of the group readers" in told(page_of(client, event))
