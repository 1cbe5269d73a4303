"""Who can do what: the same answer as asking every principal by itself."""

from random import Random
from typing import Any

import pytest

from engine import NOT_CONSIDERED, NamedPolicy, Policies, Policy, Principal, Request, evaluate
from engine.reverse import WhoCan

ACCOUNT = "111122223333"


def policy(*statements: dict[str, Any]) -> Policy:
    return Policy.from_value({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any, effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **elements}


SHARED = [
    policy(allow("s3:Get*", "arn:aws:s3:::data/*"), allow("s3:PutObject", "arn:aws:s3:::data/${aws:username}/*")),
    policy(
        allow("s3:*", "arn:aws:s3:::*/${aws:username}/x", Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}})
    ),
    policy(allow("s3:*", "*", "Deny", Condition={"StringLike": {"aws:PrincipalTag/team": "r*"}}), allow("sqs:*", "*")),
    policy({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::data/${aws:username}/*"}),
    policy(
        allow("s3:GetObject", "arn:aws:s3:::${aws:PrincipalTag/team, 'blue'}/*"),
        allow("kms:*", "*"),
        allow("s3:ListAllMyBuckets", "*"),
    ),
    policy(
        allow(
            "s3:*",
            ["arn:aws:s3:::data/u1/*", "arn:aws:s3:::data/${aws:userid}"],
            Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        )
    ),
]
BOUNDS = [
    policy(allow(["s3:Get*", "sqs:*"], "*")),
    policy(allow("*", "*"), allow("s3:*", "arn:aws:s3:::data/u2/*", "Deny")),
]


def population(r: Random, size: int, resource: Any) -> tuple[dict[str, Policies], dict[str, Principal]]:
    principals, facts = {}, {}
    for number in range(size):
        arn = r.choice(
            [
                f"arn:aws:iam::{r.choice([ACCOUNT, '444455556666'])}:user/u{number}",
                f"arn:aws:sts::{ACCOUNT}:assumed-role/r/u{number}",
                f"arn:aws:sts::{ACCOUNT}:federated-user/u{number}",
            ]
        )
        held = r.sample(SHARED, r.randrange(4))
        level = [[SHARED[2], policy(allow("*", "*"))]] if r.random() < 0.1 else None
        principals[arn] = Policies(held, resource, r.sample(BOUNDS, r.random() < 0.3), service_control=level)
        tags = {"team": r.choice(["blue", "red", "green"])} if r.random() < 0.8 else {}
        facts[arn] = Principal.from_arn(arn, tags=tags, user_id=f"AIDA{number}")
    return principals, facts


QUESTIONS = [
    ("s3:GetObject", "arn:aws:s3:::data/u1/x", {}),
    ("s3:PutObject", "arn:aws:s3:::data/u1/x", {"aws:SourceIp": "10.1.1.1"}),
    ("s3:PutObject", "arn:aws:s3:::data/u2/x", {"aws:username": "u2", "AWS:principaltag/team": "blue"}),
    ("s3:DeleteObject", "arn:aws:s3:::data/u3/x", {}),
    ("s3:GetObject", "arn:aws:s3:::blue/x", {}),
    ("s3:GetObject", "arn:aws:s3:::data/AIDA7", {"aws:SourceIp": "10.1.1.1"}),
    ("s3:ListAllMyBuckets", "*", {}),
    ("sqs:SendMessage", "arn:aws:sqs:us-east-1:444455556666:q", {}),
    ("kms:Decrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1", {}),
    ("sts:GetCallerIdentity", "*", {}),
    ("sts:GetSessionToken", "*", {}),
    ("ec2:RunInstances", "*", {}),
    ("s3:GetObject", "arn:aws:s3:::data/" + "u1/" * 200, {}),
]


@pytest.mark.parametrize("size", [0, 1, 40])
@pytest.mark.parametrize("resource", [None, NOT_CONSIDERED])
def test_the_answer_is_that_of_asking_everybody(size: int, resource: Any) -> None:
    for seed in range(6):
        principals, facts = population(Random(seed), size, resource)
        who = WhoCan(principals, facts=facts)
        for action, target, context in QUESTIONS * 2:
            expected = [
                arn
                for arn in principals
                if evaluate(Request(facts[arn], action, target, context), principals[arn]).allowed
            ]
            assert who.ask(action, target, context) == expected


def test_principals_are_known_by_their_arn_alone() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:user/u1"
    who = WhoCan({arn: Policies([NamedPolicy("shared", SHARED[0], "group")])})
    assert who.ask("s3:PutObject", "arn:aws:s3:::data/u1/x") == [arn]
    assert who.ask("s3:PutObject", "arn:aws:s3:::data/u2/x") == []
