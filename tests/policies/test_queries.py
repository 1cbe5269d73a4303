"""The read models of the policies pages."""

import pytest

from accounts.models import Group, Role
from accounts.operations.attachments import attach_group_policy, attach_role_policy, attach_user_policy
from accounts.operations.boundaries import put_role_permissions_boundary, put_user_permissions_boundary
from operations.ids import unique_id
from policies.operations.policy_proposals import propose_policy_version
from policies.operations.policy_tags import tag_policy
from policies.operations.policy_versions import create_policy_version
from policies.queries import TYPES, entities_using, policy_row, policy_rows, versions_of
from tests.conftest import ACCOUNT, OTHER_ACCOUNT
from tests.policies.conftest import document


@pytest.fixture
def house(admin, account, make_policy, make_aws_policy, make_user):
    """Three own policies and three of AWS's, used by a user, a group and a role."""
    reading = make_policy("Reading", description="reads buckets")
    make_policy("bounding")
    make_policy("idle", path="/ops/")
    make_aws_policy("AdministratorAccess")
    make_aws_policy("Billing", path="/job-function/")
    make_aws_policy("LinkedRole", path="/aws-service-role/")
    make_user("dora")
    Group.objects.create(account=account, name="Ops", name_key="ops", unique_id=unique_id("AGPA"))
    Role.objects.create(
        account=account, name="worker", name_key="worker", unique_id=unique_id("AROA"), trust_policy="{}"
    )
    attach_user_policy(admin, user_name="dora", policy_arn=reading)
    attach_group_policy(admin, group_name="Ops", policy_arn=reading)
    attach_role_policy(admin, role_name="worker", policy_arn=reading)
    bounding = "arn:aws:iam::123456789012:policy/bounding"
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=bounding)
    put_role_permissions_boundary(admin, role_name="worker", permissions_boundary=reading)
    return reading


def names(rows):
    return [row.name for row in rows]


def test_rows_say_type_and_use(house, django_assert_num_queries):
    with django_assert_num_queries(1):
        rows = {row.name: row for row in policy_rows(ACCOUNT)}
    assert {name: row.type for name, row in rows.items()} == {
        "Reading": "customer", "bounding": "customer", "idle": "customer", "AdministratorAccess": "aws",
        "Billing": "job-function", "LinkedRole": "service-linked",
    }  # fmt: skip
    assert set(TYPES) >= {row.type for row in rows.values()}
    assert (rows["Reading"].attachment_count, rows["Reading"].boundary_count) == (3, 1)
    assert (rows["bounding"].attachment_count, rows["bounding"].boundary_count) == (0, 1)


def test_rows_are_filtered(house):
    assert names(policy_rows(ACCOUNT, search="READ")) == ["Reading"]
    assert names(policy_rows(ACCOUNT, search="buckets")) == ["Reading"]
    assert names(policy_rows(ACCOUNT, type="customer")) == ["bounding", "idle", "Reading"]
    assert names(policy_rows(ACCOUNT, type="aws")) == ["AdministratorAccess", "Billing", "LinkedRole"]
    assert names(policy_rows(ACCOUNT, type="job-function")) == ["Billing"]
    assert names(policy_rows(ACCOUNT, usage="attached")) == ["Reading"]
    assert names(policy_rows(ACCOUNT, usage="boundary")) == ["bounding", "Reading"]
    assert names(policy_rows(ACCOUNT, type="customer", usage="unused")) == ["idle"]
    assert names(policy_rows(ACCOUNT, path="/ops/")) == ["idle"]


def test_rows_are_sorted(house):
    own = {"type": "customer"}
    assert names(policy_rows(ACCOUNT, **own, sort="-attachments")) == ["Reading", "bounding", "idle"]
    assert names(policy_rows(ACCOUNT, **own, sort="updated")) == ["Reading", "bounding", "idle"]
    assert names(policy_rows(ACCOUNT, **own, sort="-name")) == ["Reading", "idle", "bounding"]
    assert names(policy_rows(ACCOUNT, **own, sort="; drop table")) == ["bounding", "idle", "Reading"]


def test_another_account_sees_awss_only_and_its_own_use(house):
    rows = list(policy_rows(OTHER_ACCOUNT))
    assert names(rows) == ["AdministratorAccess", "Billing", "LinkedRole"]
    assert {row.attachment_count for row in rows} == {0}
    assert policy_row(OTHER_ACCOUNT, house) is None


def test_one_policy_with_its_document_and_versions(admin, house, django_assert_num_queries):
    create_policy_version(admin, policy_arn=house, policy_document=document("s3:PutObject"), set_as_default=True)
    with django_assert_num_queries(2):
        row = policy_row(ACCOUNT, house)
    assert row.document == document("s3:PutObject")
    with django_assert_num_queries(1):
        versions = versions_of(row)
    assert [(version.version_id, version.is_default) for version in versions] == [("v2", True), ("v1", False)]
    assert versions[1].document == document()


def test_a_policy_with_a_proposal_comes_with_its_tags_in_one_query(admin, house, django_assert_num_queries):
    proposed = propose_policy_version(admin, policy_arn=house, policy_document=document("s3:PutObject"))
    tags = [{"Key": "team", "Value": "red"}, {"Key": "Team", "Value": ""}]
    for given in ([], tags):
        if given:
            tag_policy(admin, policy_arn=house, tags=given)
        with django_assert_num_queries(1):
            row = policy_row(ACCOUNT, house, proposed["PolicyProposal"]["ProposalId"])
            assert [{"Key": tag.key, "Value": tag.value} for tag in row.tags.all()] == given
        assert (row.document, row.proposed.document) == (document(), document("s3:PutObject"))
    assert not hasattr(policy_row(ACCOUNT, house, "PPROUNKNOWN"), "proposed")
    assert policy_row(OTHER_ACCOUNT, house, "PPROUNKNOWN") is None


def test_entities_come_from_one_query_and_can_be_filtered(house, django_assert_num_queries):
    policy = policy_row(ACCOUNT, house)
    with django_assert_num_queries(1):
        rows = list(entities_using(policy, ACCOUNT))
    shown = [(row["kind"], row["name"], row["usage"]) for row in rows]
    assert shown == [
        ("user", "dora", "attached"),
        ("group", "Ops", "attached"),
        ("role", "worker", "attached"),
        ("role", "worker", "boundary"),
    ]
    assert all(row["since"] for row in rows if row["usage"] == "attached")
    assert rows[0]["unique_id"].startswith("AIDA")
    assert [row["name"] for row in entities_using(policy, ACCOUNT, kind="role", usage="attached")] == ["worker"]
    assert [row["name"] for row in entities_using(policy, ACCOUNT, search="OP")] == ["Ops"]
    assert list(entities_using(policy, ACCOUNT, kind="group", usage="boundary")) == []
    assert list(entities_using(policy, OTHER_ACCOUNT)) == []
    assert entities_using(policy, ACCOUNT).count() == 4
    assert len(entities_using(policy, ACCOUNT)[1:3]) == 2
