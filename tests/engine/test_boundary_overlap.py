"""Where an action lies between policies and boundary, held against what the evaluator decides of it."""

from random import Random

import pytest

from engine import catalog
from engine.boundary_overlap import PLACES, boundary_overlap
from engine.bounded_difference import WITHOUT
from tests.engine.test_access_difference import CONDITIONS, UNIVERSE, allow, deny, policy, statement
from tests.engine.test_bounded_difference import decisions

TWO = ["s3:GetObject", "s3:PutObject"]

CASES = [
    ("What both allow without more is in both.", allow(TWO), [allow("s3:*")], {"both": TWO}),
    (
        "A boundary that does not name an action cuts it.",
        allow(TWO),
        [allow("s3:GetObject")],
        {"both": TWO[:1], "cut": TWO[1:]},
    ),
    (
        "One that allows it on fewer resources leaves a part.",
        allow(TWO[:1]),
        [allow("s3:GetObject", "arn:aws:s3:::a/*")],
        {"partly": TWO[:1]},
    ),
    (
        "One that allows it under a condition leaves a part.",
        allow(TWO[:1]),
        [allow("s3:*", Condition=CONDITIONS[1])],
        {"partly": TWO[:1]},
    ),
    (
        "A deny of the boundary is an explicit deny, under a condition it takes a part.",
        allow(TWO[:1]),
        [allow("s3:*"), deny("s3:GetObject", Condition=CONDITIONS[1])],
        {"partly": TWO[:1]},
    ),
    ("An outright one takes all.", allow(TWO[:1]), [allow("s3:GetObject"), deny("s3:GetObject")], {"cut": TWO[:1]}),
    (
        "Resources that cannot be the same are allowed by neither together.",
        allow(TWO[:1], "arn:aws:s3:::a/*"),
        [allow("s3:GetObject", "arn:aws:s3:::b/*")],
        {"cut": TWO[:1]},
    ),
    (
        "A boundary grants nothing: what only it allows is unused.",
        allow(TWO[:1]),
        [allow(TWO)],
        {"both": TWO[:1], "unused": TWO[1:]},
    ),
    ("What the policies deny outright is not allowed by them.", deny(TWO[:1]), [allow(TWO[:1])], {"unused": TWO[:1]}),
]


@pytest.mark.parametrize(("because", "held", "limit", "wanted"), CASES)
def test_an_action_lies_where_policies_and_boundary_put_it(because, held, limit, wanted):
    found = boundary_overlap([policy(held)], policy(*limit))
    places = {
        place: [f"s3:{name}" for each in found for _level, names in each.places.get(place, ()) for name in names]
        for place in PLACES
    }
    shown = {place: names for place, names in places.items() if names and (place != "unused" or "unused" in wanted)}
    assert {place: sorted(names) for place, names in shown.items()} == wanted, because


def test_what_nobody_allows_is_not_told():
    assert boundary_overlap([policy(deny("s3:*"))], policy(deny("*"))) == ()


def test_actions_are_told_by_service_and_level():
    found = boundary_overlap([policy(allow(["s3:GetObject", "sqs:SendMessage"]))], WITHOUT)
    both = {each.service: each.places["both"] for each in found if "both" in each.places}
    assert both == {"Amazon S3": (("Read", ("GetObject",)),), "Amazon SQS": (("Write", ("SendMessage",)),)}


@pytest.mark.parametrize("seed", range(4))
def test_no_request_is_decided_against_the_place_of_its_action(seed):
    """In both: whatever the policies allow stays allowed. Cut or unused: nothing is allowed."""
    dice = Random(seed)
    for _ in range(15):
        held = [policy(statement(dice)) for _ in range(dice.randint(1, 3))]
        limit = policy(*(statement(dice) for _ in range(dice.randint(1, 2))))
        found = boundary_overlap(held, limit)
        lying = {
            (each.service, name): place
            for each in found
            for place, levels in each.places.items()
            for _level, names in levels
            for name in names
        }
        without, within = decisions(held, WITHOUT), decisions(held, limit)
        for (action, _resource, _context), before, after in zip(UNIVERSE, without, within, strict=True):
            place = lying.get(_known(action))
            if place == "both":
                assert before == after
            elif place in ("cut", "unused"):
                assert not after


def _known(action):
    prefix, _, name = action.partition(":")
    return (catalog.service(prefix).name, name) if catalog.service_exists(prefix) else None
