"""What comparing documents costs: counted in lines that run, bounded for hostile ones, and no bound in the way of ordinary ones."""

import json

import pytest

from engine import Policy
from engine.access_difference import access_difference, differing_actions
from engine.boundary_overlap import boundary_overlap
from engine.bounded_difference import WITHOUT, bounded_difference, holders_difference
from engine.reach import reach
from engine.room import Room, TooMuch
from tests.engine.managed_policies import managed_policies
from tests.engine.test_access_difference import allow, deny, policy
from tests.work import lines_run

LETTERS = "abcdefghijklmnopqrst"
NOTHING = policy()
STEPS = 100_000
LINES = 25 * STEPS  # at most so many for a step, and for reading what is compared


def resources(last):
    return [f"arn:aws:s3:::a{number}*b{number}*{last}" for number in range(200)]


def actions(form):
    return [form % (one, other) for one in LETTERS for other in LETTERS]


HOSTILE = {
    "patterns of actions, then denied": (policy(allow(actions("ec2:*%s*%s*"))), policy(deny(actions("ec2:%s*%s*")))),
    "patterns of unknown actions": (policy(allow(actions("zzz:*%s*%s*"))), policy(allow(actions("zzz:%s*%s*")))),
    "patterns of unknown actions, then denied": (
        policy(allow(actions("zzz:*%s*%s*"))),
        policy(deny(actions("zzz:%s*%s*"))),
    ),
    "resources": (policy(allow("*", resources("c"))), policy(allow("*", resources("d")))),
    "resources that are denied": (policy(allow("*", resources("c"))), policy(deny("*", resources("d")))),
    "resources that are left out": (
        policy({"Effect": "Allow", "Action": "*", "NotResource": resources("c")}),
        policy({"Effect": "Allow", "Action": "*", "NotResource": resources("d")}),
    ),
    "actions that are left out": (
        policy({"Effect": "Allow", "NotAction": actions("ec2:*%s*%s*"), "Resource": "*"}),
        policy({"Effect": "Allow", "NotAction": actions("ec2:%s*%s*"), "Resource": "*"}),
    ),
    "services that are left out": (
        policy({"Effect": "Allow", "NotAction": actions("*%s:%s*"), "Resource": "*"}),
        policy({"Effect": "Allow", "NotAction": actions("%s*:%s*"), "Resource": "*"}),
    ),
    "many statements": (
        policy(*(allow("*", f"arn:aws:s3:::c{number}*") for number in range(60))),
        policy(*(deny("*", f"arn:aws:s3:::d{number}*") for number in range(60))),
    ),
}
ASKED = {
    "of documents": access_difference,
    "of actions": differing_actions,
    "of what is held": lambda one, other, room: holders_difference([one], [other], room=room),
    "within each other": lambda one, other, room: holders_difference([one], [other], (other, one), room=room),
}


@pytest.fixture(scope="module", autouse=True)
def catalogue():
    """Read once: what it takes is not counted."""
    access_difference(NOTHING, Policy.parse(json.dumps(managed_policies()["ReadOnlyAccess"]["Document"])))


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("case", HOSTILE)
def test_no_documents_cost_more_than_there_is_room_for(case, asked):
    room = Room(STEPS)

    def work():
        try:
            ASKED[asked](*HOSTILE[case], room)
        except TooMuch:
            assert room.left < 0

    assert lines_run(work) < LINES


@pytest.mark.parametrize("case", ["patterns of actions, then denied", "resources", "resources that are left out"])
def test_what_is_not_looked_at_is_not_answered(case):
    with pytest.raises(TooMuch):
        holders_difference([HOSTILE[case][0]], [HOSTILE[case][1]], room=Room(STEPS))


def test_where_everything_meets_a_review_stops_too():
    meeting = policy(allow("*", [f"arn:aws:s3:::*a{number}*" for number in range(150)]))
    other = policy(allow("*", [f"arn:aws:s3:::*b{number}*" for number in range(150)]))
    for asked in (
        lambda: boundary_overlap([meeting], other),
        lambda: bounded_difference([meeting], WITHOUT, other),
        lambda: reach([meeting], other),
        lambda: holders_difference([meeting], [other], (other, meeting)),
    ):
        with pytest.raises(TooMuch):
            asked()


def test_half_of_the_room_leaves_the_rest_to_others():
    room = Room(100)
    with pytest.raises(TooMuch), room.half() as part:
        part.take(1_000)
    assert room.left == 50
    with room.half() as part:
        part.take(5)
    assert room.left == 45
    with pytest.raises(TooMuch):
        room.take(46)
    with room.half() as part, pytest.raises(TooMuch):
        part.take(1)


# --- ordinary documents ---------------------------------------------------------------------------------------------------


def aws(*names):
    return [Policy.parse(json.dumps(managed_policies()[name]["Document"])) for name in names]


def test_the_longest_policies_of_aws_are_compared_ten_together():
    known = managed_policies()
    names = sorted(known, key=lambda name: -len(json.dumps(known[name]["Document"])))
    read_only, audit, administrator = aws("ReadOnlyAccess", "SecurityAudit", "AdministratorAccess")
    ten = [*aws(*names[:7]), read_only, audit, administrator]
    assert access_difference(read_only, audit).losses
    assert access_difference(administrator, read_only).losses
    assert holders_difference([], ten).gains
    assert bounded_difference(ten, read_only, audit).losses
    assert boundary_overlap(ten, read_only)
    assert reach(ten, read_only)


def test_patterns_of_other_services_cost_nothing():
    room = Room()
    access_difference(*aws("ReadOnlyAccess", "SecurityAudit"), room)
    assert Room().left - room.left < 100_000
