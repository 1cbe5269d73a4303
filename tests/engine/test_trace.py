"""The explanation: stages in AWS's order, every element and condition with its verdict, the same outcome as without."""

import json
from random import Random
from typing import Any

import pytest

from engine import NamedPolicy, Policies, Policy, Principal, Request, evaluate
from tests.engine import random_cases
from tests.engine.runner import policies_of, request_of

ACCOUNT = "111122223333"
ALICE = Principal.from_arn(f"arn:aws:iam::{ACCOUNT}:user/alice")
OBJECT = "arn:aws:s3:::data/alice/x"


def named(name: str, *statements: dict[str, Any], kind: str = "user-managed") -> NamedPolicy:
    return NamedPolicy(name, Policy.from_value({"Version": "2012-10-17", "Statement": list(statements)}), kind)


def traced(policies: Policies, request: Request) -> dict[str, Any]:
    trace = evaluate(request, policies, trace=True).trace
    assert trace is not None
    return json.loads(json.dumps(trace.as_dict()))


ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
READ_OWN = {
    "Sid": "Own",
    "Effect": "Allow",
    "Action": ["s3:Put*", "s3:Get*"],
    "Resource": ["arn:aws:s3:::other", "arn:aws:s3:::data/${aws:username}/*"],
    "Condition": {"StringEquals": {"s3:prefix": ["${aws:username}", "b"]}, "Bool": {"aws:SecureTransport": "true"}},
}


def test_no_trace_unless_asked() -> None:
    assert evaluate(Request(ALICE, "s3:GetObject", OBJECT), Policies()).trace is None


def test_every_element_and_condition_is_explained() -> None:
    request = Request(ALICE, "s3:GetObject", OBJECT, {"S3:Prefix": "alice"})
    found = traced(Policies([named("Read", READ_OWN)]), request)
    (statement,) = found["stages"][1]["policies"][0]["statements"]
    assert statement["matched"] is False
    assert statement["failed"] == ["Condition"]
    assert statement["elements"]["Action"] == {"matched": True, "by": ["s3:Get*"], "values": ["s3:Put*", "s3:Get*"]}
    assert statement["elements"]["Resource"]["by"] == ["arn:aws:s3:::data/${aws:username}/*"]
    assert statement["elements"]["Resource"]["resolved"] == ["arn:aws:s3:::other", "arn:aws:s3:::data/alice/*"]
    assert statement["conditions"] == [
        {
            "operator": "StringEquals",
            "key": "s3:prefix",
            "wanted": ["${aws:username}", "b"],
            "resolved": ["alice", "b"],
            "given": ["alice"],
            "verdict": True,
        },
        {
            "operator": "Bool",
            "key": "aws:SecureTransport",
            "wanted": ["true"],
            "resolved": ["true"],
            "given": None,
            "verdict": False,
        },
    ]
    assert found["decision"]["missing_context"] == ["aws:SecureTransport"]
    assert found["request"]["context"] == {"S3:Prefix": "alice"}
    assert found["request"]["derived_context"]["aws:username"] == "alice"


def test_negated_elements_say_what_excluded() -> None:
    statement = {"Effect": "Deny", "NotAction": ["iam:*", "s3:*"], "NotResource": ["arn:aws:s3:::x/*"]}
    found = traced(Policies([named("Not", statement)]), Request(ALICE, "s3:GetObject", OBJECT))
    elements = found["stages"][1]["policies"][0]["statements"][0]["elements"]
    assert elements["NotAction"] == {"matched": False, "by": ["s3:*"], "values": ["iam:*", "s3:*"]}
    assert elements["NotResource"]["matched"] is True
    assert elements["NotResource"]["by"] == []


