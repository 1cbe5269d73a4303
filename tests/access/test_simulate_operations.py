"""SimulateCustomPolicy, SimulatePrincipalPolicy, GetContextKeysFor…: AWS's parameters, answers and errors."""

import json

import pytest

from access.operations.context_keys import get_context_keys_for_custom_policy, get_context_keys_for_principal_policy
from access.operations.simulate import simulate_custom_policy, simulate_principal_policy
from accounts.models import Group, Membership, Role
from accounts.operations.attachments import attach_group_policy, attach_user_policy
from accounts.operations.boundaries import put_user_permissions_boundary
from accounts.operations.inline_policies import put_group_policy, put_user_policy
from operations.errors import AccessDenied, InvalidInput, NoSuchEntity, ValidationError
from operations.ids import unique_id
from policies.operations.managed_policies import create_policy

DORA = "arn:aws:iam::123456789012:user/dora"
OBJECT = "arn:aws:s3:::reports/2026.csv"
FOREIGN = "arn:aws:sqs:us-east-1:999999999999:queue"


def document(action="s3:GetObject", resource="*", effect="Allow", **more):
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def custom(caller, *policies, action="s3:GetObject", **given):
    answer = simulate_custom_policy(caller, policy_input_list=list(policies), action_names=[action], **given)
    return answer["EvaluationResults"][0]


def principal(caller, action="s3:GetObject", arn=DORA, **given):
    answer = simulate_principal_policy(caller, policy_source_arn=arn, action_names=[action], **given)
    return answer["EvaluationResults"][0]


def entry(name, kind, *values):
    return {"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": list(values)}


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


# --- given policies --------------------------------------------------------------------------------------------------------


def test_a_result_for_all_resources(admin):
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    assert custom(admin, text) == {
        "EvalActionName": "s3:GetObject",
        "EvalResourceName": "*",
        "EvalDecision": "allowed",
        "MatchedStatements": [
            {
                "SourcePolicyId": "PolicyInputList.1",
                "SourcePolicyType": "none",
                "StartPosition": {"Line": 1, "Column": 41},
                "EndPosition": {"Line": 1, "Column": len(text) - 1},
            }
        ],
        "MissingContextValues": [],
    }


def test_a_denial_lists_the_denying_statements_alone(admin):
    result = custom(admin, document("s3:*"), document(effect="Deny"))
    assert result["EvalDecision"] == "explicitDeny"
    assert [match["SourcePolicyId"] for match in result["MatchedStatements"]] == ["PolicyInputList.2"]
    assert custom(admin, document("iam:*"))["MatchedStatements"] == []
    assert custom(admin)["EvalDecision"] == "implicitDeny"


def test_positions_count_lines(admin):
    text = json.dumps(json.loads(document()), indent=4)
    (match,) = custom(admin, text)["MatchedStatements"]
    assert (match["StartPosition"], match["EndPosition"]) == ({"Line": 4, "Column": 9}, {"Line": 8, "Column": 10})


def test_named_resources_have_their_own_results(admin):
    other = "arn:aws:s3:::other/1"
    result = custom(admin, document(resource=OBJECT), resource_arns=[OBJECT, other])
    assert result["EvalDecision"] == "implicitDeny"
    assert result["EvalResourceName"] == "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
    assert result["EvalDecisionDetails"] == {}
    first, second = result["ResourceSpecificResults"]
    assert (first["EvalResourceName"], first["EvalResourceDecision"]) == (OBJECT, "allowed")
    assert (second["EvalResourceName"], second["EvalResourceDecision"]) == (other, "implicitDeny")
    assert len(first["MatchedStatements"]) == 1
    assert "EvalDecisionDetails" not in first
    assert custom(admin, document(), resource_arns=[OBJECT])["EvalResourceName"] == OBJECT


