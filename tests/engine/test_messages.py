"""The sentences of AWS's denials: one cause, in AWS's words, with the ARN of the denying policy where it has one."""

from typing import Any

import pytest

from engine import NamedPolicy, Policies, Policy, Principal, Request, denial_message, evaluate

A, B = "111122223333", "444455556666"
ALICE = f"arn:aws:iam::{A}:user/alice"
SESSION = f"arn:aws:sts::{A}:assumed-role/app/s1"
QUEUE = f"arn:aws:sqs:us-east-1:{A}:jobs"
ARN = f"arn:aws:iam::{A}:policy/Guard"
SCP_ARN = "arn:aws:organizations::111122223333:policy/o-a1b2c3d4e5/service_control_policy/p-12345678"


def document(effect: str, action: str = "*", **more: Any) -> Policy:
    return Policy.from_value(
        {"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": action, "Resource": "*", **more}}
    )


FULL, OTHER, DENY = document("Allow"), document("Allow", "ec2:*"), document("Deny", "sqs:*")
SPEAKS = f"is not authorized to perform: sqs:SendMessage on resource: {QUEUE}"


def denied(principal: str | None = ALICE, target: str = QUEUE, **policies: Any) -> str:
    request = Request(Principal.from_arn(principal), "sqs:SendMessage", target)
    decision = evaluate(request, Policies(**policies))
    assert not decision.allowed
    return denial_message(request, decision)


def named(policy: Policy, kind: str, arn: str | None = None) -> NamedPolicy:
    return NamedPolicy("Guard", policy, kind, arn)


def test_a_trust_policy_that_denies_is_the_role_s() -> None:
    role = f"arn:aws:iam::{A}:role/app"
    trust = Policy.from_value(
        {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}}
    )
    request = Request(Principal.from_arn(ALICE), "sts:AssumeRole", role)
    decision = evaluate(request, Policies(identity=[FULL], resource=named(trust, "resource")))
    assert denial_message(request, decision) == (
        f"User: {ALICE} is not authorized to perform: sts:AssumeRole on resource: {role} with an explicit deny in the role trust policy"
    )


@pytest.mark.parametrize(
    ("policies", "reason"),
    [
        ({}, "because no identity-based policy allows the sqs:SendMessage action"),
        ({"identity": [OTHER]}, "because no identity-based policy allows the sqs:SendMessage action"),
        (
            {"identity": [FULL], "boundaries": [OTHER]},
            "because no permissions boundary allows the sqs:SendMessage action",
        ),
        ({"identity": [FULL, DENY]}, "with an explicit deny in an identity-based policy"),
        ({"identity": [FULL], "boundaries": [FULL, DENY]}, "with an explicit deny in a permissions boundary"),
        ({"identity": [FULL], "service_control": [[OTHER]]}, "with an explicit deny in a service control policy"),
        ({"identity": [FULL], "service_control": [[FULL, DENY]]}, "with an explicit deny in a service control policy"),
        (
            {"identity": [FULL], "vpc_endpoint": [OTHER]},
            "because no VPC endpoint policy allows the sqs:SendMessage action",
        ),
        ({"identity": [FULL], "vpc_endpoint": [FULL, DENY]}, "with an explicit deny in a VPC endpoint policy"),
        (
            {"identity": [FULL], "resource": document("Deny", Principal="*")},
            "with an explicit deny in a resource-based policy",
        ),
        (
            {"identity": [FULL], "resource_control": [[document("Deny", Principal="*")]]},
            "with an explicit deny in a resource control policy",
        ),
    ],
)
def test_a_users_denial(policies: dict[str, Any], reason: str) -> None:
    assert denied(**policies) == f"User: {ALICE} {SPEAKS} {reason}"


def test_a_session_policy_that_is_silent() -> None:
    reason = "because no session policy allows the sqs:SendMessage action"
    assert denied(SESSION, identity=[FULL], session=[OTHER]) == f"User: {SESSION} {SPEAKS} {reason}"
    assert denied(SESSION, identity=[FULL], session=[FULL, DENY]).endswith("with an explicit deny in a session policy")


def test_another_accounts_resource() -> None:
    queue = f"arn:aws:sqs:us-east-1:{B}:jobs"
    allows = "allows the sqs:SendMessage action"
    assert denied(target=queue, identity=[FULL]).endswith(f"because no resource-based policy {allows}")
    named_only = document("Allow", Principal={"AWS": ALICE})
    assert denied(target=queue, resource=named_only).endswith(f"because no identity-based policy {allows}")


