"""A list tells its reader no more than AWS's own calls would: properties that need more are not offered, found by or exported."""

import json
from re import findall

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.listings.groups import GROUPS
from accounts.listings.roles import ROLES
from accounts.listings.users import USERS
from accounts.models import User
from accounts.operations.attachments import attach_user_policy
from accounts.operations.groups import create_group
from accounts.operations.memberships import add_user_to_group
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from operations.clock import now
from operations.ids import unique_id
from policies.listings import POLICIES
from policies.operations.managed_policies import create_policy
from tests.accounts.browser import html_of as text
from tests.signing_in import sign_in

TRUST = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}})  # fmt: skip
LISTS = {"users": "iam:ListUsers", "groups": "iam:ListGroups", "roles": "iam:ListRoles", "policies": "iam:ListPolicies"}
WITHHELD = {  # filters of which AWS's List call tells nothing, with a value that there is
    "users": {
        "mfa:eq:none": "iam:ListMFADevices",
        "console:eq:no": "iam:GetLoginProfile",
        "activity:eq:never": "iam:ListAccessKeys, iam:GetAccessKeyLastUsed",
        "password-age:eq:never": "iam:GetLoginProfile",
        "key-age:eq:never": "iam:ListAccessKeys",
        "keys:eq:0": "iam:ListAccessKeys",
        "groups:eq:1": "iam:ListGroupsForUser",
        "group:eq:secret-circle": "iam:ListGroupsForUser",
        "policy:eq:secret-powers": "iam:ListAttachedUserPolicies",
        "inline:eq:none": "iam:ListUserPolicies",
        "boundary:eq:secret-powers": "iam:GetUser",
        "email:eq:(none)": "iam:GetUser",
        "tag:eq:team": "iam:ListUserTags",
    },
    "groups": {
        "members:eq:1": "iam:GetGroup",
        "policies:eq:0": "iam:ListAttachedGroupPolicies, iam:ListGroupPolicies",
        "policy:eq:secret-powers": "iam:ListAttachedGroupPolicies",
    },
    "roles": {
        "used:eq:never": "iam:GetRole",
        "policies:eq:0": "iam:ListAttachedRolePolicies, iam:ListRolePolicies",
        "policy:eq:secret-powers": "iam:ListAttachedRolePolicies",
        "boundary:eq:secret-powers": "iam:GetRole",
        "tag:eq:team": "iam:ListRoleTags",
    },
    "policies": {
        "allows:eq:s3:*": "iam:GetPolicyVersion",
        "description:has:hush": "iam:GetPolicy",
        "tag:eq:team": "iam:ListPolicyTags",
    },
}
COLUMNS = {
    "users": {"name", "signed_in", "created", "path", "arn", "unique_id"},
    "groups": {"name", "created", "path", "arn", "unique_id"},
    "roles": {"name", "trusted", "description", "session", "created", "path", "arn", "unique_id"},
    "policies": {"name", "type", "attachments", "boundaries", "trial", "updated", "created", "version", "path", "arn", "unique_id"},
}  # fmt: skip
LISTINGS = {"users": USERS, "groups": GROUPS, "roles": ROLES, "policies": POLICIES}


def allowing(*actions, resource="*"):
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]}
    )


@pytest.fixture
def organisation(system):
    """A user, a role and a policy, each with all that their lists can tell."""
    tags = [{"Key": "team", "Value": "hush"}]
    create_group(system, group_name="secret-circle")
    document = allowing("s3:*")
    policy = create_policy(system, policy_name="secret-powers", policy_document=document, description="hush", tags=tags)
    arn = policy["Policy"]["Arn"]
    create_user(system, user_name="dora", tags=tags, permissions_boundary=arn)
    add_user_to_group(system, group_name="secret-circle", user_name="dora")
    attach_user_policy(system, user_name="dora", policy_arn=arn)
    create_role(system, role_name="worker", assume_role_policy_document=TRUST, tags=tags, permissions_boundary=arn)
    User.objects.filter(name="dora").update(
        email="dora@example.com", console_access=True, mfa_device_count=0, password_changed_at=now()
    )


@pytest.fixture
def read(client, make_user, organisation):
    """Sign in somebody who may do just this; then a list is read by its query."""

    def reader(*actions, resource="*"):
        sign_in(client, make_user("vera", allowing(*actions, resource=resource)), mfa=True)
        return lambda kind, query="": client.get(f"{reverse(_page(kind))}{query}")

    return reader


def _page(kind):
    return "policies:policies" if kind == "policies" else f"accounts:{kind}"


def columns_of(response):
    lines = json.loads(b"".join(response.streaming_content))
    return set(lines[0])


@pytest.mark.parametrize("kind", LISTS)
def test_columns_and_exports_hold_what_the_call_answers(read, kind):
    page = read(LISTS[kind])
    every = ",".join(column.key for column in LISTINGS[kind].columns)
    assert columns_of(page(kind, f"?export=json&columns={every}")) == COLUMNS[kind]
    html = text(page(kind, f"?columns={every}"))
    offered = {column.key for column in LISTINGS[kind].columns if f'name="columns" value="{column.key}"' in html}
    assert offered == COLUMNS[kind]
    assert "No device" not in html


