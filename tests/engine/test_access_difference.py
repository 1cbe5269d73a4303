"""The access that a change adds and takes away: never silent about a request that is decided otherwise."""

import json
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import NOT_CONSIDERED, NamedPolicy, Policies, Policy, Principal, Request, evaluate
from engine.access_difference import access_difference
from engine.room import TooMuch

ALICE = Principal.from_arn("arn:aws:iam::123456789012:user/alice")
ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:ListAllMyBuckets", "sqs:SendMessage", "s3:GetNothingKnown", "zzz:Do")
RESOURCES = (
    "*",
    "arn:aws:s3:::a/1",
    "arn:aws:s3:::a/2",
    "arn:aws:s3:::b/alice",
    "arn:aws:sqs:us-east-1:123456789012:q",
)
CONTEXTS: tuple[dict[str, str], ...] = ({}, {"aws:MultiFactorAuthPresent": "true"}, {"aws:SourceIp": "10.0.0.1"})
UNIVERSE = tuple(product(ACTIONS, RESOURCES, CONTEXTS))
ACTION_PATTERNS = (*ACTIONS, "*", "s3:*", "S3:get*", "s3:GetObjec?", "s3:Get**", "sqs:*", "zzz:*")
RESOURCE_PATTERNS = (
    *RESOURCES,
    "arn:aws:s3:::*",
    "arn:aws:s3:::a/*",
    "arn:aws:s3:::a/?",
    "arn:aws:*:*:*:*",
    "arn:aws:s3:::*/${aws:username}",
)
CONDITIONS: tuple[dict[str, dict[str, str]], ...] = (
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    {"StringLike": {"aws:username": "${aws:username}"}},
)


def policy(*statements, version="2012-10-17"):
    return Policy.parse(json.dumps({"Version": version, "Statement": list(statements)}))


def allow(actions, resource="*", **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def deny(actions, resource="*", **more):
    return {**allow(actions, resource, **more), "Effect": "Deny"}


def statement(dice):
    found = {"Effect": dice.choice(("Allow", "Allow", "Deny"))}
    found[dice.choice(("Action", "Action", "Action", "NotAction"))] = dice.sample(ACTION_PATTERNS, dice.randint(1, 2))
    found[dice.choice(("Resource", "Resource", "Resource", "NotResource"))] = dice.sample(
        RESOURCE_PATTERNS, dice.randint(1, 2)
    )
    if dice.random() < 0.3:
        found["Condition"] = dice.choice(CONDITIONS)
    return found


def decisions(document):
    policies = Policies(identity=[NamedPolicy("p", document, "user-managed")], resource=NOT_CONSIDERED)
    return [evaluate(Request(ALICE, *asked), policies).allowed for asked in UNIVERSE]


@settings(deadline=None)  # the first case reads the catalogue
@given(st.randoms(use_true_random=False))
def test_no_request_is_decided_otherwise_where_no_difference_is_found(dice):
    """Half of the pairs are one document with one statement changed, so that near misses are common."""
    shared = [statement(dice) for _ in range(dice.randint(0, 2))]
    one, other = ([*shared, statement(dice)] for _ in range(2))
    versions = dice.choice((("2012-10-17", "2012-10-17"), ("2008-10-17", "2012-10-17")))
    before, after = policy(*one, version=versions[0]), policy(*other, version=versions[1])
    if not access_difference(before, after):
        assert decisions(before) == decisions(after)


@pytest.mark.parametrize("seed", range(4))
def test_single_scopes_at_large(seed):
    """Many small documents, where covering happens often."""
    dice = Random(seed)
    for _ in range(150):
        action = dice.choice(ACTION_PATTERNS[:3])
        pair = [policy(*(allow(action, dice.choice(RESOURCE_PATTERNS)) for _ in range(2))) for _ in range(2)]
        if not access_difference(*pair):
            assert decisions(pair[0]) == decisions(pair[1])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([allow(["s3:GetObject", "s3:PutObject"])], [allow(["s3:putobject", "S3:GetObject"])]),
        ([allow("s3:GetObject"), allow("sqs:*")], [allow("sqs:**"), allow("s3:GetObject")]),
        ([allow(["s3:*", "s3:GetObject"])], [allow("s3:*")]),
        ([allow("s3:GetObject", ["arn:aws:s3:::a/*", "arn:aws:s3:::a/1"])], [allow("s3:GetObject", "arn:aws:s3:::a/*")]),
        ([allow("s3:GetObject"), allow("s3:GetObject", Condition=CONDITIONS[0])], [allow("s3:GetObject")]),
        ([allow("s3:GetObject", Sid="One")], [allow("s3:GetObject", Sid="Other")]),
        ([allow("s3:GetObject"), deny("s3:GetObject")], [deny("s3:GetObject")]),
    ],
)  # fmt: skip
def test_another_spelling_is_no_difference(before, after):
    assert not access_difference(policy(*before), policy(*after))


