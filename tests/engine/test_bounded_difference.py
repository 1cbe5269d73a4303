"""Another boundary: never silent about a request that is decided otherwise, and nothing told of what the policies do not allow."""

import json
from pathlib import Path
from random import Random

import pytest

from engine import NOT_CONSIDERED, NamedPolicy, Policies, Request, evaluate
from engine.access_difference import Side, differing_actions
from engine.bounded_difference import WITHOUT, bounded_difference, holders_difference
from tests.engine.test_access_difference import ALICE, CONDITIONS, UNIVERSE, allow, deny, policy, statement

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


@pytest.mark.parametrize("seed", range(4))
def test_no_request_of_a_holder_is_decided_otherwise_where_no_difference_is_found(seed):
    """What somebody holds before and after, most of it shared, as where a policy is attached or detached."""
    dice = Random(seed)
    for _ in range(15):
        shared = [policy(statement(dice)) for _ in range(dice.randint(0, 2))]
        first, second = ([*shared, *(policy(statement(dice)) for _ in range(dice.randint(0, 1)))] for _ in range(2))
        found = holders_difference(first, second)
        before, after = decisions(first, WITHOUT), decisions(second, WITHOUT)
        if not found.gains:
            assert not any(new and not old for old, new in zip(before, after, strict=True))
        if not found.losses:
            assert not any(old and not new for old, new in zip(before, after, strict=True))


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


GUARDED = policy(allow("iam:ListUsers"), deny("iam:*", Condition=CONDITIONS[1]))


def test_a_deny_takes_nothing_of_what_was_not_allowed_before():
    given = policy(allow(["iam:GetRole", "iam:ListRoles"]))
    found = holders_difference([GUARDED], [GUARDED, given])
    assert (found.gained, found.lost) == (2, 0)
    back = holders_difference([GUARDED, given], [GUARDED])
    assert (back.gained, back.lost) == (0, 2)


def test_a_policy_that_allows_and_denies_something_new_takes_nothing_but_its_deny_is_told():
    added = policy(allow("sqs:*"), deny("sqs:*", Condition=CONDITIONS[1]))
    found = holders_difference([GUARDED], [GUARDED, added])
    assert (bool(found.gained), found.lost) == (True, 0)
    assert {(change.direction, change.effect) for change in found.idle} == {("withheld", "Deny")}
    back = holders_difference([GUARDED, added], [GUARDED])
    assert (back.gained, bool(back.lost)) == (0, True)
    assert {change.direction for change in back.idle} == {"released"}


def test_a_deny_of_what_is_not_the_whole_takes_whatever_another_policy_allows():
    added = policy(allow("sqs:SendMessage"), deny("sqs:*", Condition=CONDITIONS[1]))
    found = holders_difference([GUARDED], [GUARDED, added], is_whole=False)
    assert ("Deny", "loss") in {(change.effect, change.direction) for change in found.changes}
    assert not found.idle


def test_a_deny_takes_what_was_allowed_before_also_where_more_is_allowed_now():
    held = policy(allow("s3:GetObject", ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]))
    added = policy(
        allow(["s3:GetObject", "s3:PutObject"]),
        deny("s3:*", ["arn:aws:s3:::a/1", "arn:aws:s3:::c/*"], Condition=CONDITIONS[1]),
    )
    lost = holders_difference([held], [held, added]).losses
    assert [(change.effect, change.levels, [scope.resource for scope in change.scopes]) for change in lost] == [
        ("Deny", (("Read", ("GetObject",)),), ["arn:aws:s3:::a/1"])
    ]
    patterns = holders_difference([policy(allow("zzz:*"))], [policy(allow("zzz:*")), policy(deny("zzz:Do*"))]).losses
    assert [change.patterns for change in patterns] == [("zzz:do*",)]


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


@pytest.mark.parametrize("seed", range(3))
def test_only_the_actions_that_a_changed_policy_says_something_else_of_need_be_looked_at(seed):
    """Among all that somebody holds, one policy is changed: the difference is the same, told from those actions alone."""
    dice = Random(seed)
    fewer = 0
    for _ in range(5):
        stays = statement(dice)
        first, second = (policy(stays, statement(dice)) for _ in range(2))
        others = [policy(statement(dice)) for _ in range(dice.randint(0, 2))]
        within = (WITHOUT, WITHOUT) if dice.random() < 0.5 else (policy(statement(dice)),) * 2
        among = differing_actions(first, second)
        whole = holders_difference([*others, first], [*others, second], within)
        found = holders_difference([*others, first], [*others, second], within, among=among)
        assert set(named(found)) == set(named(whole))
        fewer += len(among) < len(Side(first, second).actions)
    assert fewer  # the test has left something out


def named(found):
    """Every action of a difference with its direction, effect and scopes; patterns stand beside."""
    for change in found.changes:
        for name in (*(name for _level, names in change.levels for name in names), *change.patterns):
            yield change.direction, change.effect, change.service and name, change.scopes


def test_documents_that_say_the_same_differ_in_no_action():
    one = policy(allow(["s3:GetObject", "sqs:SendMessage"]))
    other = policy(allow("sqs:SendMessage"), allow("s3:GetObject"))
    assert differing_actions(one, other) == frozenset()
    assert {each.full_name for each in differing_actions(one, policy(allow("s3:GetObject")))} == {"sqs:SendMessage"}
    assert {each.full_name for each in differing_actions(one, policy(deny("s3:GetObject"), allow("sqs:SendMessage")))} == {"s3:GetObject"}  # fmt: skip