def test_a_role_that_does_not_trust_the_caller() -> None:
    role = f"arn:aws:iam::{A}:role/deploy"
    request = Request(Principal.from_arn(ALICE), "sts:AssumeRole", role)
    trust = Policy.from_value(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": B}}}
    )
    assert denial_message(request, evaluate(request, Policies(identity=[FULL], resource=trust))) == (
        f"User: {ALICE} is not authorized to perform: sts:AssumeRole on resource: {role} "
        "because no role trust policy allows the sts:AssumeRole action"
    )


@pytest.mark.parametrize(
    ("policies", "arn"),
    [
        ({"identity": [FULL, named(DENY, "user-managed", ARN)]}, ARN),
        ({"identity": [FULL], "boundaries": [FULL, named(DENY, "boundary", ARN)]}, ARN),
        ({"identity": [FULL], "service_control": [[FULL, named(DENY, "scp", SCP_ARN)]]}, SCP_ARN),
    ],
)
def test_the_arn_of_the_denying_policy_is_appended(policies: dict[str, Any], arn: str) -> None:
    sentence = denied(**policies)
    assert sentence.endswith(arn)
    assert "with an explicit deny in a" in sentence


def test_inline_policies_have_no_arn() -> None:
    assert denied(identity=[FULL, named(DENY, "user")]).endswith("with an explicit deny in an identity-based policy")


def test_one_cause_is_named() -> None:
    sentence = denied(identity=[DENY], boundaries=[DENY], service_control=[[DENY]], vpc_endpoint=[DENY])
    assert sentence.count("explicit deny") == 1
    assert sentence.endswith("with an explicit deny in a service control policy")


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("cloudtrail:LookupEvents", "cloudtrail:LookupEvents because no"),
        ("iam:GetAccountSummary", "iam:GetAccountSummary on resource: * because no"),
    ],
)
def test_where_an_action_has_no_resource_cloudtrail_names_none(action: str, said: str) -> None:
    request = Request(Principal.from_arn(ALICE), action, "*")
    message = denial_message(request, evaluate(request, Policies()))
    assert (
        message
        == f"User: {ALICE} is not authorized to perform: {said} identity-based policy allows the {action} action"
    )


IAM = "arn:aws:iam::123456789012:"


@pytest.mark.parametrize(
    ("action", "resource", "said"),
    [
        ("iam:GetUser", f"{IAM}user/people/ops/dora", "user dora"),
        ("iam:CreateAccessKey", f"{IAM}user/dora", "user dora"),
        ("iam:AddUserToGroup", f"{IAM}group/eng/builders", "group builders"),
        ("iam:GetRole", f"{IAM}role/service/web", "role web"),
        ("iam:UpdateAssumeRolePolicy", f"{IAM}role/web", "role web"),
        ("iam:AddRoleToInstanceProfile", f"{IAM}instance-profile/web", "instance profile web"),
        ("iam:ListPolicyVersions", f"{IAM}policy/team/reading", f"policy {IAM}policy/team/reading"),
        ("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess", "policy arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("iam:CreatePolicy", f"{IAM}policy/team/reading", "policy reading"),
        ("iam:CreateUser", f"{IAM}user/people/dora", f"{IAM}user/people/dora"),
        ("iam:CreateRole", f"{IAM}role/web", f"{IAM}role/web"),
        ("iam:PassRole", f"{IAM}role/web", f"{IAM}role/web"),
        ("iam:CreateServiceLinkedRole", f"{IAM}role/aws-service-role/x/y", f"{IAM}role/aws-service-role/x/y"),
        ("iam:SimulatePrincipalPolicy", f"{IAM}user/dora", f"{IAM}user/dora"),
        ("iam:CreateVirtualMFADevice", f"{IAM}mfa/phone", f"{IAM}mfa/phone"),
        ("iam:ListUsers", f"{IAM}user/", f"{IAM}user/"),
        ("iam:ListRoles", f"{IAM}role/team/", f"{IAM}role/team/"),
        ("iam:DeleteUser", f"{IAM}user/*", f"{IAM}user/*"),
        ("sts:AssumeRole", f"{IAM}role/web", f"{IAM}role/web"),
    ],
)
def test_iam_names_what_there_is_by_kind_and_name(action: str, resource: str, said: str) -> None:
    request = Request(Principal.from_arn(ALICE), action, resource)
    message = denial_message(request, evaluate(request, Policies()))
    assert f"{action} on resource: {said} because no identity-based policy allows the {action} action" in message