def test_missing_context_is_told_and_context_is_used(admin):
    text = document(
        Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}, "StringLike": {"s3:prefix": "${aws:username}/*"}}
    )
    result = custom(admin, text)
    assert result["EvalDecision"] == "implicitDeny"
    assert result["MissingContextValues"] == ["aws:MultiFactorAuthPresent", "aws:username", "s3:prefix"]
    given = [
        entry("aws:MultiFactorAuthPresent", "boolean", "true"),
        entry("s3:prefix", "stringList", "dora/a"),
        entry("aws:username", "string", "dora"),
    ]
    assert custom(admin, text, context_entries=given)["EvalDecision"] == "allowed"


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([{"ContextKeyValues": ["x"]}], "ContextKeyName cannot be null or empty."),
        (
            [entry("aws:SourceIp", "ip", "1.2.3.4"), entry("AWS:sourceip", "ip", "1.2.3.4")],
            "Duplicate context key: AWS:sourceip.",
        ),
        ([{"ContextKeyName": "s3:prefix", "ContextKeyValues": ["x"]}], "Context key s3:prefix has invalid type null."),
        ([entry("s3:prefix", "string")], "Context values for context key s3:prefix cannot be null or empty."),
        ([entry("s3:prefix", "string", "a", "b")], "Context key s3:prefix expected a single value, but received 2."),
        (
            [entry("s3:max-keys", "numeric", "many")],
            "Invalid context value for key s3:max-keys: expected numeric format.",
        ),
        ([entry("aws:SourceIp", "ip", "here")], "Invalid context value for key aws:SourceIp: expected IP address."),
        (
            [entry("aws:CurrentTime", "date", "now")],
            "Invalid context value for key aws:CurrentTime: expected DateTime format.",
        ),
        (
            [entry("x:blob", "binary", "?")],
            "Invalid context value for key x:blob: expected base-64 encoded binary format.",
        ),
    ],
)
def test_bad_context_is_refused_in_awss_words(admin, entries, message):
    with pytest.raises(InvalidInput) as refused:
        custom(admin, document(), context_entries=entries)
    assert refused.value.message == message


def test_typed_context_is_accepted(admin):
    entries = [
        entry("s3:max-keys", "numericList", "1", "2.5", "-1e3"),
        entry("aws:SourceIp", "ipList", "192.0.2.1", "2001:db8::/32"),
        entry("aws:CurrentTime", "date", "2026-01-31T12:00:00Z"),
        entry("aws:EpochTime", "date", "1769860800"),
        entry("x:blob", "binary", "AAEC"),
        entry("aws:SecureTransport", "boolean", "true"),
    ]
    assert custom(admin, document(), context_entries=entries)["EvalDecision"] == "allowed"


def test_one_boundary_may_be_given(admin):
    result = custom(admin, document(), permissions_boundary_policy_input_list=[document("s3:Put*")])
    assert result["EvalDecision"] == "implicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    result = custom(
        admin, document(), permissions_boundary_policy_input_list=[document("s3:*")], resource_arns=[OBJECT]
    )
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": True}
    assert (
        result["ResourceSpecificResults"][0]["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"]
        is True
    )
    with pytest.raises(InvalidInput):
        custom(admin, document(), permissions_boundary_policy_input_list=[document()] * 2)


def test_levels_of_an_organization(admin):
    full, deny = document("*"), document("s3:*", effect="Deny")

    def levels(*documents):
        return [{"ServiceControlPolicyInputList": list(level)} for level in documents]

    result = custom(admin, document(), ordered_organization_policy_input_list=levels([full], [full]))
    assert result["EvalDecision"] == "allowed"
    assert result["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": True}
    result = custom(
        admin, document(), ordered_organization_policy_input_list=levels([full], [full, deny]), resource_arns=[OBJECT]
    )
    assert result["EvalDecision"] == "explicitDeny"
    assert result["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": False}
    assert result["MatchedStatements"] == []
    assert "EvalDecisionDetails" not in result
    with pytest.raises(ValidationError, match="Member must have length less than or equal to 7"):
        custom(admin, document(), ordered_organization_policy_input_list=levels(*[[full]] * 8))


