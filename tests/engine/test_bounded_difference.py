"""Another boundary: never silent about a request that is decided otherwise, and nothing told of what the policies do not allow."""

import json
from pathlib import Path
from random import Random

import pytest

from engine import NOT_CONSIDERED, NamedPolicy, Policies, Request, evaluate
from engine.bounded_difference import WITHOUT, bounded_difference
from tests.engine.test_access_difference import ALICE, UNIVERSE, allow, deny, policy, statement

CASES = json.loads((Path(__file__).parent / "differences/boundaries.json").read_text())


def decisions(held, boundary):
    identity = [NamedPolicy(f"p{n}", each, "user-managed") for n, each in enumerate(held)]
    found = Policies(
        identity=identity, boundaries=[NamedPolicy("b", boundary, "user-managed")], resource=NOT_CONSIDERED
    )
    return [evaluate(Request(ALICE, *asked), found).allowed for asked in UNIVERSE]


@pytest.mark.parametrize("seed", range(4))
def test_no_request_is_decided_otherwise_where_no_difference_is_found(seed):
    dice = Random(seed)
    silent = 0
    for _ in range(12):
        version = dice.choice(("2012-10-17", "2012-10-17", "2008-10-17"))
        held = [policy(*(statement(dice) for _ in range(dice.randint(1, 2))), version=version)]
        first = policy(statement(dice))
        second = policy(*(statement(dice) for _ in range(dice.randint(1, 2))))
        found = bounded_difference(held, first, second)
        before, after = decisions(held, first), decisions(held, second)
        if not found.gains:
            assert not any(new and not old for old, new in zip(before, after, strict=True))
        if not found.losses:
            assert not any(old and not new for old, new in zip(before, after, strict=True))
        silent += not found.gains or not found.losses
    assert silent  # the test has asked something


def told(found):
    return [
        (change.direction, change.effect, change.service, [scope.resource for scope in change.scopes])
        for change in found.changes
    ]


def test_what_the_policies_do_not_allow_is_no_change():
    held = [policy(allow("s3:GetObject", "arn:aws:s3:::a/*"))]
    assert not bounded_difference(held, policy(allow("s3:*")), WITHOUT)
    assert not bounded_difference(held, policy(allow("s3:*")), policy(allow(["s3:*", "sqs:*"])))


def test_removing_a_boundary_gives_what_it_held_back():
    held = [policy(allow("s3:GetObject")), policy(allow("sqs:SendMessage"))]
    found = bounded_difference(held, policy(allow("s3:*")), WITHOUT)
    assert told(found) == [("gain", "Allow", "Amazon SQS", ["*"])]
    assert found.gains[0].levels == (("Write", ("SendMessage",)),)


def test_setting_a_boundary_takes_what_lies_beyond_it():
    held = [policy(allow(["s3:GetObject", "sqs:SendMessage"]))]
    found = bounded_difference(held, WITHOUT, policy(allow("s3:*")))
    assert told(found) == [("loss", "Allow", "Amazon SQS", ["*"])]


def test_where_both_hold_the_narrower_resource_counts():
    held = [policy(allow("s3:GetObject", ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]))]
    found = bounded_difference(held, policy(allow("s3:*", "arn:aws:s3:::a/*")), policy(allow("s3:*", "arn:aws:s3:::*")))
    assert told(found) == [("gain", "Allow", "Amazon S3", ["arn:aws:s3:::b/*"])]


def test_a_deny_in_the_boundary_that_goes_is_a_gain_only_of_what_is_allowed():
    held = [policy(allow("s3:GetObject"))]
    found = bounded_difference(held, policy(allow("*"), deny(["s3:GetObject", "sqs:SendMessage"])), WITHOUT)
    assert {change.service for change in found.changes} == {"Amazon S3"}
    assert all(change.direction == "gain" for change in found.changes)


def test_actions_that_nobody_knows_are_told_where_the_policies_allow_them():
    held = [policy(allow("zzz:Do"))]
    assert bounded_difference(held, policy(allow("s3:*")), WITHOUT).gains[0].patterns == ("zzz:do",)
    assert not bounded_difference(
        [policy(allow("s3:GetObject"))], policy(allow("s3:*")), policy(allow(["s3:*", "zzz:*"]))
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["because"])
def test_cases(case):
    """Each line of `gains` and `losses` is an action, where, and what stands in its condition."""
    before, after = (policy(*case[name]) if name in case else WITHOUT for name in ("before", "after"))
    found = bounded_difference([policy(*case["held"])], before, after)
    for wanted, changes in ((case.get("gains"), found.gains), (case.get("losses"), found.losses)):
        if wanted is None:
            continue
        lines = [(names, change.scopes) for change in changes for _level, names in change.levels or [("", ())]]
        assert len(lines) == len(wanted)
        for (names, scopes), (action, where, condition) in zip(lines, wanted, strict=True):
            assert names == (action.partition(":")[2],)
            assert [" except ".join([each.resource, *sorted(each.excluded)]) for each in scopes] == [where]
            assert condition in scopes[0].condition
            assert bool(condition) == bool(scopes[0].condition)


@pytest.mark.parametrize("seed", range(4))
def test_a_boundary_never_grants(seed):
    """Because: IAM User Guide, «Permissions boundaries for IAM entities»; whatever stands in it, setting the first one gives nothing."""
    dice = Random(seed)
    for _ in range(20):
        held = [policy(*(statement(dice) for _ in range(dice.randint(1, 2))))]
        limit = policy(*(statement(dice) for _ in range(dice.randint(1, 3))))
        assert not bounded_difference(held, WITHOUT, limit).gains
        assert not bounded_difference(held, limit, WITHOUT).losses
