"""What the editor offers of the account itself: resources, values of conditions and keys of tags, as far as the reader may list them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.operations.groups import create_group
from accounts.operations.roles import create_role
from accounts.operations.users import create_user
from policies.operations.managed_policies import create_policy
from tests.every_page import TRUST
from tests.policies.conftest import document
from tests.signing_in import sign_in

OWN = "arn:aws:iam::123456789012:"
ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[%s],"Resource":"*"}]}'


@pytest.fixture
def filled(system, other_account, stranger):
    team = [{"Key": "Team", "Value": "Data Team"}]
    create_user(system, user_name="dora", path="/ops/", tags=team)
    create_user(system, user_name="emil", tags=[{"Key": "team", "Value": "dev"}, {"Key": "void", "Value": ""}])
    create_group(system, group_name="builders")
    create_role(
        system,
        role_name="Deploy",
        assume_role_policy_document=TRUST % "210987654321",
        tags=[{"Key": "stage", "Value": "live"}],
    )
    create_policy(
        system, policy_name="reading", policy_document=document("s3:GetObject"), tags=[{"Key": "Cost", "Value": "12"}]
    )
    create_user(stranger, user_name="mallory", tags=[{"Key": "team", "Value": "secret"}])


@pytest.fixture
def reader(client, make_user):
    def reading(*actions):
        sign_in(client, make_user(f"reader{len(actions)}", ALLOW % ",".join(f'"{action}"' for action in actions)))

        def offered(place, text="", **more):
            asked = {"place": place, "text": text, **more}
            return [each["value"] for each in client.get(reverse("policies:complete"), asked).json()["found"]]

        return offered

    return reading


def test_resources_of_iam_are_the_entities_there_are(filled, reader):
    offered = reader("iam:*")
    every = {f"{OWN}user/ops/dora", f"{OWN}group/builders", f"{OWN}role/Deploy", f"{OWN}policy/reading"}
    assert every <= set(offered("resource", services="iam"))
    assert offered("resource", "DOR", services="s3,iam") == [f"{OWN}user/ops/dora"]
    assert offered("resource", f"{OWN}role/dep") == [f"{OWN}role/Deploy"]
    assert offered("resource", f"{OWN}policy/rea") == [f"{OWN}policy/reading"]
    assert every & set(offered("resource", "", services="s3")) == set()
    assert every & set(offered("resource", "arn:aws:s3:", services="iam")) == set()


@pytest.mark.parametrize(
    ("operator", "key", "text", "values"),
    [
        ("Bool", "aws:SecureTransport", "", ["true", "false"]),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", "t", ["true"]),
        ("Null", "aws:PrincipalTag/team", "", ["true", "false"]),
        ("StringEquals", "aws:PrincipalTag/TEAM", "", ["Data Team", "dev"]),
        ("StringEquals", "iam:ResourceTag/team", "da", ["Data Team"]),
        ("StringEquals", "iam:ResourceTag/team", "$", ["${aws:PrincipalTag/team}"]),
        ("ForAnyValue:StringEquals", "aws:TagKeys", "", ["Team", "team", "void", "stage", "Cost"]),
        ("StringEquals", "aws:ResourceTag/cost", "1", ["12"]),
        ("StringEquals", "aws:username", "m", ["emil"]),
        ("StringEquals", "aws:PrincipalType", "a", ["AssumedRole", "Account", "Anonymous", "FederatedUser"]),
        ("StringEquals", "aws:PrincipalAccount", "", ["123456789012"]),
        ("StringEquals", "iam:PassedToService", "ec2", ["ec2.amazonaws.com"]),
        ("ArnEquals", "aws:PrincipalArn", "deploy", [f"{OWN}role/Deploy"]),
        ("ArnEquals", "iam:PolicyARN", "reading", [f"{OWN}policy/reading"]),
        ("StringEquals", "sts:ExternalId", "", []),
        ("StringEquals", "", "", []),
    ],
)  # fmt: skip
def test_values_are_those_that_the_account_has(filled, reader, operator, key, text, values):
    offered = reader("iam:*")
    assert sorted(offered("value", text, operator=operator, key=key)) == sorted(values)


def test_condition_keys_name_the_tags_there_are(filled, reader):
    found = reader("iam:*")("key", "aws:")
    assert {"aws:PrincipalTag/team", "aws:RequestTag/stage", "aws:ResourceTag/Cost"} <= set(found)
    assert "iam:ResourceTag/stage" in reader("iam:*", "s3:*")("key", "iam:", services="iam")


def test_nothing_is_offered_of_what_the_reader_may_not_list(filled, reader):
    offered = reader()
    told = [
        *offered("resource", services="iam"),
        *offered("key", "aws:"),
        *(value for key in ("aws:PrincipalTag/team", "aws:ResourceTag/Cost", "aws:TagKeys", "aws:username", "aws:PrincipalArn", "iam:PolicyARN")
          for value in offered("value", operator="StringEquals", key=key)),
    ]  # fmt: skip
    for name in ("dora", "emil", "builders", "Deploy", "reading", "Data Team", "dev", "stage", "Cost", "void"):
        assert not [value for value in told if value.endswith(name)], name


def test_each_kind_needs_its_own_permission(filled, reader):
    offered = reader("iam:ListGroups", "iam:ListRoleTags")
    found = offered("resource", services="iam")
    assert f"{OWN}group/builders" in found
    assert not {f"{OWN}user/ops/dora", f"{OWN}role/Deploy", f"{OWN}policy/reading"} & set(found)
    keys = offered("key", "aws:")
    assert "aws:PrincipalTag/stage" in keys
    assert "aws:PrincipalTag/team" not in keys


def test_nothing_is_offered_of_another_account(filled, reader):
    offered = reader("iam:*")
    told = [
        *offered("value", operator="StringEquals", key="aws:PrincipalTag/team"),
        *offered("resource", services="iam"),
    ]
    assert not [value for value in told if "secret" in value or "mallory" in value]


def test_there_is_a_bound_to_rows_and_queries(filled, reader, system, client, monkeypatch):
    offered = reader("iam:*")
    monkeypatch.setattr("accounts.offered.MOST", 3)
    for number in range(9):
        create_user(system, user_name=f"worker-{number}")
    assert len(offered("resource", "worker", services="iam")) == 3
    for asked in ({"place": "resource", "services": "iam"}, {"place": "key", "text": "aws:"},
                  {"place": "value", "operator": "StringEquals", "key": "aws:PrincipalTag/team"}):  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("policies:complete"), asked)
        assert len(queries) <= 10