def test_the_scp_keys_that_are_missing_are_told(admin):
    scp = document("*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})
    levels = [{"ServiceControlPolicyInputList": [scp]}]
    result = custom(admin, document(), ordered_organization_policy_input_list=levels)
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("implicitDeny", ["aws:RequestedRegion"])


def test_a_resource_policy_across_accounts_has_details(admin):
    grant = document("sqs:SendMessage", FOREIGN, Principal={"AWS": DORA})
    given = {"action": "sqs:SendMessage", "resource_arns": [FOREIGN], "caller_arn": DORA}
    result = custom(admin, document("sqs:*"), resource_policy=grant, **given)
    details = {"IAM Policy": "allowed", "Resource Policy": "allowed"}
    assert (result["EvalDecision"], result["EvalDecisionDetails"]) == ("allowed", details)
    assert result["ResourceSpecificResults"][0]["EvalDecisionDetails"] == details
    types = {(match["SourcePolicyId"], match["SourcePolicyType"]) for match in result["MatchedStatements"]}
    assert types == {("PolicyInputList.1", "none"), ("ResourcePolicy", "resource")}
    result = custom(admin, document("s3:*"), resource_policy=grant, **given)
    assert result["EvalDecision"] == "implicitDeny"
    assert result["EvalDecisionDetails"] == {"IAM Policy": "implicitDeny", "Resource Policy": "allowed"}


@pytest.mark.parametrize("owner", ["999999999999", "arn:aws:iam::999999999999:root"])
def test_the_owner_of_a_resource_without_account(admin, owner):
    grant = document("s3:GetObject", OBJECT, Principal={"AWS": DORA})
    given = {"resource_arns": [OBJECT], "caller_arn": DORA, "resource_policy": grant}
    assert custom(admin, document("iam:*"), **given)["EvalDecision"] == "allowed"
    result = custom(admin, document("iam:*"), resource_owner=owner, **given)
    assert result["EvalDecision"] == "implicitDeny"
    assert result["EvalDecisionDetails"]["Resource Policy"] == "allowed"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"action": "GetObject"}, "The action is invalid since it is missing names"),
        ({"action": "s3:Get*"}, "Invalid Input Actions: s3:Get* has a wildcard, which action names may not have."),
        ({"resource_arns": ["14a050d4-021e"]}, "ResourceNames are not in a valid ARN format: 14a050d4-021e."),
        ({"resource_arns": [OBJECT, "*"]}, "ResourceNames are not in a valid ARN format: *."),
        ({"resource_owner": "somebody"}, "'somebody' is not a valid as a Resource Owner."),
        ({"caller_arn": "arn:aws:sts::123456789012:assumed-role/r/s"}, "Invalid caller - Caller must be an IAM user, role or group in this context."),
        ({"resource_policy": document(Principal="*"), "resource_arns": [OBJECT]}, "Invalid caller - Caller cannot be null or empty."),
        ({"resource_policy": document(Principal="*"), "caller_arn": DORA}, "Invalid Entity Arn: * does not clearly define entity type and name."),
        ({"resource_handling_option": "EC2-VPC-EBS"}, "Invalid input resource handling options. Action does not support resource handling options: s3:GetObject."),
        ({"resource_handling_option": "Anything", "action": "ec2:RunInstances"}, "Invalid input resource handling options. Action does not support resource handling options: ec2:RunInstances."),
    ],
)  # fmt: skip
def test_bad_parameters_are_refused_in_awss_words(admin, given, message):
    with pytest.raises(InvalidInput) as refused:
        custom(admin, document(), **given)
    assert refused.value.message == message


def test_a_launch_scenario_is_accepted(admin):
    result = custom(admin, document("ec2:*"), action="ec2:RunInstances", resource_handling_option="EC2-VPC-EBS-Subnet")
    assert result["EvalDecision"] == "allowed"


def test_a_policy_that_cannot_be_read_says_where(admin):
    with pytest.raises(InvalidInput) as refused:
        custom(admin, document(), "{\n")
    assert refused.value.message.startswith("Syntax errors in policy. PolicyInputList.2: ")
    assert refused.value.details["line"] == 2


def test_pages_run_over_the_actions_and_keep_order_and_doubles(admin):
    actions = ["s3:PutObject", "s3:GetObject", "s3:PutObject"]
    given = {"policy_input_list": [document()], "action_names": actions, "resource_arns": [OBJECT, OBJECT + "x"]}
    first = simulate_custom_policy(admin, **given, max_items=2)
    assert [result["EvalActionName"] for result in first["EvaluationResults"]] == actions[:2]
    assert all(len(result["ResourceSpecificResults"]) == 2 for result in first["EvaluationResults"])
    second = simulate_custom_policy(admin, **given, max_items=2, marker=first["Marker"])
    assert [result["EvalActionName"] for result in second["EvaluationResults"]] == actions[2:]
    assert second["IsTruncated"] is False


# --- stored principals -----------------------------------------------------------------------------------------------------


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
