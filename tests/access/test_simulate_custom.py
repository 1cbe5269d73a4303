"""SimulateCustomPolicy: AWS's parameters, answers and errors."""

import json

import pytest

from access.operations.simulate import simulate_custom_policy
from operations.errors import InvalidInput, ValidationError
from tests.access.asking import DORA, FOREIGN, OBJECT, custom, document, entry


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
