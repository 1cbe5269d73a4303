"""What the pages about users, groups and roles read: right rows, right numbers, and the same cost at any size."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import AccessKey, Group, Role, User
from accounts.queries.groups import group_row, group_rows, members_of, users_to_add
from accounts.queries.held_policies import policies_of_group, policies_of_role, policies_of_user
from accounts.queries.roles import Trusted, profiles_of, role_row, role_rows, trusted_by
from accounts.queries.users import groups_of, groups_to_join, user_by_name, user_rows
from operations.gate import REGISTRY
from tests.accounts.test_roles import TRUST

DOCUMENT = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}}'
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def call(system):
    return lambda name, **parameters: REGISTRY[f"iam:{name}"](system, **parameters)


@pytest.fixture
def organisation(call):
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
        '"AWS":["arn:aws:iam::123456789012:user/eng/Amy","999999999999","arn:aws:iam::123456789012:root"]',
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
    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({}, ["Amy", "ben", "carl"]),
            ({"search": "AMY"}, ["Amy"]),
            ({"search": "web"}, ["ben"]),
            ({"search": "nothing"}, []),
            ({"path": "/eng/"}, ["Amy", "ben"]),
            ({"path": "/ENG/"}, []),
            ({"group": "OPS"}, ["Amy"]),
            ({"tag": ("TEAM", None)}, ["Amy", "ben"]),
            ({"tag": ("team", "ops")}, ["Amy"]),
            ({"console": True}, ["carl"]),
            ({"mfa": True}, ["ben"]),
            ({"mfa": False}, ["Amy", "carl"]),
            ({"inactive_since": NOW}, ["Amy", "carl"]),
            ({"sort": "-name"}, ["carl", "ben", "Amy"]),
            ({"sort": "groups"}, ["carl", "ben", "Amy"]),
            ({"sort": "-policies"}, ["Amy", "ben", "carl"]),
            ({"sort": "activity"}, ["carl", "ben", "Amy"]),
            ({"sort": "key-used"}, ["ben", "Amy", "carl"]),
            ({"sort": "no such column"}, ["Amy", "ben", "carl"]),
        ],
    )
    def test_filters_and_orders(self, organisation, filters, expected):
        User.objects.filter(name="carl").update(console_access=True, last_activity_at=NOW - timedelta(days=9))
        User.objects.filter(name="ben").update(mfa_device_count=1, last_activity_at=NOW)
        AccessKey.objects.create(user=User.objects.get(name="ben"), key_id="AKIA1", secret="x", last_used_at=NOW)
        assert names(user_rows(ACCOUNT, **filters)) == expected

    def test_policies_count_directly_and_through_groups(self, organisation):
        assert names(user_rows(ACCOUNT, policy_arn=organisation["Read"])) == ["Amy"]
        assert names(user_rows(ACCOUNT, policy_arn=organisation["Write"])) == ["Amy", "ben"]

    def test_one_user(self, organisation, django_assert_num_queries):
        with django_assert_num_queries(3):
            amy = user_by_name(ACCOUNT, "AMY")
            assert (amy.name, amy.policy_count, names(amy.groups.all()), [tag.key for tag in amy.tags.all()]) == (
                "Amy",
                2,
                ["Dev", "ops"],
                ["Team"],
            )
        assert user_by_name(ACCOUNT, "nobody") is None
        assert user_by_name("999999999999", "Amy") is None

    def test_groups_of_a_user(self, organisation):
        ben = User.objects.get(name="ben")
        assert [(group.name, group.policy_count, group.joined_at is not None) for group in groups_of(ben)] == [
            ("Dev", 2, True)
        ]
        assert names(groups_to_join(ben)) == ["ops"]

    def test_held_policies_know_their_sources(self, organisation, django_assert_num_queries):
        amy = User.objects.get(name="Amy")
        with django_assert_num_queries(4):
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
    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({}, ["Dev", "ops"]),
            ({"search": "EV"}, ["Dev"]),
            ({"path": "/eng/"}, ["Dev"]),
            ({"empty": True}, []),
            ({"empty": False}, ["Dev", "ops"]),
            ({"without_policies": False}, ["Dev", "ops"]),
            ({"without_policies": True}, []),
            ({"sort": "-members"}, ["Dev", "ops"]),
            ({"sort": "policies"}, ["ops", "Dev"]),
        ],
    )
    def test_filters_and_orders(self, organisation, filters, expected):
        assert names(group_rows(ACCOUNT, **filters)) == expected

    def test_members(self, organisation):
        dev = group_row(ACCOUNT, "dev")
        assert names(group_rows(ACCOUNT, policy_arn=organisation["Write"])) == ["Dev"]
        assert (dev.member_count, dev.policy_count) == (2, 2)
        assert names(members_of(dev)) == ["Amy", "ben"]
        assert names(members_of(dev, sort="-joined")) == ["ben", "Amy"]
        assert names(members_of(dev, search="BE")) == ["ben"]
        assert names(users_to_add(dev)) == ["carl"]
        assert names(users_to_add(dev, search="x")) == []
        assert [(held.kind, held.name) for held in policies_of_group(dev)] == [
            ("inline", "shared"),
            ("customer-managed", "Write"),
        ]


class TestRoles:
    @pytest.mark.parametrize(
        ("filters", "expected"),
        [
            ({}, ["human", "lambda", "Worker"]),
            ({"search": "people"}, ["human"]),
            ({"search": "worker"}, ["Worker"]),
            ({"path": "/app/"}, ["lambda", "Worker"]),
            ({"tag": ("ENV", "lambda")}, ["lambda"]),
            ({"trusts": "lambda.amazonaws.com"}, ["lambda"]),
            ({"trusts": "999999999999"}, ["human"]),
            ({"trusts": ACCOUNT}, ["human"]),
            ({"service_linked": True}, []),
            ({"service_linked": False}, ["human", "lambda", "Worker"]),
            ({"unused_since": NOW}, ["human", "lambda"]),
            ({"sort": "-last-used"}, ["Worker", "human", "lambda"]),
            ({"sort": "-session"}, ["human", "lambda", "Worker"]),
            ({"sort": "-policies"}, ["Worker", "human", "lambda"]),
        ],
    )
    def test_filters_and_orders(self, organisation, filters, expected):
        Role.objects.filter(name="Worker").update(last_used_at=NOW)
        assert names(role_rows(ACCOUNT, **filters)) == expected

    def test_trusted_entities(self, organisation, django_assert_num_queries):
        roles = list(role_rows(ACCOUNT))
        with django_assert_num_queries(2):
            found = trusted_by(roles)
        assert found[roles[0].pk] == [
            Trusted("AWS", "arn:aws:iam::123456789012:user/eng/Amy"),
            Trusted("AWS", "999999999999"),
            Trusted("AWS", "arn:aws:iam::123456789012:root"),
        ]
        assert [trusted.account_id for trusted in found[roles[0].pk]] == [ACCOUNT, "999999999999", ACCOUNT]
        assert found[roles[1].pk] == [Trusted("Service", "lambda.amazonaws.com")]
        assert found[roles[1].pk][0].account_id is None

    def test_one_role(self, organisation):
        worker = role_row(ACCOUNT, "WORKER")
        assert names(role_rows(ACCOUNT, policy_arn=organisation["Read"])) == ["Worker"]
        assert worker.policy_count == 2
        assert [(held.kind, held.name, held.is_direct) for held in policies_of_role(worker)] == [
            ("inline", "inline", True),
            ("customer-managed", "Read", True),
        ]
        assert names(profiles_of(worker)) == ["web"]


@pytest.mark.parametrize(("rows", "queries"), [(user_rows, 3), (group_rows, 1), (role_rows, 2)])
def test_lists_cost_the_same_at_any_size(organisation, call, rows, queries, django_assert_num_queries):
    for number in range(30):
        call("CreateUser", user_name=f"u{number}", tags=[{"Key": "a", "Value": "b"}])
        call("CreateGroup", group_name=f"g{number}")
        call("AddUserToGroup", group_name=f"g{number}", user_name=f"u{number}")
        call("CreateRole", role_name=f"r{number}", assume_role_policy_document=TRUST)
    with django_assert_num_queries(queries):
        assert len(list(rows(ACCOUNT)[:25])) == 25
    assert Group.objects.count() == 32
