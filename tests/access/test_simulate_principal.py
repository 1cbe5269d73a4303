"""SimulatePrincipalPolicy and GetContextKeysFor…: AWS's parameters, answers and errors."""

import pytest

from access.operations.context_keys import get_context_keys_for_custom_policy, get_context_keys_for_principal_policy
from access.operations.simulate import simulate_principal_policy
from accounts.models import Group, Membership, Role
from accounts.operations.attachments import attach_group_policy, attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.inline_policies import put_group_policy, put_user_policy
from operations.errors import AccessDenied, InvalidInput, NoSuchEntity
from operations.ids import unique_id
from policies.operations.managed_policies import create_policy
from tests.access.asking import DORA, custom, document, entry, principal


@pytest.fixture
def dora(admin, account, make_user):
    """A user with an inline policy, one of a group, a customer managed policy and a boundary."""
    dora = make_user("dora")
    group = Group.objects.create(account=account, name="ops", name_key="ops", unique_id=unique_id("AGPA"))
    Membership.objects.create(user=dora, group=group)
    put_user_policy(admin, user_name="dora", policy_name="own", policy_document=document())
    put_group_policy(admin, group_name="ops", policy_name="shared", policy_document=document("s3:PutObject"))
    managed = create_policy(admin, policy_name="managed", policy_document=document("s3:ListBucket"))["Policy"]["Arn"]
    attach_user_policy(admin, user_name="dora", policy_arn=managed)
    attach_group_policy(admin, group_name="ops", policy_arn=managed)
    boundary = create_policy(admin, policy_name="boundary", policy_document=document("s3:*"))["Policy"]["Arn"]
    put_user_permissions_boundary(admin, user_name="dora", permissions_boundary=boundary)
    return dora


def test_a_user_with_its_groups_and_boundary(admin, dora):
    result = principal(admin)
    assert result["EvalDecision"] == "allowed"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
    types = {
        action: [
            (match["SourcePolicyId"], match["SourcePolicyType"])
            for match in principal(admin, action)["MatchedStatements"]
        ]
        for action in ("s3:GetObject", "s3:PutObject", "s3:ListBucket")
    }
    assert types == {
        "s3:GetObject": [("user_dora_own", "user")],
        "s3:PutObject": [("group_ops_shared", "group")],
        "s3:ListBucket": [("managed", "user-managed")],
    }
    cut = principal(admin, "ec2:StartInstances", policy_input_list=[document("ec2:*")])
    assert (cut["EvalDecision"], cut["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"]) == (
        "implicitDeny",
        False,
    )


def test_more_policies_and_another_boundary(admin, dora):
    given = {
        "policy_input_list": [document("ec2:*")],
        "permissions_boundary_policy_input_list": [document("ec2:*")],
    }
    assert principal(admin, "ec2:StartInstances", **given)["EvalDecision"] == "allowed"
    assert principal(admin, "s3:GetObject", **given)["EvalDecision"] == "implicitDeny"


MANAGED = "arn:aws:iam::123456789012:policy/managed"


@pytest.mark.parametrize(
    ("identifier", "left"),
    [
        ({"PolicyType": "inline"}, {"s3:ListBucket"}),
        ({"PolicyType": "user-managed"}, {"s3:GetObject", "s3:PutObject"}),
        ({"PolicyType": "aws-managed"}, {"s3:GetObject", "s3:PutObject", "s3:ListBucket"}),
        ({"PolicyType": "scp"}, {"s3:GetObject", "s3:PutObject", "s3:ListBucket"}),
        ({"PolicyType": "rcp"}, {"s3:GetObject", "s3:PutObject", "s3:ListBucket"}),
        ({"PolicyArn": MANAGED}, {"s3:GetObject", "s3:PutObject"}),
        ({"PolicyArn": "arn:aws:iam::123456789012:policy/m*ag?d"}, {"s3:GetObject", "s3:PutObject"}),
        ({"PolicyArn": "arn:aws:iam::123456789012:policy/gone"}, {"s3:GetObject", "s3:PutObject", "s3:ListBucket"}),
        ({"InlinePolicyIdentifier": {"PolicyName": "own", "AttachmentType": "user", "AttachmentName": "dora"}}, {"s3:PutObject", "s3:ListBucket"}),
        ({"InlinePolicyIdentifier": {"PolicyName": "shared", "AttachmentType": "group", "AttachmentName": "o*"}}, {"s3:GetObject", "s3:ListBucket"}),
        ({"InlinePolicyIdentifier": {"PolicyName": "shared", "AttachmentType": "group", "AttachmentName": "x??"}}, {"s3:GetObject", "s3:PutObject", "s3:ListBucket"}),
    ],
)  # fmt: skip
def test_policies_are_excluded(admin, dora, identifier, left):
    actions = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]
    answer = simulate_principal_policy(
        admin, policy_source_arn=DORA, action_names=actions, policy_exclusion_list=[identifier]
    )
    allowed = {
        result["EvalActionName"] for result in answer["EvaluationResults"] if result["EvalDecision"] == "allowed"
    }
    assert allowed == left


def test_the_boundary_is_excluded_by_type_alone(admin, dora):
    given = {"policy_input_list": [document("ec2:*")]}
    by_type = principal(
        admin, "ec2:StartInstances", policy_exclusion_list=[{"PolicyType": "permission-boundary"}], **given
    )
    assert by_type["EvalDecision"] == "allowed"
    assert "PermissionsBoundaryDecisionDetail" not in by_type
    arn = "arn:aws:iam::123456789012:policy/boundary"
    by_arn = principal(admin, "ec2:StartInstances", policy_exclusion_list=[{"PolicyArn": arn}], **given)
    assert by_arn["EvalDecision"] == "implicitDeny"


