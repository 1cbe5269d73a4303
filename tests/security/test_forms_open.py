"""A form opens only for whom the operation behind it may be allowed; what is typed there decides the rest when it is sent."""

import json

import pytest
from django.urls import reverse

from accounts.operations.groups import create_group
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from operations.caller import Caller
from operations.models import Event
from policies.operations.managed_policies import create_policy
from policies.operations.policy_versions import create_policy_version
from tests.signing_in import sign_in

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
FORMS = {
    "accounts:user-create": "iam:CreateUser",
    "accounts:group-create": "iam:CreateGroup",
    "accounts:role-create": "iam:CreateRole",
    "accounts:user-rename": "iam:UpdateUser",
    "accounts:user-delete": "iam:DeleteUser",
    "accounts:user-attach": "iam:AttachUserPolicy",
    "accounts:user-boundary": "iam:PutUserPermissionsBoundary",
    "accounts:group-rename": "iam:UpdateGroup",
    "accounts:group-delete": "iam:DeleteGroup",
    "accounts:group-attach": "iam:AttachGroupPolicy",
    "accounts:group-add-users": "iam:AddUserToGroup",
    "accounts:role-edit": "iam:UpdateRole",
    "accounts:role-delete": "iam:DeleteRole",
    "accounts:role-attach": "iam:AttachRolePolicy",
    "accounts:role-boundary": "iam:PutRolePermissionsBoundary",
    "policies:create": "iam:CreatePolicy",
    "policies:attach": "iam:AttachUserPolicy",
    "policies:edit": "iam:CreatePolicyVersion",
    "policies:delete": "iam:DeletePolicy",
    "policies:set-default": "iam:SetDefaultPolicyVersion",
    "policies:delete-version": "iam:DeletePolicyVersion",
}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(action, resource="*", **rest):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **rest}


READING = allow(["iam:Get*", "iam:List*"])


@pytest.fixture
def opened(client, make_user, system):
    """The page of a form as somebody with these statements opens it."""
    create_user(system, user_name="dora")
    create_group(system, group_name="ops")
    create_role(system, role_name="web", assume_role_policy_document=TRUST)
    arn = create_policy(system, policy_name="reading", policy_document=policy(READING))["Policy"]["Arn"]
    create_policy_version(system, policy_arn=arn, policy_document=policy(allow("s3:*")), set_as_default=True)

    def open_form(page, *statements):
        sign_in(client, make_user("vera", policy(*statements)), mfa=True)
        app, _colon, name = page.partition(":")
        args = (
            [arn]
            if app == "policies"
            else {"user": ["dora"], "group": ["ops"], "role": ["web"]}[name.partition("-")[0]]
        )
        return client.get(reverse(page, args=[] if page.endswith("create") else args), {"version": "v1"})

    return open_form


@pytest.mark.parametrize("page", FORMS)
def test_whoever_may_only_read_is_told_so_before_typing(opened, page):
    assert opened(page, READING).status_code == 403
    event = Event.objects.get(name=FORMS[page].partition(":")[2], error_code="AccessDenied")
    assert json.loads(event.record)["readOnly"] is False


@pytest.mark.parametrize("page", FORMS)
def test_whoever_may_do_it_gets_the_form_and_nothing_is_recorded_yet(opened, page):
    assert opened(page, READING, allow(FORMS[page])).status_code == 200
    assert not Event.objects.filter(name=FORMS[page].partition(":")[2], user_name="vera").exists()


@pytest.mark.parametrize(
    ("page", "statement"),
    [
        ("accounts:user-create", allow("iam:CreateUser", "arn:aws:iam::*:user/team/*")),
        (
            "accounts:user-attach",
            allow(
                "iam:AttachUserPolicy",
                Condition={"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
            ),
        ),
        (
            "accounts:role-boundary",
            allow(
                "iam:PutRolePermissionsBoundary",
                Condition={"StringLike": {"iam:PermissionsBoundary": "*:policy/limit"}},
            ),
        ),
    ],
)
def test_being_allowed_for_some_of_what_can_be_typed_is_enough(opened, page, statement):
    assert opened(page, READING, statement).status_code == 200


def test_what_is_denied_for_everything_does_not_open(opened):
    deny = {"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}
    assert opened("accounts:user-create", READING, allow("iam:CreateUser"), deny).status_code == 403


def test_the_button_to_create_is_there_for_whoever_may_create_below_a_path(opened, client):
    opened("accounts:user-create", READING, allow("iam:CreateUser", "arn:aws:iam::*:user/team/*"))
    assert reverse("accounts:user-create") in client.get(reverse("accounts:users")).content.decode()


def test_every_layer_must_leave_something():
    from engine import Policies, Policy, Principal

    everything, nothing = Policy.parse(policy(allow("*"))), Policy.parse(policy(allow("s3:*")))
    who = Principal.from_arn("arn:aws:iam::123456789012:user/vera")

    def may(**layers):
        return Caller("123456789012", who, {}, policies=Policies(**layers)).may_somehow("iam:CreateUser")

    assert may(identity=[everything])
    assert not may(identity=[nothing])
    assert not may(identity=[everything], boundaries=[nothing])
    assert not may(identity=[everything], session=[nothing])
    assert not may(identity=[everything], service_control=[[nothing]])
