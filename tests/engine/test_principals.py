"""What a caller is known by beyond its ARN: unique ids, providers, tags, organization, the user behind a session."""

from typing import Any

import pytest

from engine import Policies, Policy, Principal, Request, evaluate

A, B = "111122223333", "444455556666"
ALICE = f"arn:aws:iam::{A}:user/alice"
SESSION = f"arn:aws:sts::{A}:assumed-role/app/s1"
FEDERATED = f"arn:aws:sts::{A}:federated-user/fred"
ROLE = f"arn:aws:iam::{A}:role/app"
NOTHING = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}


def policy(statement: dict[str, Any]) -> Policy:
    return Policy.from_value({"Version": "2012-10-17", "Statement": statement})


def granted(principal: Principal, named: Any, **layers: Any) -> bool:
    """Whether a queue's policy that names `named` lets the caller in, with nothing else granted."""
    resource = policy({"Effect": "Allow", "Principal": named, "Action": "sqs:*", "Resource": "*"})
    request = Request(principal, "sqs:SendMessage", f"arn:aws:sqs:us-east-1:{A}:jobs")
    return evaluate(request, Policies(resource=resource, **layers)).allowed


def key_holds(principal: Principal, operator: str, key: str, value: Any, context: dict[str, Any] | None = None) -> bool:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {operator: {key: value}}}
    request = Request(principal, "sqs:SendMessage", f"arn:aws:sqs:us-east-1:{A}:jobs", context or {})
    session = [policy({**NOTHING, "Action": "*"})] if principal.kind == "federated_user" else None
    return evaluate(request, Policies(identity=[policy(statement)], session=session)).allowed


def test_a_user_is_named_by_its_unique_id() -> None:
    alice = Principal.from_arn(ALICE, user_id="AIDAALICE")
    assert granted(alice, {"AWS": "AIDAALICE"})
    assert granted(alice, {"AWS": ["AIDAOTHER", "AIDAALICE"]}, boundaries=[policy(NOTHING)])
    assert not granted(alice, {"AWS": "AIDAOTHER"})
    assert not granted(Principal.from_arn(ALICE), {"AWS": "AIDAALICE"})


def test_a_role_is_named_by_its_unique_id() -> None:
    session = Principal.from_arn(SESSION, role_id="AROAAPP")
    assert granted(session, {"AWS": "AROAAPP"})
    assert not granted(session, {"AWS": "AROAAPP"}, boundaries=[policy(NOTHING)])
    assert not granted(session, {"AWS": "AROAAPP"}, session=[policy(NOTHING)])
    assert not granted(session, {"AWS": "AROAOTHER"})
    assert key_holds(session, "StringEquals", "aws:userid", "AROAAPP:s1")


def test_a_roles_path_is_known_when_it_is_told() -> None:
    with_path = f"arn:aws:iam::{A}:role/team/app"
    session = Principal.from_arn(SESSION, role_arn=with_path)
    assert granted(session, {"AWS": with_path})
    assert not granted(session, {"AWS": ROLE})
    assert key_holds(session, "ArnEquals", "aws:PrincipalArn", with_path)
    assert not key_holds(session, "ArnEquals", "aws:PrincipalArn", ROLE)


def test_the_user_behind_a_federated_session_is_limited_by_boundary_and_session_policy() -> None:
    fred = Principal.from_arn(FEDERATED, source_user_arn=ALICE)
    everything = [policy({**NOTHING, "Action": "*"})]
    assert granted(fred, {"AWS": ALICE}, session=everything)
    assert not granted(fred, {"AWS": ALICE}, session=[policy(NOTHING)])
    assert not granted(fred, {"AWS": ALICE}, session=everything, boundaries=[policy(NOTHING)])
    assert granted(fred, {"AWS": FEDERATED}, session=[policy(NOTHING)], boundaries=[policy(NOTHING)])
    assert not granted(Principal.from_arn(FEDERATED), {"AWS": ALICE}, session=everything)


def test_a_session_of_a_provider_is_named_by_the_provider() -> None:
    provider = f"arn:aws:iam::{A}:saml-provider/corp"
    session = Principal.from_arn(SESSION, federated_provider=provider)
    assert granted(session, {"Federated": provider})
    assert not granted(session, {"Federated": f"arn:aws:iam::{A}:saml-provider/other"})
    assert not granted(Principal.from_arn(SESSION), {"Federated": provider})
    assert key_holds(session, "StringEquals", "aws:FederatedProvider", provider)