@pytest.mark.parametrize(("kind", "query"), [(kind, query) for kind in WITHHELD for query in WITHHELD[kind]])
def test_a_filter_by_what_is_withheld_says_what_it_needs_and_finds_nothing(read, kind, query):
    page = read(LISTS[kind])
    html = text(page(kind, f"?f={query}"))
    assert f"Needs {WITHHELD[kind][query]} to filter by" in html
    assert "Not filtered" in html
    assert json.loads(b"".join(page(kind, f"?f={query}&export=json").streaming_content)) == []
    negated = query.replace(":eq:", ":ne:").replace(":has:", ":not:")
    assert json.loads(b"".join(page(kind, f"?f={negated}&export=json&join=or").streaming_content)) == []


@pytest.mark.parametrize("kind", LISTS)
def test_suggestions_name_no_property_and_no_value_that_is_withheld(read, kind):
    page = read(LISTS[kind])
    offered = text(page(kind, "?suggest=1"))
    for query in WITHHELD[kind]:
        label = str(LISTINGS[kind].filter(query.partition(":")[0]).label)
        assert f"<span>{label}</span>" not in offered or label == "Users"
        values = text(page(kind, f"?suggest=1&add={label} = "))
        assert "Needs iam:" in values
        assert "secret-" not in values
        assert "team" not in values
        assert "<a " not in values


def test_an_order_by_what_is_withheld_is_the_lists_own(read):
    page = read("iam:ListUsers")
    assert findall(r'aria-sort="\w+"><a id="list-users-by-(\w+)"', text(page("users", "?sort=-groups"))) == ["name"]


def test_the_preview_follows(read):
    page, row = read("iam:ListUsers"), User.objects.get(name="dora")
    html = text(page("users", f"?preview={row.pk}"))
    facts = html[html.index('data-preview="') :]
    assert "Unique ID" in facts
    assert not [word for word in ("Active keys", "Permissions boundary", "MFA", "dora@example.com") if word in facts]


def test_free_text_finds_by_the_address_and_the_description_whoever_may_see_them(read, client, make_user):
    page = read("iam:ListUsers", "iam:ListPolicies")
    assert ">dora<" not in text(page("users", "?q=dora@example.com"))
    assert "secret-powers" not in text(page("policies", "?q=hush"))
    sign_in(client, make_user("amy", allowing("iam:ListUsers", "iam:GetUser", "iam:ListPolicies", "iam:GetPolicy")))
    assert ">dora<" in text(page("users", "?q=dora@example.com"))
    assert "secret-powers" in text(page("policies", "?q=hush"))


def test_the_search_over_everything_finds_by_a_tag_whoever_may_see_tags(read, client, make_user):
    read(*LISTS.values())
    found = text(client.get("/search/", {"q": "team=hush"}))
    assert not [name for name in ("dora", "worker", "secret-powers") if f">{name}<" in found]
    sign_in(client, make_user("amy", allowing(*LISTS.values(), "iam:List*Tags")))
    found = text(client.get("/search/", {"q": "team=hush"}))
    assert [name for name in ("dora", "worker", "secret-powers") if name in found] == [
        "dora",
        "worker",
        "secret-powers",
    ]


@pytest.mark.parametrize(
    ("actions", "query"),
    [
        (["iam:ListGroupsForUser"], "group:eq:secret-circle"),
        (["iam:ListGroups", "iam:GetGroup"], "group:eq:secret-circle"),
        (["iam:GetAccountAuthorizationDetails"], "group:eq:secret-circle"),
        (["iam:GetUser"], "tag:eq:team=hush"),
        (["iam:GetUser"], "boundary:eq:secret-powers"),
        (["iam:GetCredentialReport"], "mfa:eq:none"),
        (["iam:ListPolicies", "iam:ListEntitiesForPolicy"], "policy:eq:secret-powers"),
    ],
)
def test_each_way_to_be_told_is_enough(read, actions, query):
    page = read("iam:ListUsers", *actions)
    assert ">dora<" in text(page("users", f"?f={query}"))


def test_who_may_see_it_of_some_users_only_sees_it_of_none(client, make_user, organisation, account):
    some = {"Effect": "Allow", "Action": "iam:ListMFADevices", "Resource": f"arn:aws:iam::{account.pk}:user/ops/*"}
    everyone = {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}
    sign_in(client, make_user("vera", json.dumps({"Version": "2012-10-17", "Statement": [everyone, some]})))
    assert "Needs iam:ListMFADevices" in text(client.get(reverse("accounts:users"), {"f": "mfa:eq:none"}))


def test_an_action_on_all_that_a_withheld_filter_finds_is_about_nobody(client, make_user, organisation):
    document = allowing("iam:ListUsers", "iam:DeleteUser")
    sign_in(client, make_user("vera", document), mfa=True)
    review = text(client.post(reverse("accounts:users-delete"), {"all": "1", "state": "?f=group:eq:secret-circle"}))
    assert "dora" not in review


def test_deciding_costs_no_query_per_row(client, make_user, account):
    def queries():
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("accounts:users"))
        return len(found)

    sign_in(client, make_user("vera", allowing("iam:ListUsers", "iam:ListMFADevices")))
    queries()
    few = queries()
    User.objects.bulk_create(
        User(account=account, name=f"u{n:04}", name_key=f"u{n:04}", unique_id=unique_id("AIDA")) for n in range(40)
    )
    assert queries() == few


def test_the_review_of_a_deletion_tells_nothing_of_whom_the_reader_may_not_delete(read, client):
    read("iam:ListUsers")
    dora = User.objects.get(name="dora")
    review = text(client.post(reverse("accounts:users-delete"), {"select": dora.pk}))
    assert "iam:" in review
    assert not [loss for loss in ("1 console password", "1 group membership", "1 attached policy") if loss in review]
