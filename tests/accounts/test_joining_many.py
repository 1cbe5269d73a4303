"""Before many users join or leave a group: which group it is, what it gives, and for whom nothing changes."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from accounts.operations.attachments import attach_group_policy
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import put_group_policy
from accounts.operations.memberships import add_user_to_group
from accounts.operations.users import create_user
from operations.models import Event
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import html_of as text
from tests.conftest import ADMINISTRATOR
from tests.signing_in import sign_in

ADDRESS = "/users/add-to-group/"
READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'


@pytest.fixture
def group(system):
    """A group of two policies, one of which gives administrator access, with one of three users in it."""
    create_group(system, group_name="ops")
    create_group(system, group_name="dev")
    arn = create_policy(system, policy_name="everything", policy_document=ADMINISTRATOR)["Policy"]["Arn"]
    attach_group_policy(system, group_name="ops", policy_arn=arn)
    put_group_policy(system, group_name="ops", policy_name="little", policy_document=READ)
    for name in ("dora", "emil", "fred"):
        create_user(system, user_name=name)
    add_user_to_group(system, group_name="ops", user_name="dora")


@pytest.fixture
def chosen(group):
    return {"select": list(User.objects.filter(name__in=("dora", "emil", "fred")).values_list("pk", flat=True))}


def rows(page):
    """The cells of the reviewed rows, by name."""
    page = page[page.index("<table") :]
    return {name: page.partition(f">{name}<")[2].partition("</tr>")[0] for name in ("dora", "emil", "fred")}


def test_the_group_is_chosen_first_and_none_is_preset(administrator, chosen):
    page = text(administrator.post(ADDRESS, chosen))
    assert 'placeholder="Search groups by name"' in page
    assert 'name="group-create"' in page
    assert 'id="groups-panel"' in page
    assert not re.search(r'name="group" value="\w+" checked', page)
    assert page.index(">Review</button>") < page.index("<table"), "not below all rows"
    assert 'id="go-button"' not in page
    assert ">Review</button>" in page
    for pressed in ("review", "go"):
        without = administrator.post(ADDRESS, chosen | {"asked": "1", pressed: "1", "group": ""})
        assert "Choose one." in text(without)
    assert Membership.objects.count() == 1


def test_the_review_tells_who_is_a_member_and_what_the_group_gives(administrator, chosen):
    page = text(administrator.post(ADDRESS, chosen | {"asked": "1", "review": "1", "group": "ops"}))
    assert "Group: ops" in page
    told = rows(page)
    assert "Already a member: nothing changes" in told["dora"]
    assert "Already" not in told["emil"] + told["fred"]
    assert "Add to group" in told["emil"]
    assert ">Add 2 users<" in page
    assert "Access changes for 2 users" in page


def test_what_was_reviewed_is_done_and_members_are_left(administrator, chosen, system):
    add_user_to_group(system, group_name="dev", user_name="dora")
    done = text(administrator.post(ADDRESS, chosen | {"asked": "1", "go": "1", "group": "dev"}))
    assert "<h1>2 users added to a group" in done
    assert "Already a member: nothing changes" in rows(done)["dora"]
    assert Event.objects.filter(name="AddUserToGroup", user_name="alice").count() == 2
    assert set(User.objects.filter(groups__name="dev").values_list("name", flat=True)) == {"dora", "emil", "fred"}


def test_a_group_can_be_searched_for(administrator, chosen):
    page = text(administrator.post(ADDRESS, chosen | {"asked": "1", "group-search": "1", "group-q": "op"}))
    assert 'value="ops"' in page
    assert 'value="dev"' not in page
    assert "Choose one." not in page


def test_a_group_that_is_not_there_or_not_permitted_is_told_at_the_field(administrator, client, make_user, chosen):
    asked = chosen | {"asked": "1", "review": "1"}
    assert "There is no group of this name." in text(administrator.post(ADDRESS, asked | {"group": "gone"}))
    statements = [
        {"Effect": "Allow", "Action": ["iam:ListUsers", "iam:ListGroups"], "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:AddUserToGroup", "Resource": "arn:aws:iam::*:group/dev"},
    ]
    sign_in(client, make_user("vera", json.dumps({"Version": "2012-10-17", "Statement": statements})), mfa=True)
    for name in ("ops", "gone"):
        page = text(client.post(ADDRESS, asked | {"group": name}))
        assert "You may not add users to this group (iam:AddUserToGroup)." in page
    for pressed in ("review", "go"):
        client.post(ADDRESS, asked | {"group": "ops", pressed: "1"})
    assert Membership.objects.count() == 1
    assert ">Add 3 users<" in text(client.post(ADDRESS, asked | {"group": "dev"}))


def test_a_full_user_who_is_a_member_is_no_exception(administrator, chosen):
    User.objects.filter(name__in=("dora", "emil")).update(group_count=10)
    page = text(administrator.post(ADDRESS, chosen | {"asked": "1", "review": "1", "group": "ops"}))
    told = rows(page)
    assert "Already a member" in told["dora"]
    assert "In 10 groups already" in told["emil"]
    assert ">Add 1 user<" in page


def test_who_may_not_see_members_and_policies_is_not_told(client, make_user, chosen):
    actions = ["iam:ListUsers", "iam:ListGroups", "iam:AddUserToGroup"]
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    sign_in(client, make_user("vera", json.dumps(document)), mfa=True)
    page = text(client.post(ADDRESS, chosen | {"asked": "1", "review": "1", "group": "ops"}))
    assert "Already a member" not in page
    assert "Access changes" not in page
    assert "everything" not in page
    assert not Event.objects.filter(error_code="AccessDenied").exists()


def test_a_review_costs_the_same_number_of_queries_at_any_size(administrator, chosen, account):
    def queries(select):
        with CaptureQueriesContext(connection) as found:
            administrator.post(ADDRESS, {"select": select, "asked": "1", "review": "1", "group": "ops"})
        return len(found)

    queries(chosen["select"])
    few = queries(chosen["select"])
    User.objects.bulk_create(
        User(account=account, name=f"u{n}", name_key=f"u{n}", unique_id=f"AIDA{n:017}") for n in range(300)
    )
    assert queries(list(User.objects.values_list("pk", flat=True))) == few
