"""A sweep over every registered operation: refused to whoever has no right, blind to other accounts, always recorded."""

from datetime import UTC, datetime

import pytest
from botocore import xform_name
from botocore.model import ListShape, MapShape, StructureShape

from accounts.models import Account, Group, Role, User
from operations.contract import operation_model
from operations.errors import AccessDenied, NoSuchEntity, ServiceError
from operations.gate import REGISTRY
from operations.models import Event
from policies.models import ManagedPolicy

# Calls that AWS answers without asking any policy (AWS STS API Reference).
OPEN_TO_ALL = {"sts:GetCallerIdentity", "sts:GetSessionToken"}
# What everybody does with requests of their own: such a call is allowed, and finds nothing here (tests/governance/test_access_requests.py).
OF_ONE_S_OWN = {"iam:CreateAccessRequest", "iam:WithdrawAccessRequest"}
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
KEY_ID = "AKIAABCDEFGHIJKLMNOP"
EXAMPLES = {
    "UserName": "dora",
    "NewUserName": "dora2",
    "GroupName": "ops",
    "NewGroupName": "ops2",
    "RoleName": "worker",
    "PolicyName": "reading",
    "PolicyArn": "arn:aws:iam::123456789012:policy/reading",
    "PolicySourceArn": "arn:aws:iam::123456789012:user/dora",
    "Arn": "arn:aws:iam::123456789012:user/dora",
    "RoleArn": "arn:aws:iam::123456789012:role/worker",
    "PermissionsBoundary": "arn:aws:iam::123456789012:policy/reading",
    "PolicyDocument": POLICY,
    "AssumeRolePolicyDocument": TRUST,
    "VersionId": "v1",
    "AccessKeyId": KEY_ID,
    "SerialNumber": "arn:aws:iam::123456789012:mfa/dora",
    "AuthenticationCode1": "123456",
    "AuthenticationCode2": "654321",
    "TokenCode": "123456",
    "Base32StringSeed": "ABCDEFGHIJKLMNOP",
    "AccountAlias": "example-alias",
    "AccountId": "111122223333",
    "Path": "/",
    "Key": "team",
    "ActionNames": ["s3:GetObject"],
    "PolicyInputList": [POLICY],
    "Url": "https://issuer.example.com",
    "AWSServiceName": "autoscaling.amazonaws.com",
    "Status": "Inactive",
    "Password": "A-long-passw0rd!",
    "OldPassword": "A-long-passw0rd!",
    "NewPassword": "A-long-passw0rd!2",
    "SAMLMetadataDocument": "<x>" + "y" * 1000 + "</x>",
    "ServiceName": "codecommit.amazonaws.com",
    "Encoding": "SSH",
    "Properties": {"SignIn/RequireMFA": "false"},
    "GlobalEndpointTokenVersion": "v2Token",
    "EntityArn": "arn:aws:iam::123456789012:policy/reading",
    "Action": "s3:GetObject",
    "ActionName": "s3:GetObject",
    "Method": "GET",
    "Resource": "arn:aws:s3:::bucket/key",
    "EventId": "00000000-0000-4000-8000-000000000000",
    "AccessRequestId": "AREQ00000000000000000",
    "ActivationDate": datetime(2027, 1, 1, tzinfo=UTC),
    "CommentId": "PCOM00000000000000000",
    "ProposalId": "PPRO00000000000000000",
    "EntityPath": "o-abcdefghij/r-abcd/123456789012",
}


def example(name, shape):
    if name in EXAMPLES:
        return EXAMPLES[name]
    if isinstance(shape, StructureShape):
        return {
            member: example(member, inner)
            for member, inner in shape.members.items()
            if member in shape.required_members
        }
    if isinstance(shape, ListShape):
        return [example(name.removesuffix("s"), shape.member) for _ in range(max(1, shape.metadata.get("min", 1)))]
    if isinstance(shape, MapShape):
        return {}
    if shape.type_name == "boolean":
        return True
    if shape.type_name in {"integer", "long"}:
        return shape.metadata.get("min", 1)
    if shape.type_name == "blob":
        return b"x"
    if shape.enum:
        return shape.enum[0]
    return "arn:aws:iam::123456789012:x/y" if name.endswith("Arn") else "x" * max(shape.metadata.get("min", 1), 4)


def arguments(operation):
    """The required parameters, with values that the contract accepts, and the name of the user where it may be left out."""
    shape = operation_model(operation.service, operation.name).input_shape
    if shape is None:
        return {}
    wanted = set(shape.required_members) | ({"UserName"} & set(shape.members))
    return {xform_name(member): example(member, shape.members[member]) for member in wanted}


@pytest.fixture
def populated(account, system):
    REGISTRY["iam:CreateUser"](system, user_name="dora")
    REGISTRY["iam:CreateGroup"](system, group_name="ops")
    REGISTRY["iam:CreateRole"](system, role_name="worker", assume_role_policy_document=TRUST)
    REGISTRY["iam:CreatePolicy"](system, policy_name="reading", policy_document=POLICY)


def state():
    """What an account holds, as far as a stranger could have touched it."""
    return [
        list(model.objects.filter(account_id="123456789012").order_by("pk").values())
        for model in (User, Group, Role, ManagedPolicy)
    ] + [list(Account.objects.filter(pk="123456789012").values())]


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_refused_to_a_user_without_policies(name, populated, nobody):
    operation = REGISTRY[name]
    before, events = state(), Event.objects.count()
    if name in OPEN_TO_ALL:
        operation(nobody, **arguments(operation))
        return
    if name in OF_ONE_S_OWN:
        with pytest.raises(NoSuchEntity):
            operation(nobody, **arguments(operation))
        assert state() == before
        return
    with pytest.raises(AccessDenied) as refused:
        operation(nobody, **arguments(operation))
    assert f"is not authorized to perform: {operation.action} " in refused.value.message
    assert state() == before
    record = Event.objects.latest("id")
    assert (Event.objects.count(), record.error_code, record.name) == (events + 1, "AccessDenied", operation.name)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_blind_to_the_entities_of_another_account(name, populated, stranger):
    operation = REGISTRY[name]
    before = state()
    try:
        answer = operation(stranger, **arguments(operation))
    except ServiceError as error:
        assert error.status < 500, error
    else:
        told = str(answer)
        assert "user/dora" not in told or "123456789012:user/dora" not in told or name == "iam:SimulateCustomPolicy"
    assert state() == before
    assert Event.objects.latest("id").account_id == "210987654321"