def test_actions_are_named_by_service_and_level():
    found = access_difference(
        policy(allow("s3:GetObject")), policy(allow(["s3:GetObject", "s3:PutObject", "sqs:SendMessage"]))
    )
    assert [(each.direction, each.service, each.levels) for each in found.changes] == [
        ("gain", "Amazon S3", (("Write", ("PutObject",)),)),
        ("gain", "Amazon SQS", (("Write", ("SendMessage",)),)),
    ]
    assert (found.gained, found.lost) == (2, 0)


def test_a_new_deny_is_a_loss_and_one_that_goes_a_gain():
    free, bound = policy(allow("s3:*")), policy(allow("s3:*"), deny("s3:GetObject", Condition=CONDITIONS[1]))
    (lost,) = access_difference(free, bound).changes
    assert (lost.direction, lost.effect, lost.levels) == ("loss", "Deny", (("Read", ("GetObject",)),))
    (gained,) = access_difference(bound, free).changes
    assert (gained.direction, gained.effect) == ("gain", "Deny")


def test_a_narrower_resource_is_a_loss_alone():
    wide, narrow = policy(allow("s3:GetObject", "arn:aws:s3:::a/*")), policy(allow("s3:GetObject", "arn:aws:s3:::a/1"))
    found = access_difference(wide, narrow)
    assert [(each.direction, each.scopes[0].resource) for each in found.changes] == [("loss", "arn:aws:s3:::a/*")]


def test_a_condition_that_is_dropped_is_a_gain_alone():
    found = access_difference(policy(allow("s3:GetObject", Condition=CONDITIONS[0])), policy(allow("s3:GetObject")))
    assert [(each.direction, each.scopes[0].condition) for each in found.changes] == [("gain", "")]


def test_a_wildcard_across_fields_covers_nothing_unproved():
    found = access_difference(
        policy(allow("s3:GetObject", "arn:aws:*:a/1")), policy(allow("s3:GetObject", "arn:aws:s3:::a/1"))
    )
    assert found


def test_all_services_are_one_change():
    (change,) = access_difference(policy(allow("s3:nothing")), policy(allow("*"))).gains
    assert change.service == ""
    assert change.number > 10_000


def test_an_action_that_nobody_knows_is_told():
    found = access_difference(policy(allow("s3:GetObject")), policy(allow(["s3:GetObject", "zzz:Do"])))
    assert [(each.direction, each.patterns) for each in found.changes] == [("gain", ("zzz:do",))]


def test_services_of_not_action_may_be_patterns_and_in_any_case() -> None:
    """Because: «The action element» — names are compared without regard to case, and `*` may stand in the service, too."""
    everything = Policy.parse('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}')
    for pattern in ("IAM:*", "ia?:*"):
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotAction": pattern, "Resource": "*"}]}
        lost = access_difference(everything, Policy.parse(json.dumps(document))).losses
        assert {change.service for change in lost} == {"AWS Identity and Access Management (IAM)"}


def test_documents_that_name_everything_again_and_again_are_refused_in_time() -> None:
    statement = {"Effect": "Allow", "NotAction": "iam:*"}
    many = [{**statement, "Resource": f"arn:aws:s3:::bucket-{number}"} for number in range(100)]
    with pytest.raises(TooMuch):
        access_difference(
            Policy.parse(json.dumps({"Version": "2012-10-17", "Statement": many})),
            Policy.parse(json.dumps({"Version": "2012-10-17", "Statement": many[:1]})),
        )
