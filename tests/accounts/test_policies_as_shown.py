"""What the pages of a holder offer and show: nothing that is so already, and documents as they were written."""

import html
import re

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.operations.attachments import attach_user_policy
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_user_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from policies.operations.managed_policies import create_policy
from tests.conftest import ADMINISTRATOR
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
ATTACHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:Get*","iam:ListPolicies","iam:AttachUserPolicy"],"Resource":"*"}]}'


@pytest.fixture
def dora(system):
    create_user(system, user_name="dora")
    return User.objects.get(name="dora")


@pytest.fixture
def administrator(client, make_user):
    sign_in(client, make_user("alice", ADMINISTRATOR), mfa=True)
    return client


def offered(page):
    """The rows of the pickers in a page."""
    return re.findall(r'id="\w+-row-\d+"[^>]*>\s*<span class="picker-name"><b>([^<]+)</b>', page.content.decode())


@pytest.fixture
def reading(system, dora):
    """A policy that dora has and one that she has not."""
    create_policy(system, policy_name="writing", policy_document=READ)
    arn = create_policy(system, policy_name="reading", policy_document=READ)["Policy"]["Arn"]
    attach_user_policy(system, user_name="dora", policy_arn=arn)
    return arn


def test_a_policy_that_is_attached_is_not_offered_again(administrator, dora, reading):
    page = administrator.get(reverse("accounts:user-attach", args=["dora"]))
    assert offered(page) == ["writing"]
    assert f'name="without" value="{reading}"' in page.content.decode()
    step = {"name": "policy_arn", "policy_arn-q": "ing", "without": reading}
    assert offered(administrator.get(reverse("pages:pick", args=["policies"]), step)) == ["writing"]


def test_whoever_may_not_see_what_is_attached_is_offered_all(client, make_user, dora, reading):
    sign_in(client, make_user("helper", ATTACHING))
    assert offered(client.get(reverse("accounts:user-attach", args=["dora"]))) == ["reading", "writing"]


def test_a_group_that_the_user_is_in_is_not_offered_again(administrator, system, dora):
    for name in ("builders", "readers"):
        create_group(system, group_name=name)
    add_user_to_group(system, group_name="builders", user_name="dora")
    address = reverse("accounts:user-groups", args=["dora"])
    assert offered(administrator.get(address)) == ["readers"]
    administrator.post(address, {"groups": ["readers"], "join": "1"})
    assert sorted(dora.groups.values_list("name", flat=True)) == ["builders", "readers"]
    assert "There is nothing else to choose." in administrator.get(address).content.decode()


def test_an_inline_policy_is_edited_as_it_was_written(administrator, system, dora):
    put_user_policy(system, user_name="dora", policy_name="own", policy_document=READ)
    page = administrator.get(reverse("accounts:user-inline", args=["dora", "own"]))
    assert page.context["form"]["policy_document"].value() == READ
    html_ = html.unescape(page.content.decode())
    assert "Inline policy own</h1>" in html_
    assert "Up to 128 characters" not in html_


def test_a_trust_policy_is_edited_as_it_was_written(administrator, system):
    create_role(system, role_name="app", assume_role_policy_document=TRUST)
    page = administrator.get(reverse("accounts:role-trust", args=["app"]))
    assert page.context["form"]["policy_document"].value() == TRUST


@pytest.mark.parametrize(("value", "lead"), [("", "Tag: reviewed"), ("yes", "Tag: reviewed = yes")])
def test_the_outcome_names_the_tag_that_was_set(administrator, dora, value, lead):
    data = {"select": [str(dora.pk)], "go": "1", "total": "1", "key": "reviewed", "value": value}
    page = administrator.post(reverse("accounts:users-tag"), data).content.decode()
    assert f">{lead}</p>" in page
