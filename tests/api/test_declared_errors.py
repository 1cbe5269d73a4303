"""Every error that AWS's model declares for an operation, by a real boto3 client: it is answered, or a reason says why it cannot occur."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from django.test import override_settings

from operations.contract import service_model
from tests.api import world
from tests.api.declared import COUNTED, NEVER, PROVOKED, UNREACHABLE, arn
from tests.api.test_every_operation import AWS
from tests.operations.test_every_operation import example

GONE = {
    **dict.fromkeys(("UserName", "GroupName", "RoleName", "InstanceProfileName", "ServerCertificateName"), "gone"),
    "PolicyArn": arn("policy/gone"),
    "PolicySourceArn": arn("user/gone"),
    "Arn": arn("user/gone"),
    "EntityArn": arn("policy/gone"),
    "PermissionsBoundary": arn("policy/gone"),
    "SerialNumber": arn("mfa/gone"),
    "AccountAlias": "gone-alias",
    "AccessKeyId": "AKIAAAAAAAAAAAAAAAAA",
    "OpenIDConnectProviderArn": arn("oidc-provider/gone.example.com"),
    "SAMLProviderArn": arn("saml-provider/gone"),
    "ServiceSpecificCredentialId": "ACCAAAAAAAAAAAAAAAAAA",
    "JobId": "00000000-0000-0000-0000-000000000000",
    "DeletionTaskId": "task/aws-service-role/x/y/00000000-0000-0000-0000-000000000000",
}


def pairs() -> Iterator[tuple[str, str]]:
    """Every operation with every error that it declares, but for those that no operation here can give."""
    for name in AWS:
        service, _, action = name.partition(":")
        for shape in service_model(service).operation_model(action).error_shapes:
            code = shape.metadata.get("error", {}).get("code", shape.name)
            uncounted = code == "LimitExceeded" and action not in COUNTED
            if code not in NEVER and action not in UNREACHABLE.get(code, {}) and not uncounted:
                yield name, code


ALL = list(pairs())


@pytest.fixture
def prepared(account, system):
    return world.made(system)


def parameters(model: Any, prepared: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The required parameters and the user's name, as they are in the world, with the changes."""
    members = model.input_shape.members if model.input_shape else {}
    wanted = {*(model.input_shape.required_members if model.input_shape else ()), "UserName", *changes} & set(members)
    found = {name: prepared.get(name, example(name, members[name])) for name in wanted}
    return found | {name: value for name, value in changes.items() if name in members}


class Nothing(dict):
    """Every quota is nought."""

    def get(self, key, default=None):
        return "0"


TWICE = [{"Key": "cost", "Value": "1"}, {"Key": "cost", "Value": "2"}]
SPECIAL = {"Tags": {"twice": TWICE, "large": world.LARGE}, "PrivateKey": {"other": world.pem(world.OTHER)}}


def changes_for(code: str, action: str, model: Any, prepared: Mapping[str, Any]) -> dict[str, Any]:
    """What makes the call fail in this way: as the table says, or by the code alone."""
    members = set(model.input_shape.members) if model.input_shape else set()
    listed = PROVOKED.get(code, {}).get(action)
    if listed is not None:
        found = {name: SPECIAL.get(name, {}).get(str(value), value) for name, value in listed.items()}
        return {name: prepared[str(value)[1:]] if str(value)[:1] == "=" else value for name, value in found.items()}
    if code == "NoSuchEntity":
        return {name: value for name, value in GONE.items() if name in members}
    if code == "UnmodifiableEntity":
        return {"RoleName": prepared["Linked"], "PolicyArn": prepared["PolicyArn"]}
    if code == "MalformedPolicyDocument":
        return {name: "{" for name in ("PolicyDocument", "AssumeRolePolicyDocument") if name in members}
    if code == "LimitExceeded" and "Tags" in members and action.startswith("Tag"):
        return {"Tags": world.TAGS}
    return {}


@pytest.mark.parametrize("some", world.parts(ALL), ids=count(1))
def test_each_is_answered(some, prepared, sdk, admin_key, key_of, system, subtests):
    clients = {service: sdk(service, admin_key) for service in ("iam", "sts")}
    for name, code in some:
        service, _, action = name.partition(":")
        with subtests.test(action, code=code), world.taken_back():
            model = service_model(service).operation_model(action)
            params = parameters(model, prepared, changes_for(code, action, model, prepared))
            key = world.before(code, action, params, admin_key, key_of, sdk, system)
            client = clients[service] if key is admin_key else sdk(service, key)
            quotas = {"QUOTAS": Nothing()} if code == "LimitExceeded" else {}
            with override_settings(**quotas), pytest.raises(ClientError) as refused:
                getattr(client, xform_name(action))(**params)
            assert refused.value.response["Error"]["Code"] == code, refused.value


def test_what_cannot_occur_is_declared_and_has_its_reason():
    found = {
        (name.partition(":")[2], shape.metadata.get("error", {}).get("code", shape.name))
        for name in AWS
        for shape in service_model(name.partition(":")[0]).operation_model(name.partition(":")[2]).error_shapes
    }
    assert set(NEVER) <= {code for _, code in found}
    for code, actions in UNREACHABLE.items():
        for action, reason in actions.items():
            assert (action, code) in found, f"{action} does not declare {code}"
            assert len(reason) > 10
            assert action not in PROVOKED.get(code, {}), f"{action} is both provoked and unreachable"