@pytest.mark.parametrize(
    "identifier",
    [
        {},
        {"PolicyType": "inline", "PolicyArn": MANAGED},
        {"PolicyArn": "arn:aws:iam::123456789012:user/dora"},
        {"PolicyArn": "arn:aws:iam::*:policy/managed"},
        {"PolicyArn": "arn:aws:iam::123456789012:policy/*a*"},
    ],
)
def test_bad_identifiers_are_refused(admin, dora, identifier):
    with pytest.raises(InvalidInput):
        principal(admin, policy_exclusion_list=[identifier])


def test_the_principals_tags_are_not_taken_from_the_real_world(admin, dora):
    dora.tags.create(key="team", key_folded="team", value="ops")
    text = document("ec2:StartInstances", Condition={"StringEquals": {"aws:PrincipalTag/team": "ops"}})
    given = {"policy_input_list": [text], "policy_exclusion_list": [{"PolicyType": "permission-boundary"}]}
    result = principal(admin, "ec2:StartInstances", **given)
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("implicitDeny", ["aws:PrincipalTag/team"])
    entries = [entry("aws:PrincipalTag/team", "string", "ops")]
    assert principal(admin, "ec2:StartInstances", context_entries=entries, **given)["EvalDecision"] == "allowed"


def test_the_caller_can_be_another(admin, dora):
    text = document("s3:PutObjectAcl", "arn:aws:s3:::home/${aws:username}/*")
    given = {"policy_input_list": [text], "resource_arns": ["arn:aws:s3:::home/emil/1"]}
    assert principal(admin, "s3:PutObjectAcl", **given)["EvalDecision"] == "implicitDeny"
    emil = "arn:aws:iam::123456789012:user/emil"
    assert principal(admin, "s3:PutObjectAcl", caller_arn=emil, **given)["EvalDecision"] == "allowed"


def test_groups_roles_and_other_paths(admin, dora, account):
    Role.objects.create(
        account=account, name="worker", name_key="worker", unique_id=unique_id("AROA"), trust_policy="{}"
    )
    group = principal(admin, "s3:PutObject", arn="arn:aws:iam::123456789012:group/ops")
    assert group["EvalDecision"] == "allowed"
    role = principal(admin, arn="arn:aws:iam::123456789012:role/worker", policy_input_list=[document()])
    assert role["EvalDecision"] == "allowed"
    assert principal(admin, arn="arn:aws:iam::123456789012:user/another/path/Dora")["EvalDecision"] == "allowed"


def test_who_is_no_policy_source(admin, stranger, dora):
    for arn in ("arn:aws:sts::123456789012:assumed-role/r/s", "arn:aws:iam::123456789012:root", MANAGED):
        with pytest.raises(InvalidInput) as refused:
            principal(admin, arn=arn)
        assert refused.value.message == f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
    with pytest.raises(NoSuchEntity) as refused:
        principal(admin, arn="arn:aws:iam::123456789012:role/gone")
    assert refused.value.message == "The role with name gone cannot be found."
    with pytest.raises(InvalidInput) as refused:
        principal(stranger)
    assert refused.value.message == (
        "Invalid Policy Source Arn: caller's account 210987654321 does not have access to policies in account 123456789012"
    )


def test_denied_to_who_may_not_ask(nobody, dora, last_event):
    with pytest.raises(AccessDenied) as refused:
        principal(nobody)
    assert f"iam:SimulatePrincipalPolicy on resource: {DORA} because" in refused.value.message
    assert last_event()["errorCode"] == "AccessDenied"
    with pytest.raises(AccessDenied, match=r"iam:SimulateCustomPolicy on resource: \* because"):
        custom(nobody, document())


def test_a_simulation_is_recorded_as_a_read_and_changes_nothing(admin, dora, last_event):
    principal(admin)
    record = last_event()
    assert (record["eventName"], record["readOnly"], record["responseElements"]) == (
        "SimulatePrincipalPolicy",
        True,
        None,
    )


# --- context keys ----------------------------------------------------------------------------------------------------------


def test_context_keys_of_given_policies(admin):
    one = document(Condition={"StringEquals": {"aws:PrincipalTag/team": "${aws:username}"}})
    two = document(
        resource="arn:aws:s3:::home/${AWS:Username}/*", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.1"}}
    )
    answer = get_context_keys_for_custom_policy(admin, policy_input_list=[one, two])
    assert answer == {"ContextKeyNames": ["aws:PrincipalTag/team", "aws:SourceIp", "aws:username"]}
    with pytest.raises(InvalidInput):
        get_context_keys_for_custom_policy(admin, policy_input_list=["{"])


def test_context_keys_of_a_principal(admin, nobody, dora):
    text = document("s3:PutObject", Condition={"StringEquals": {"s3:x-amz-acl": "private"}})
    put_group_policy(admin, group_name="ops", policy_name="shared", policy_document=text)
    more = document(Condition={"Bool": {"aws:SecureTransport": "true"}})
    answer = get_context_keys_for_principal_policy(admin, policy_source_arn=DORA, policy_input_list=[more])
    assert answer == {"ContextKeyNames": ["aws:SecureTransport", "s3:x-amz-acl"]}
    with pytest.raises(AccessDenied):
        get_context_keys_for_principal_policy(nobody, policy_source_arn=DORA)
