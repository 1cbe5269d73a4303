"""Every operation through a real boto3 client: it succeeds, or fails with an error that AWS declares for it; denied and recorded always."""

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from operations.contract import service_model
from operations.gate import REGISTRY
from operations.models import Event
from tests.operations.test_every_operation import OPEN_TO_ALL, POLICY, TRUST, arguments

AWS = sorted(
    f"{service}:{name}"
    for service in ("iam", "sts")
    for name in service_model(service).operation_names
    if f"{service}:{name}" in REGISTRY
)
# Errors that any operation may give, beside those that its model declares (IAM API Reference, «Common Error Types»).
COMMON = {"AccessDenied", "ValidationError", "InvalidInput", "NoSuchEntity", "MalformedPolicyDocument", "LimitExceeded"}


@pytest.fixture
def populated(account, system):
    call = {name: REGISTRY[f"iam:{name}"] for name in ("CreateUser", "CreateGroup", "CreateRole", "CreatePolicy")}
    call["CreateUser"](system, user_name="dora")
    call["CreateGroup"](system, group_name="ops")
    call["CreateRole"](system, role_name="worker", assume_role_policy_document=TRUST)
    call["CreatePolicy"](system, policy_name="reading", policy_document=POLICY)


def invoke(sdk, key, name):
    """Call an operation by its boto3 method with parameters that its model accepts."""
    service, _, action = name.partition(":")
    model = service_model(service).operation_model(action)
    members = {xform_name(member): member for member in (model.input_shape.members if model.input_shape else {})}
    params = {members[key]: value for key, value in arguments(REGISTRY[name]).items()}
    return getattr(sdk(service, key), xform_name(action))(**params), model


@pytest.mark.parametrize("name", AWS)
def test_by_an_administrator(name, populated, sdk, admin_key):
    before = Event.objects.count()
    try:
        answer, model = invoke(sdk, admin_key, name)
    except ClientError as error:
        service, _, action = name.partition(":")
        model = service_model(service).operation_model(action)
        declared = {shape.metadata.get("error", {}).get("code", shape.name) for shape in model.error_shapes}
        assert error.response["Error"]["Code"] in declared | COMMON, error
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] < 500
    else:
        required = set(model.output_shape.required_members) if model.output_shape else set()
        assert required <= set(answer)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    event = Event.objects.latest("id")
    assert (event.name, event.source) == (name.partition(":")[2], f"{name.partition(':')[0]}.amazonaws.com")
    assert Event.objects.count() > before


@pytest.mark.parametrize("name", AWS)
def test_by_a_user_without_policies(name, populated, sdk, make_user, key_of):
    key = key_of(make_user("bob"))
    if name in OPEN_TO_ALL:
        assert invoke(sdk, key, name)
        return
    with pytest.raises(ClientError) as refused:
        invoke(sdk, key, name)
    error = refused.value.response["Error"]
    assert (error["Code"], refused.value.response["ResponseMetadata"]["HTTPStatusCode"]) == ("AccessDenied", 403)
    assert error["Message"].startswith(
        f"User: arn:aws:iam::123456789012:user/bob is not authorized to perform: {name} on resource: "
    )
    event = Event.objects.latest("id")
    assert (event.name, event.error_code, event.access_key_id) == (name.partition(":")[2], "AccessDenied", key.key_id)
