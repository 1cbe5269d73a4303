"""What the pages about users, groups and roles read: right rows, right numbers, and the same cost at any size."""

from datetime import UTC, datetime

import pytest

from accounts.models import Group, User
from accounts.queries import groups
from accounts.queries.groups import groups_of_account, members_of, users_to_add
from accounts.queries.held_policies import policies_of_group, policies_of_role, policies_of_user
from accounts.queries.roles import Trusted, profiles_of, roles_of, trusted_by
from accounts.queries.users import listed_users
from operations.gate import REGISTRY
from tests.accounts.test_roles import TRUST

DOCUMENT = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}}'
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def call(system):
    return lambda name, **parameters: REGISTRY[f"iam:{name}"](system, **parameters)


@pytest.fixture
def organisation(call, other_account):
    """Three users, two groups, three roles, two policies."""
    arns = {
        name: call("CreatePolicy", policy_name=name, policy_document=DOCUMENT)["Policy"]["Arn"]
        for name in ("Read", "Write")
    }
    for name, path, tags in (
        ("Amy", "/eng/", {"Team": "ops"}),
        ("ben", "/eng/web/", {"team": "web"}),
        ("carl", "/", {}),
    ):
        call(
            "CreateUser", user_name=name, path=path, tags=[{"Key": key, "Value": value} for key, value in tags.items()]
        )
    for name in ("Dev", "ops"):
        call("CreateGroup", group_name=name, path="/eng/" if name == "Dev" else "/")
    for group, user in (("Dev", "Amy"), ("ops", "Amy"), ("Dev", "ben")):
        call("AddUserToGroup", group_name=group, user_name=user)
    call("AttachUserPolicy", user_name="Amy", policy_arn=arns["Read"])
    call("AttachGroupPolicy", group_name="ops", policy_arn=arns["Read"])
    call("AttachGroupPolicy", group_name="Dev", policy_arn=arns["Write"])
    call("PutUserPolicy", user_name="Amy", policy_name="own", policy_document=DOCUMENT)
    call("PutGroupPolicy", group_name="Dev", policy_name="shared", policy_document=DOCUMENT)
    for name, trusted in (("Worker", TRUST), ("lambda", TRUST.replace("ec2", "lambda"))):
        call(
            "CreateRole",
            role_name=name,
            path="/app/",
            assume_role_policy_document=trusted,
            tags=[{"Key": "env", "Value": name}],
        )
    human = TRUST.replace(
        '"Service":"ec2.amazonaws.com"',
        '"AWS":["arn:aws:iam::123456789012:user/eng/Amy","210987654321","arn:aws:iam::123456789012:root"]',
    )
    call(
        "CreateRole",
        role_name="human",
        assume_role_policy_document=human,
        description="For people",
        max_session_duration=7200,
    )
    call("AttachRolePolicy", role_name="Worker", policy_arn=arns["Read"])
    call("PutRolePolicy", role_name="Worker", policy_name="inline", policy_document=DOCUMENT)
    call("CreateInstanceProfile", instance_profile_name="web")
    call("AddRoleToInstanceProfile", instance_profile_name="web", role_name="Worker")
    return arns


ACCOUNT = "123456789012"


def names(rows):
    return [row.name for row in rows]


class TestUsers:
    def test_held_policies_know_their_sources(self, organisation, django_assert_num_queries):
        amy = User.objects.get(name="Amy")
        with django_assert_num_queries(1):
            held = policies_of_user(amy)
        assert [(row.kind, row.name, row.is_direct) for row in held] == [
            ("inline", "own", True),
            ("customer-managed", "Read", True),
            ("inline", "shared", False),
            ("customer-managed", "Write", False),
        ]
        assert [source.group and source.group.name for source in held[1].sources] == [None, "ops"]
        assert (held[1].arn, held[0].arn, held[0].document) == (organisation["Read"], None, DOCUMENT)


class TestGroups:
    def test_very_many_members_are_the_same(self, organisation, monkeypatch):
        """Read the other way round, they are the same rows in each order."""
        dev = groups_of_account(ACCOUNT).get(name="Dev")
        few = members_of(dev)
        monkeypatch.setattr(groups, "MANY_MEMBERS", 1)
        many = members_of(dev)
        assert str(few.query) != str(many.query)
        for order in ("-joined_at", "joined_at", "name_key", "-name_key"):
            told = [[(row.pk, row.joined_at) for row in rows.order_by(order)] for rows in (few, many)]
            assert told[0] == told[1]
            assert len(told[0]) == 2

    def test_members(self, organisation):
        dev = groups_of_account(ACCOUNT).get(name="Dev")
        assert (dev.member_count, dev.policy_count) == (2, 2)
        assert names(members_of(dev).order_by("-joined_at")) == ["ben", "Amy"]
        assert names(users_to_add(dev)) == ["carl"]
        assert [(held.kind, held.name) for held in policies_of_group(dev)] == [
            ("inline", "shared"),
            ("customer-managed", "Write"),
        ]


class TestRoles:
    def test_trusted_entities(self, organisation, django_assert_num_queries):
        roles = list(roles_of(ACCOUNT).order_by("name_key"))
        with django_assert_num_queries(1):
            found = trusted_by(roles)
        assert found[roles[0].pk] == [
            Trusted("AWS", "arn:aws:iam::123456789012:user/eng/Amy"),
            Trusted("AWS", "210987654321"),
            Trusted("AWS", "arn:aws:iam::123456789012:root"),
        ]
        assert [trusted.account_id for trusted in found[roles[0].pk]] == [ACCOUNT, "210987654321", ACCOUNT]
        assert found[roles[1].pk] == [Trusted("Service", "lambda.amazonaws.com")]
        assert found[roles[1].pk][0].account_id is None

    def test_one_role(self, organisation):
        worker = roles_of(ACCOUNT).get(name="Worker")
        assert worker.policy_count == 2
        assert [(held.kind, held.name, held.is_direct) for held in policies_of_role(worker)] == [
            ("inline", "inline", True),
            ("customer-managed", "Read", True),
        ]
        assert names(profiles_of(worker)) == ["web"]


@pytest.mark.parametrize(("rows", "queries"), [(listed_users, 1), (groups_of_account, 1), (roles_of, 2)])
def test_lists_cost_the_same_at_any_size(organisation, call, rows, queries, django_assert_num_queries):
    for number in range(30):
        call("CreateUser", user_name=f"u{number}", tags=[{"Key": "a", "Value": "b"}])
        call("CreateGroup", group_name=f"g{number}")
        call("AddUserToGroup", group_name=f"g{number}", user_name=f"u{number}")
        call("CreateRole", role_name=f"r{number}", assume_role_policy_document=TRUST)
    with django_assert_num_queries(queries):
        assert len(list(rows(ACCOUNT)[:25])) == 25
    assert Group.objects.count() == 32
