"""Groups that may be too many: empty ones, and those with the same users or the same policies as another."""

import json
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.cascades import delete_user_completely
from accounts.group_digests import keep_all
from accounts.models import Group, User
from accounts.operations.attachments import attach_group_policy, detach_group_policy
from accounts.operations.groups import create_group
from accounts.operations.inline_policies import delete_group_policy, put_group_policy
from accounts.operations.memberships import add_user_to_group, remove_user_from_group
from accounts.operations.users import create_user
from operations.ids import unique_id
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import html_of, text_of
from tests.conftest import ACCOUNT
from tests.signing_in import sign_in

READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'


def document(*actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})


def names(client, query):
    answer = client.get(f"/groups/?{query}&export=json&columns=name")
    return [row["name"] for row in json.loads(b"".join(answer.streaming_content))]


@pytest.fixture
def groups(administrator, system):
    """The same users are in `dev` and `ops`, `web` and `job` say the same, `void` is empty."""
    for name in ("dora", "erin"):
        create_user(system, user_name=name)
    arn = create_policy(system, policy_name="read", policy_document=READ)["Policy"]["Arn"]
    for name in ("dev", "job", "ops", "void", "web"):
        create_group(system, group_name=name)
    for name in ("dev", "ops"):
        for user in ("dora", "erin"):
            add_user_to_group(system, group_name=name, user_name=user)
    add_user_to_group(system, group_name="web", user_name="dora")
    add_user_to_group(system, group_name="job", user_name="erin")
    for name in ("job", "web"):
        attach_group_policy(system, group_name=name, policy_arn=arn)
    put_group_policy(system, group_name="job", policy_name="one", policy_document=READ)
    spaced = json.dumps(json.loads(READ), indent=2)
    put_group_policy(system, group_name="web", policy_name="two", policy_document=spaced)
    return arn


def test_the_same_users_and_the_same_policies_are_found(administrator, groups):
    assert names(administrator, "f=same-users:eq:yes") == ["dev", "ops"]
    assert names(administrator, "f=same-users:eq:no") == ["job", "void", "web"]
    assert names(administrator, "f=same-policies:eq:yes") == ["job", "web"]
    assert names(administrator, "f=same-policies:eq:no") == ["dev", "ops", "void"]
    assert names(administrator, "f=members:eq:0") == ["void"]


def test_each_membership_moves_it(administrator, system, groups):
    remove_user_from_group(system, group_name="dev", user_name="dora")
    assert names(administrator, "f=same-users:eq:yes") == ["dev", "job"]
    remove_user_from_group(system, group_name="dev", user_name="erin")
    assert names(administrator, "f=same-users:eq:yes") == []
    assert Group.objects.get(name="dev").members_digest == 0
    delete_user_completely(system, User.objects.get(name="erin"))
    assert names(administrator, "f=same-users:eq:yes") == ["ops", "web"]


def test_each_policy_moves_it(administrator, system, groups):
    put_group_policy(system, group_name="web", policy_name="two", policy_document=document("s3:ListBucket"))
    assert names(administrator, "f=same-policies:eq:yes") == []
    delete_group_policy(system, group_name="web", policy_name="two")
    delete_group_policy(system, group_name="job", policy_name="one")
    assert names(administrator, "f=same-policies:eq:yes") == ["job", "web"]
    detach_group_policy(system, group_name="web", policy_arn=groups)
    assert names(administrator, "f=same-policies:eq:yes") == []
    assert Group.objects.get(name="web").policies_digest == 0


def test_counting_anew_finds_the_same(groups):
    kept = list(Group.objects.order_by("pk").values_list("members_digest", "policies_digest"))
    Group.objects.update(members_digest=7, policies_digest=7)
    keep_all(ACCOUNT)
    assert list(Group.objects.order_by("pk").values_list("members_digest", "policies_digest")) == kept
    Group.objects.update(members_digest=0, policies_digest=0)
    import_module("accounts.migrations.0007_same_groups").fill(apps, None)
    assert list(Group.objects.order_by("pk").values_list("members_digest", "policies_digest")) == kept


def test_the_list_says_which_and_offers_them_ready(administrator, groups):
    page = administrator.get("/groups/")
    said = text_of(page)
    assert "2 the same as ops" in said
    assert "2 the same as dev" in said
    assert "2 the same as web" in said
    assert 'href="/groups/?f=same-users:eq:yes"' in html_of(page)
    assert 'href="/groups/?f=same-policies:eq:yes"' in html_of(page)
    shown = text_of(administrator.get("/groups/?columns=same_users,same_policies&sort=same_users"))
    assert "dev ops –" in shown
    assert "job – web" in shown


def test_the_group_s_page_leads_to_where_to_act(administrator, groups):
    page = administrator.get("/groups/dev/")
    assert "The same users are in ops" in text_of(page)
    assert 'href="/compare/?a=group/dev&amp;b=group/ops"' in html_of(page)
    assert administrator.get("/compare/?a=group/dev&b=group/ops").status_code == 200
    assert "The same policies are on web" in text_of(administrator.get("/groups/job/"))
    page = administrator.get("/groups/void/")
    assert text_of(page).count("Nobody is in this group") == 1
    assert "This group gives nobody anything" in text_of(page)
    assert 'href="/groups/void/delete/"' in html_of(page)
    assert "The same" not in text_of(page)


def test_no_more_is_told_than_may_be_read(client, make_user, groups):
    sign_in(
        client,
        make_user("vera", document("iam:ListGroups", "iam:ListAttachedGroupPolicies", "iam:ListGroupPolicies")),
        mfa=True,
    )
    page = client.get("/groups/?columns=same_users,same_policies,policies,members")
    assert "the same as" not in text_of(page)
    assert "same-users" not in html_of(page)
    assert "same-policies" not in html_of(page)
    assert "to filter by “Same users as another group”" in text_of(client.get("/groups/?f=same-users:eq:yes"))
    assert "to filter by “Same policies as another group”" in text_of(client.get("/groups/?f=same-policies:eq:yes"))


def test_a_group_s_page_names_no_other_to_who_may_not_list_them(client, make_user, groups):
    sign_in(client, make_user("vera", document("iam:GetGroup", "iam:GetGroupPolicy")), mfa=True)
    page = text_of(client.get("/groups/dev/"))
    assert "dora" in page
    assert "The same" not in page
    assert "ops" not in page.partition("Last accessed")[2]
    assert "Delete group" not in text_of(client.get("/groups/void/"))


@pytest.mark.parametrize(
    "address", ["/groups/", "/groups/?f=same-users:eq:yes", "/groups/?f=same-policies:eq:yes", "/groups/dev/"]
)
def test_the_pages_cost_the_same_number_of_queries_at_any_size(administrator, account, groups, address):
    def count():
        with CaptureQueriesContext(connection) as asked:
            administrator.get(address)
        return len(asked)

    def grow(start, end):
        Group.objects.bulk_create(
            Group(
                account=account,
                name=f"g{n}",
                name_key=f"g{n}",
                unique_id=unique_id("AGPA"),
                member_count=2,
                members_digest=5,
                policies_digest=9,
            )
            for n in range(start, end)
        )

    grow(0, 60)
    count()
    few = count()
    grow(60, 1000)
    assert count() == few <= 15
