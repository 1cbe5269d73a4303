"""Who reaches a role through others: shortest ways, step by step, within bounds that are said."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access import chaining
from access.callers import Connection
from access.credentials import credential
from accounts.models import Role, User
from accounts.operations.boundaries import put_role_permissions_boundary
from accounts.operations.tags import tag_role
from operations.clock import now
from operations.errors import AccessDenied
from operations.gate import REGISTRY
from operations.ids import unique_id
from policies.operations.managed_policies import create_policy
from tests.conftest import ADMINISTRATOR
from tests.federation.conftest import allow
from tests.signing_in import sign_in

ACCOUNT = "arn:aws:iam::123456789012"
ROOT = f"{ACCOUNT}:root"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def on(*roles):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Resource": [f"{ACCOUNT}:role/{each}" for each in roles],
                }
            ],
        }
    )


@pytest.fixture
def administrator(client, make_user):
    sign_in(client, make_user("alice", on("Nothing")), mfa=True)
    User.objects.get(name="alice").inline_policies.update(
        document=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": ["iam:*", "cloudtrail:*"], "Resource": "*"}],
            }
        )
    )
    return client


def page_of(client, kind="user-chain", name="Reader", **query):
    return client.get(reverse("federation:role-who-can-assume", args=[name]), {"kind": kind, **query})


def chains(client, kind="user-chain", **query):
    """Who begins → the roles in order, each with what it needs."""
    found = page_of(client, kind, **query).context["answer"].value.found
    return {each.row.name: [(link.role.name, link.how.condition) for link in each.links] for each in found}


@pytest.fixture
def way(make_role, make_user):
    """vera → First → Second → Reader."""
    make_user("vera", on("First"))
    make_user("nobody")
    make_role("Reader")
    make_role("Second", policy=on("Reader"))
    make_role("First", policy=on("Second"))


def test_a_way_is_shown_step_by_step(administrator, way):
    assert chains(administrator) == {"vera": [("First", ""), ("Second", ""), ("Reader", "")]}
    assert chains(administrator, "role-chain") == {"First": [("Second", ""), ("Reader", "")]}
    text = re.sub(r"\s+", " ", page_of(administrator).content.decode())
    assert "1 of the users asked about on this page reaches it through other roles" in text
    own = '<a href="/users/vera/inline/given/"><code>given</code></a> <span class="soft small">inline policy of user vera</span>'
    assert own in text
    assert '<code>given</code></a> <span class="soft small">inline policy of role First</span>' in text
    assert "Not possible" in text
    assert "a session that one role begins in another lasts an hour at most" in text


def test_aws_sts_says_the_same_at_each_step(administrator, way, caller_of):
    caller = caller_of(User.objects.get(name="vera"))
    with pytest.raises(AccessDenied):
        REGISTRY["sts:AssumeRole"](caller, role_arn=f"{ACCOUNT}:role/Reader", role_session_name="session")
    for role, _needs in chains(administrator)["vera"]:
        given = REGISTRY["sts:AssumeRole"](caller, role_arn=f"{ACCOUNT}:role/{role}", role_session_name="session")
        keys = given["Credentials"]
        caller = credential(keys["AccessKeyId"], keys["SessionToken"], now()).caller(Connection(), now())
    assert caller.arn == "arn:aws:sts::123456789012:assumed-role/Reader/session"


def test_what_a_step_hangs_on_is_said(administrator, make_role, make_user):
    make_user("vera", on("First"))
    make_role("Reader", condition={"StringEquals": {"sts:ExternalId": "47/11", "sts:SourceIdentity": "vera"}},
              actions=["sts:AssumeRole", "sts:SetSourceIdentity"])  # fmt: skip
    make_role("Second", policy=allow("sts:AssumeRole", "sts:SetSourceIdentity"),
              condition={"StringLike": {"sts:RoleSessionName": "build-*"}, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})  # fmt: skip
    make_role("First", policy=on("Second"), condition=MFA)
    assert chains(administrator) == {
        "vera": [
            ("First", "Only with MFA"),
            ("Second", "With the session name that is asked for and an allowed source IP address, by the API"),
            ("Reader", "With the external ID and the source identity that is asked for, by the API"),
        ]
    }


def test_a_source_identity_must_be_allowed_to_be_set(administrator, make_role, make_user):
    make_user("vera", on("First"))
    make_role("Reader", condition={"StringEquals": {"sts:SourceIdentity": "vera"}})
    make_role("First", policy=on("Reader"))
    assert chains(administrator) == {}


def test_a_role_s_session_never_has_mfa(administrator, make_role, make_user):
    make_user("vera", allow("sts:AssumeRole"))
    make_role("Reader", condition=MFA)
    make_role("First", policy=allow("sts:AssumeRole"))
    assert chains(administrator) == {}
    assert chains(administrator, "role-chain") == {}


def test_the_direct_way_is_said_beside_the_other(administrator, make_role, make_user):
    make_user("vera", allow("sts:AssumeRole"))
    make_role("Reader")
    make_role("First", policy=allow("sts:AssumeRole"))
    (chain,) = page_of(administrator).context["answer"].value.found
    assert chain.is_direct
    assert "Possible too" in page_of(administrator).content.decode()


def test_boundary_denials_and_trust_end_a_way(administrator, way, system, make_role):
    limit = create_policy(system, policy_name="Limit", policy_document=allow("s3:*"))["Policy"]["Arn"]
    put_role_permissions_boundary(system, role_name="Second", permissions_boundary=limit)
    assert chains(administrator) == {}
    REGISTRY["iam:DeleteRolePermissionsBoundary"](system, role_name="Second")
    assert chains(administrator) != {}
    closed = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})  # fmt: skip
    REGISTRY["iam:UpdateAssumeRolePolicy"](system, role_name="Second", policy_document=closed)
    assert chains(administrator) == {}


def test_circles_end(administrator, make_role, make_user):
    make_user("vera", on("A"))
    make_role("Reader", policy=allow("sts:AssumeRole"))
    make_role("A", policy=on("B", "A"))
    make_role("B", policy=on("A", "Reader"))
    assert chains(administrator) == {"vera": [("A", ""), ("B", ""), ("Reader", "")]}
    assert chains(administrator, "role-chain") == {"A": [("B", ""), ("Reader", "")]}


def test_ways_have_four_steps_at_most(administrator, make_role, make_user):
    make_role("Reader")
    for name, following in (("C", "Reader"), ("B", "C"), ("A", "B"), ("Z", "A"), ("Y", "Z")):
        make_role(name, policy=on(following))
    make_user("near", on("A"))
    make_user("far", on("Z"))
    assert list(chains(administrator)) == ["near"]
    assert len(chains(administrator)["near"]) == 4
    assert set(chains(administrator, "role-chain")) == {"A", "B", "Z"}


def test_tags_of_roles_count(administrator, way, system):
    trusted = json.loads(Role.objects.get(name="Reader").trust_policy)
    trusted["Statement"][0]["Condition"] = {"StringEquals": {"aws:PrincipalTag/team": "ops"}}
    REGISTRY["iam:UpdateAssumeRolePolicy"](system, role_name="Reader", policy_document=json.dumps(trusted))
    assert chains(administrator) == {}
    tag_role(system, role_name="Second", tags=[{"Key": "team", "Value": "ops"}])
    assert list(chains(administrator)) == ["vera"]


def test_a_search_that_met_its_bounds_says_so(administrator, way, monkeypatch):
    assert "There may be more" not in page_of(administrator).content.decode()
    monkeypatch.setattr(chaining, "MOST_DECISIONS", 1)
    assert "There may be more" in page_of(administrator).content.decode()


def test_users_go_on_where_the_page_ended(administrator, way, make_user, monkeypatch):
    make_user("walt", on("Second"))
    monkeypatch.setattr(chaining, "MOST_FOUND", 1)
    page = page_of(administrator)
    assert [each.row.name for each in page.context["answer"].value.found] == ["vera"]
    assert "kind=user-chain&amp;after=vera" in page.content.decode()
    assert list(chains(administrator, after="vera")) == ["walt"]


def test_it_is_for_whoever_may_see_the_direct_list(client, make_user, way):
    sign_in(client, make_user("rita", allow("iam:GetRole")))
    for kind in ("user-chain", "role-chain"):
        text = page_of(client, kind).content.decode()
        assert "iam:GetAccountAuthorizationDetails" in text
        assert "Second" not in text
        assert "through other roles" not in text


def test_nobody(administrator, make_role):
    make_role("Reader")
    assert "Nobody of this kind reaches the role" in page_of(administrator).content.decode()


@pytest.mark.parametrize("number", [10, 1000])
def test_it_costs_the_same_however_many(administrator, account, way, number):
    trust = Role.objects.get(name="Reader").trust_policy
    User.objects.bulk_create(
        User(account=account, name=f"u{n}", name_key=f"u{n}", unique_id=unique_id("AIDA")) for n in range(number)
    )
    roles = Role.objects.bulk_create(
        Role(account=account, name=f"r{n}", name_key=f"r{n}", unique_id=unique_id("AROA"), trust_policy=trust)
        for n in range(number)
    )
    holder = Role.objects.get(name="Second").inline_policies.get()
    type(holder).objects.bulk_create(
        type(holder)(role=role, name="all", name_key="all", document=ADMINISTRATOR) for role in roles
    )
    for kind in ("user-chain", "role-chain"):
        page_of(administrator, kind)
        with CaptureQueriesContext(connection) as done:
            page = page_of(administrator, kind)
        assert page.status_code == 200
        asked = [query["sql"] for query in done if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(asked) <= 15, "\n".join(each[:150] + " … " + each[-60:] for each in asked)
