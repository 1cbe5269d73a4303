"""The Python interface of deciding: callers, policies, decisions, and that the quick way decides like the explaining one."""

import copy
from random import Random
from typing import Any

import pytest

from engine import NOT_CONSIDERED, NamedPolicy, Policies, Policy, Principal, Request, denial_message, evaluate
from engine.explain import explain
from engine.policy_sets import policy_set
from engine.request import Naming

ACCOUNT = "111122223333"
ALICE = Principal.from_arn(f"arn:aws:iam::{ACCOUNT}:user/team/alice")


def policy(*statements: dict[str, Any]) -> Policy:
    return Policy.from_value({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any = "*", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def deny(action: Any = "*", resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return {**allow(action, resource, **elements), "Effect": "Deny"}


@pytest.mark.parametrize(
    ("arn", "kind", "account", "facts"),
    [
        (f"arn:aws:iam::{ACCOUNT}:root", "root", ACCOUNT, {}),
        (ACCOUNT, "root", ACCOUNT, {"arn": f"arn:aws:iam::{ACCOUNT}:root"}),
        (f"arn:aws:iam::{ACCOUNT}:user/a/b", "user", ACCOUNT, {"username": "b"}),
        (
            f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/r/s",
            "role_session",
            ACCOUNT,
            {"role_arn": f"arn:aws-cn:iam::{ACCOUNT}:role/r", "session_name": "s"},
        ),
        (
            f"arn:aws:iam::{ACCOUNT}:role/p/r",
            "role_session",
            ACCOUNT,
            {"role_arn": f"arn:aws:iam::{ACCOUNT}:role/p/r", "session_name": None},
        ),
        (f"arn:aws:sts::{ACCOUNT}:federated-user/f", "federated_user", ACCOUNT, {"session_name": "f"}),
        (
            f"arn:aws:iam::{ACCOUNT}:oidc-provider/x.org",
            "federated",
            ACCOUNT,
            {"federated_provider": f"arn:aws:iam::{ACCOUNT}:oidc-provider/x.org"},
        ),
        ("accounts.google.com", "federated", None, {"federated_provider": "accounts.google.com"}),
        ("ec2.amazonaws.com", "service", None, {}),
        (None, "anonymous", None, {"arn": None}),
    ],
)
def test_who_an_arn_is(arn: str | None, kind: str, account: str | None, facts: dict[str, Any]) -> None:
    principal = Principal.from_arn(arn)
    assert (principal.kind, principal.account) == (kind, account)
    assert {name: getattr(principal, name) for name in facts} == facts


@pytest.mark.parametrize(
    "arn",
    [
        "arn:",
        "arn:aws:iam::1:group/g",
        "arn:aws:iam::1:policy/p",
        "arn:aws:s3:::b",
        "arn:aws:iam::1:user/",
        "arn:aws:sts::1:assumed-role/r",
    ],
)
def test_what_is_no_caller(arn: str) -> None:
    with pytest.raises(ValueError, match="is not a principal"):
        Principal.from_arn(arn)


def test_what_follows_from_a_caller() -> None:
    session = Principal.from_arn(
        f"arn:aws:sts::{ACCOUNT}:assumed-role/app/s",
        role_id="AROAX",
        tags={"Team": "blue"},
        org_id="o-1",
        org_path="o-1/r-1/",
    )
    assert session.context == {
        "aws:principaltype": "AssumedRole",
        "aws:principalaccount": ACCOUNT,
        "aws:principalarn": f"arn:aws:iam::{ACCOUNT}:role/app",
        "aws:principalisawsservice": "false",
        "aws:userid": "AROAX:s",
        "aws:principalorgid": "o-1",
        "aws:principalorgpaths": ("o-1/r-1/",),
        "aws:multifactorauthpresent": "false",
        "aws:principaltag/team": "blue",
    }
    assert Principal.from_arn(None).context == {
        "aws:principaltype": "Anonymous",
        "aws:principalaccount": "anonymous",
        "aws:principalisawsservice": "false",
    }
    service = Principal.from_arn("ec2.amazonaws.com").context
    assert service["aws:principalservicename"] == "ec2.amazonaws.com"
    assert service["aws:principalisawsservice"] == "true"
    assert Principal.from_arn(ALICE.arn, mfa_authenticated=True).context["aws:multifactorauthpresent"] == "true"


def test_the_names_of_a_caller() -> None:
    session = Principal.from_arn(f"arn:aws:sts::{ACCOUNT}:assumed-role/app/s", user_id="AROAX:s")
    assert session.names == {
        "*": Naming.EVERYONE,
        ACCOUNT: Naming.ACCOUNT,
        f"arn:aws:iam::{ACCOUNT}:root": Naming.ACCOUNT,
        f"arn:aws:iam::{ACCOUNT}:role/app": Naming.ROLE,
        "AROAX": Naming.ROLE,
        f"arn:aws:sts::{ACCOUNT}:assumed-role/app/s": Naming.DIRECT,
    }


def test_policies_may_stand_without_names() -> None:
    policies = Policies([policy(allow("s3:*"))], boundaries=[policy(allow("s3:Get*"))])
    assert evaluate(Request(ALICE, "S3:GETOBJECT", "arn:aws:s3:::b/k"), policies).allowed
    decision = evaluate(Request(ALICE, "s3:PutObject", "arn:aws:s3:::b/k"), policies)
    assert (decision.outcome, decision.blocked_by) == ("implicitDeny", ("boundary",))


def test_a_decision_knows_what_decided() -> None:
    named = NamedPolicy(
        "Both",
        policy(allow("s3:*", Sid="Yes"), deny("s3:Put*", Sid="No")),
        "user-managed",
        "arn:aws:iam::1:policy/Both",
    )
    decision = evaluate(Request(ALICE, "s3:PutObject", "arn:aws:s3:::b/k"), Policies([named]))
    (match,) = decision.matched
    assert (match.policy, match.kind, match.statement, match.sid, match.effect) == (
        "Both",
        "user-managed",
        1,
        "No",
        "Deny",
    )
    assert match.span.start_line > 1
    assert decision.as_dict() == {
        "decision": "explicitDeny",
        "blocked_by": ["identity"],
        "matched": [{"policy": "Both", "kind": "user-managed", "statement": 1, "effect": "Deny"}],
        "missing_context": [],
    }
    assert repr(decision) == "Decision('explicitDeny')"


def test_the_resource_side_can_be_left_out() -> None:
    request = Request(ALICE, "kms:Decrypt", "arn:aws:kms:us-east-1:444455556666:key/1")
    assert evaluate(request, Policies([policy(allow())])).outcome == "implicitDeny"
    assert evaluate(request, Policies([policy(allow())], NOT_CONSIDERED)).outcome == "allowed"
    own = Request(ALICE, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/r")
    assert evaluate(own, Policies([policy(allow())])).blocked_by == ("trust",)
    assert evaluate(own, Policies([policy(allow())], NOT_CONSIDERED)).allowed


def test_actions_without_resource_types_are_matched_by_a_star_alone() -> None:
    narrow, wide = Policies([policy(allow("s3:*", "arn:aws:s3:::*"))]), Policies([policy(allow("s3:*", "*"))])
    request = Request(ALICE, "s3:ListAllMyBuckets", "arn:aws:s3:::b")
    assert not evaluate(request, narrow).allowed
    assert evaluate(request, wide).allowed
    assert evaluate(Request(ALICE, "s3:ListAllMyBuckets", "arn:aws:s3:::b", wildcard_only_action=False), narrow).allowed
    assert not evaluate(Request(ALICE, "s3:GetObject", "arn:aws:s3:::b", wildcard_only_action=True), narrow).allowed
    assert evaluate(
        Request(ALICE, "unknown:Thing", "arn:aws:s3:::b"), Policies([policy(allow("unknown:*", "arn:aws:s3:::*"))])
    ).allowed


def test_sets_of_the_same_documents_are_shared() -> None:
    first, second = policy(allow("s3:*")), policy(deny("s3:Put*"))
    held = [
        Policies([first, second]).identity_set,
        Policies([NamedPolicy("other name", first, "group"), second]).identity_set,
    ]
    assert held[0] is held[1]
    assert policy_set([first, first]) is policy_set([first])


def test_requests_and_principals_are_plain_values() -> None:
    request = Request(ALICE, "s3:GetObject", "*", {"a": "b"})
    assert copy.deepcopy(request) == request
    assert len({ALICE, Principal.from_arn(ALICE.arn)}) == 1


SENTENCE = f"User: {ALICE.arn} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k"
SCP_ARN = "arn:aws:organizations::1:policy/o-1/service_control_policy/p-1"


@pytest.mark.parametrize(
    ("policies", "reason"),
    [
        (Policies(), "because no identity-based policy allows the s3:GetObject action"),
        (
            Policies([policy(allow())], boundaries=[policy(allow("ec2:*"))]),
            "because no permissions boundary allows the s3:GetObject action",
        ),
        (
            Policies([policy(allow())], session=[policy(allow("ec2:*"))]),
            "because no session policy allows the s3:GetObject action",
        ),
        (
            Policies([policy(allow())], vpc_endpoint=[policy(allow("ec2:*"))]),
            "because no VPC endpoint policy allows the s3:GetObject action",
        ),
        (
            Policies([policy(allow())], service_control=[[policy(allow("ec2:*"))]]),
            "with an explicit deny in a service control policy",
        ),
        (
            Policies([policy(allow())], service_control=[[NamedPolicy("p", policy(deny()), "scp", SCP_ARN)]]),
            f"with an explicit deny in a service control policy: {SCP_ARN}",
        ),
        (
            Policies([policy(allow())], resource_control=[[policy(deny(Principal="*"))]]),
            "with an explicit deny in a resource control policy",
        ),
        (Policies([policy(allow(), deny())]), "with an explicit deny in an identity-based policy"),
        (Policies([policy(allow())], boundaries=[policy(deny())]), "with an explicit deny in a permissions boundary"),
        (Policies([policy(allow())], session=[policy(deny())]), "with an explicit deny in a session policy"),
        (Policies([policy(allow())], policy(deny(Principal="*"))), "with an explicit deny in a resource-based policy"),
    ],
)
def test_denials_speak_aws(policies: Policies, reason: str) -> None:
    request = Request(ALICE, "s3:GetObject", "arn:aws:s3:::b/k")
    assert denial_message(request, evaluate(request, policies)) == f"{SENTENCE} {reason}"


def test_denials_by_the_resources_side_speak_aws() -> None:
    role = Request(ALICE, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/r")
    trusting_nobody = Policies([policy(allow())], Policy.from_value({"Statement": []}))
    assert denial_message(role, evaluate(role, trusting_nobody)).endswith(
        "because no role trust policy allows the sts:AssumeRole action"
    )
    queue = Request(ALICE, "sqs:SendMessage", "arn:aws:sqs:us-east-1:444455556666:q")
    assert denial_message(queue, evaluate(queue, Policies([policy(allow())]))).endswith(
        "because no resource-based policy allows the sqs:SendMessage action"
    )
    nobody = Request(Principal.from_arn(None), "s3:GetObject", "arn:aws:s3:::b/k")
    assert denial_message(nobody, evaluate(nobody, Policies())).startswith("User: anonymous is not authorized")
    provider = Request(
        Principal.from_arn("accounts.google.com"), "sts:AssumeRoleWithWebIdentity", f"arn:aws:iam::{ACCOUNT}:role/r"
    )
    assert (
        denial_message(provider, evaluate(provider, Policies()))
        == "Not authorized to perform sts:AssumeRoleWithWebIdentity"
    )


def random_statement(r: Random, size: int) -> dict[str, Any]:
    number = r.randrange(size)
    resource = r.choice(
        [
            f"arn:aws:s3:::bucket-{number}/*",
            f"arn:aws:s3:::bucket-{number}/key",
            f"arn:aws:s3:::*-{number}/*",
            f"arn:aws:s3:::bucket-{number}/*/x",
            "arn:aws:s3:::bucket-${aws:PrincipalTag/n}/*",
            f"*{number}/key",
            f"*et-{number}/k*",
            f"arn:aws:s3:*:*:bucket-{number}/*",
        ]
    )
    broad = r.random() < 2 / size
    if broad:
        resource = r.choice(["*", f"arn:aws:s3:::bucket-{number % 7}*", resource])
    element = "NotResource" if broad and r.random() < 0.3 else "Resource"
    statement: dict[str, Any] = {
        "Effect": "Allow" if r.random() < 0.8 else "Deny",
        "NotAction" if broad and r.random() < 0.3 else "Action": r.choice(
            ["s3:GetObject", "s3:Get*", "s3:*", "s3:PutObject", ["s3:Put*", "ec2:*"]]
        ),
        element: [resource, f"arn:aws:s3:::bucket-{number + 1}/key"] if r.random() < 0.3 else resource,
    }
    if r.random() < 0.5:
        key, values = r.choice(
            [("aws:SourceIp", ["10.0.0.0/8"]), ("s3:prefix", ["a", "b"]), ("aws:PrincipalTag/n", [str(number), "1"])]
        )
        statement["Condition"] = {
            "IpAddress" if key == "aws:SourceIp" else r.choice(["StringEquals", "StringNotLike"]): {key: values}
        }
    return statement


def random_request(r: Random, size: int) -> Request:
    principal = Principal.from_arn(ALICE.arn, tags={"n": str(r.randrange(size))})
    context = {
        key: value
        for key, value in (("AWS:SourceIp", r.choice(["10.1.1.1", "8.8.8.8"])), ("s3:Prefix", r.choice("abc")))
        if r.random() < 0.7
    }
    return Request(
        principal,
        r.choice(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
        f"arn:aws:s3:::bucket-{r.randrange(size)}/key",
        context,
    )


@pytest.mark.parametrize("size", [2, 12, 60, 400])
@pytest.mark.parametrize("boundary", [False, True])
def test_indexed_and_kept_decisions_are_those_of_the_explanation(size: int, boundary: bool) -> None:
    r = Random(size)
    documents = [policy(*(random_statement(r, size) for _ in range(size // 4 + 1))) for _ in range(4)]
    limits = [policy(*(random_statement(r, size) for _ in range(size)))] if boundary else []
    policies = Policies(documents, boundaries=limits).prepare()
    keeping = Policies(documents, boundaries=limits, cache_decisions=True)
    outcomes = set()
    for _ in range(200):
        request = random_request(r, size)
        expected = explain(request, policies).outcome
        outcomes.add(expected)
        assert evaluate(request, policies).outcome == expected
        assert evaluate(request, keeping).outcome == evaluate(request, keeping).outcome == expected
    assert len(outcomes) > 1