def test_the_stages_stand_in_order_with_their_verdicts() -> None:
    policies = Policies(
        identity=[named("All", ALLOW_ALL)],
        resource=named("Bucket", {**ALLOW_ALL, "Principal": {"AWS": ACCOUNT}}, kind="resource"),
        boundaries=[named("Bound", {**ALLOW_ALL, "Action": "ec2:*"}, kind="boundary")],
        session=[named("Session", ALLOW_ALL, kind="session")],
        service_control=[[named("Full", ALLOW_ALL, kind="scp")], [named("Mine", ALLOW_ALL, kind="scp")]],
        resource_control=[[]],
        vpc_endpoint=[named("Endpoint", ALLOW_ALL, kind="vpce")],
    )
    found = traced(policies, Request(ALICE, "s3:GetObject", OBJECT))
    assert [(stage["name"], stage["verdict"]) for stage in found["stages"]] == [
        ("deny", "silent"),
        ("scp", "allows"),
        ("scp", "allows"),
        ("rcp", "allows"),
        ("vpce", "allows"),
        ("resource", "allows"),
        ("identity", "allows"),
        ("boundary", "silent"),
        ("session", "allows"),
    ]
    assert all(stage["because"] for stage in found["stages"])
    assert "naming the account" in found["stages"][5]["because"]
    assert found["decision"]["outcome"] == "implicitDeny"
    assert found["decision"]["because"] == "allowed in part, but not by: boundary"


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request(ALICE, "s3:GetObject", OBJECT, management_account=True), "the management account is exempt"),
        (Request(ALICE, "s3:GetObject", OBJECT, service_linked_role=True), "service-linked roles are exempt"),
        (
            Request(Principal.from_arn("ec2.amazonaws.com"), "s3:GetObject", OBJECT),
            "does not apply to a caller of this kind",
        ),
    ],
)
def test_what_does_not_apply_says_why(request_: Request, words: str) -> None:
    found = traced(Policies(service_control=[[named("Full", ALLOW_ALL, kind="scp")]]), request_)
    stage = next(stage for stage in found["stages"] if stage["name"] == "scp")
    assert stage["verdict"] == "notApplicable"
    assert words in stage["because"]
    assert stage["policies"] == []


def test_a_root_user_is_explained() -> None:
    root = Principal.from_arn(f"arn:aws:iam::{ACCOUNT}:root")
    found = traced(Policies([named("Nothing", {**ALLOW_ALL, "Effect": "Deny"})]), Request(root, "s3:GetObject", OBJECT))
    assert found["decision"]["outcome"] == "allowed"
    assert found["stages"][1]["because"] == "the root user is not subject to it"


def test_a_trust_policy_is_called_so_and_says_whom_it_names() -> None:
    trust = named(
        "Trust", {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": str(ALICE.arn)}}, kind="resource"
    )
    found = traced(Policies(resource=trust), Request(ALICE, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/r"))
    stage = found["stages"][1]
    assert (stage["name"], stage["verdict"]) == ("trust", "allows")
    assert stage["policies"][0]["statements"][0]["elements"]["Principal"] == {
        "matched": True,
        "named_as": ["caller"],
        "values": {"AWS": [ALICE.arn]},
    }


def test_what_cannot_be_denied_says_so() -> None:
    found = traced(
        Policies([named("No", {**ALLOW_ALL, "Effect": "Deny"})]), Request(ALICE, "sts:GetCallerIdentity", "*")
    )
    assert found["decision"]["outcome"] == "allowed"
    assert "cannot be denied" in found["stages"][0]["because"]


def test_asking_for_the_trace_never_changes_the_decision() -> None:
    for seed in range(150):
        case = random_cases.case(Random(seed))
        request, policies = request_of(case), policies_of(case)
        plain, explained = evaluate(request, policies), evaluate(request, policies, trace=True)
        found = explained.as_dict()
        trace = found.pop("trace")
        assert found == plain.as_dict()
        assert trace["decision"]["outcome"] == plain.outcome
        statements = [s for stage in trace["stages"] for p in stage["policies"] for s in p["statements"]]
        assert all(each["matched"] == (not each["failed"]) for each in statements)
        assert len(found["matched"]) <= sum(each["matched"] for each in statements)