def test_a_canonical_user_is_an_account() -> None:
    root = Principal.from_arn(f"arn:aws:iam::{A}:root", canonical_id="79a59df9")
    alice = Principal.from_arn(ALICE, canonical_id="79a59df9")
    everything = [policy({**NOTHING, "Action": "*"})]
    assert granted(root, {"CanonicalUser": "79a59df9"})
    assert not granted(alice, {"CanonicalUser": "79a59df9"})
    assert granted(alice, {"CanonicalUser": "79a59df9"}, identity=everything)
    resource = policy({"Effect": "Allow", "Principal": {"CanonicalUser": "79a59df9"}, "Action": "*", "Resource": "*"})
    for caller, allowed in ((root, True), (Principal.from_arn(f"arn:aws:iam::{A}:root"), False)):
        request = Request(caller, "s3:GetObject", "arn:aws:s3:::data/x", resource_account=B)
        assert evaluate(request, Policies(resource=resource)).allowed is allowed


def test_a_service_may_have_several_names() -> None:
    service = Principal.from_arn(
        "ec2.amazonaws.com", service_names=("ec2.amazonaws.com", "ec2.us-east-1.amazonaws.com")
    )
    assert granted(service, {"Service": "ec2.us-east-1.amazonaws.com"})
    assert granted(service, {"Service": "ec2.amazonaws.com"})
    assert not granted(service, {"Service": "ecs.amazonaws.com"})
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    for operator, value, allowed in (
        ("ForAnyValue:StringEquals", "ec2.us-east-1.amazonaws.com", True),
        ("ForAllValues:StringEquals", "ec2.us-east-1.amazonaws.com", False),
    ):
        resource = policy({**statement, "Condition": {operator: {"aws:PrincipalServiceNamesList": value}}})
        request = Request(service, "sqs:SendMessage", f"arn:aws:sqs:us-east-1:{A}:jobs")
        assert evaluate(request, Policies(resource=resource)).allowed is allowed


def test_facts_become_condition_keys() -> None:
    path = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"
    alice = Principal.from_arn(
        ALICE, user_id="AIDAALICE", tags={"Team": "blue"}, org_id="o-a1b2c3d4e5", org_path=path, source_identity="me"
    )
    assert key_holds(alice, "StringEquals", "aws:userid", "AIDAALICE")
    assert key_holds(alice, "StringEquals", "aws:PrincipalTag/team", "blue")
    assert not key_holds(alice, "StringEquals", "aws:PrincipalTag/Team", "Blue")
    assert key_holds(alice, "StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5")
    assert key_holds(alice, "ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/*")
    assert not key_holds(alice, "ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-other/*")
    assert key_holds(alice, "StringEquals", "aws:SourceIdentity", "me")
    assert not key_holds(alice, "StringEquals", "aws:PrincipalTag/team", "blue", {"aws:PrincipalTag/Team": "red"})


@pytest.mark.parametrize(
    ("arn", "known", "value"),
    [
        (ALICE, None, None),
        (ALICE, True, "true"),
        (ALICE, False, "false"),
        (SESSION, None, "false"),
        (SESSION, True, "true"),
        (FEDERATED, None, "false"),
    ],
)
def test_multi_factor_authentication(arn: str, known: bool | None, value: str | None) -> None:
    caller = Principal.from_arn(arn, mfa_authenticated=known)
    assert key_holds(caller, "Null", "aws:MultiFactorAuthPresent", "true") is (value is None)
    assert key_holds(caller, "Bool", "aws:MultiFactorAuthPresent", "true") is (value == "true")
    assert key_holds(caller, "Bool", "aws:MultiFactorAuthPresent", "false") is (value == "false")


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{A}:group/g",
        f"arn:aws:iam::{A}:policy/p",
        f"arn:aws:iam::{A}:user/",
        f"arn:aws:iam::{A}:role/",
        f"arn:aws:iam::{A}:mfa/alice",
        f"arn:aws:sts::{A}:assumed-role/app",
        f"arn:aws:sts::{A}:user/alice",
        f"arn:aws:sts::{A}:saml-provider/corp",
        f"arn:aws:s3::{A}:user/alice",
        "arn:aws:s3:::data",
        "arn:aws:iam",
        "arn:",
    ],
)
def test_what_can_be_no_caller_is_refused(arn: str) -> None:
    with pytest.raises(ValueError, match="is not a principal"):
        Principal.from_arn(arn)
