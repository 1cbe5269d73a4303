"""What policies allow together within a boundary, and which of them say so. Because: IAM User Guide, «Policy evaluation logic»."""

import json
from typing import Any

import pytest

from engine.document import Policy
from engine.reach import ALLOWED, BOUNDARY, CUT, DENIED, reach

Told = set[tuple[tuple[str, str], str, tuple[str, ...], tuple[str, ...], tuple[int, ...]]]


def policy(*statements: dict[str, Any]) -> Policy:
    return Policy.parse(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def told(*held: Policy, within: Policy | None = None, wanted: Any = None) -> Told:
    found = reach(held, within, wanted) if within else reach(held, wanted=wanted)
    return {
        (
            (one.change.direction, one.change.effect),
            one.change.service,
            tuple(name for _level, names in one.change.levels for name in names) or one.change.patterns,
            tuple(scope.resource for scope in one.change.scopes),
            one.sources,
        )
        for one in found
    }


def test_each_line_names_all_policies_that_say_so() -> None:
    first, second = policy(allow("s3:GetObject")), policy(allow(["s3:GetObject", "s3:PutObject"]))
    assert told(first, second) == {
        (ALLOWED, "Amazon S3", ("GetObject",), ("*",), (0, 1)),
        (ALLOWED, "Amazon S3", ("PutObject",), ("*",), (1,)),
    }


def test_what_is_denied_outright_is_allowed_nowhere() -> None:
    assert told(policy(allow("s3:GetObject")), policy(deny("s3:GetObject"))) == {
        (DENIED, "Amazon S3", ("GetObject",), ("*",), (1,)),
    }


def test_a_conditional_denial_stands_beside_what_it_may_deny() -> None:
    without_mfa = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    assert told(policy(allow("s3:GetObject")), policy(deny("s3:GetObject", Condition=without_mfa))) == {
        (ALLOWED, "Amazon S3", ("GetObject",), ("*",), (0,)),
        (DENIED, "Amazon S3", ("GetObject",), ("*",), (1,)),
    }


def test_a_denial_of_some_resources_leaves_the_others() -> None:
    assert told(policy(allow("s3:GetObject"), deny("s3:GetObject", "arn:aws:s3:::a/*"))) == {
        (ALLOWED, "Amazon S3", ("GetObject",), ("*",), (0,)),
        (DENIED, "Amazon S3", ("GetObject",), ("arn:aws:s3:::a/*",), (0,)),
    }


def test_the_boundary_grants_nothing_and_cuts_what_it_leaves_out() -> None:
    within = policy(allow("s3:*", "arn:aws:s3:::a/*"))
    assert told(policy(allow(["s3:GetObject", "sqs:SendMessage"])), within=within) == {
        (ALLOWED, "Amazon S3", ("GetObject",), ("arn:aws:s3:::a/*",), (0,)),
        (CUT, "Amazon SQS", ("SendMessage",), ("*",), (0,)),
    }


def test_resources_that_cannot_meet_the_boundary_are_cut() -> None:
    within = policy(allow("s3:*", "arn:aws:s3:::a/*"))
    assert told(policy(allow("s3:GetObject", "arn:aws:s3:::b/*")), within=within) == {
        (CUT, "Amazon S3", ("GetObject",), ("arn:aws:s3:::b/*",), (0,)),
    }


def test_a_resource_beside_the_boundary_is_cut_where_another_is_allowed() -> None:
    within = policy(allow("s3:*", "arn:aws:s3:::a/*"))
    held = policy(allow("s3:GetObject", ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]))
    assert told(held, within=within) == {
        (ALLOWED, "Amazon S3", ("GetObject",), ("arn:aws:s3:::a/*",), (0,)),
        (CUT, "Amazon S3", ("GetObject",), ("arn:aws:s3:::b/*",), (0,)),
    }


def test_a_conditional_denial_of_the_boundary_hides_no_cut() -> None:
    without_mfa = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    within = policy(allow("sqs:*"), deny("s3:GetObject", Condition=without_mfa))
    assert told(policy(allow("s3:GetObject")), within=within) == {
        (CUT, "Amazon S3", ("GetObject",), ("*",), (0,)),
        (DENIED, "Amazon S3", ("GetObject",), ("*",), (BOUNDARY,)),
    }


def test_unknown_actions_that_are_denied_outright_are_allowed_nowhere() -> None:
    held = policy(allow("made-up:Do"), deny("made-up:*"))
    assert told(held) == {(DENIED, "", ("made-up:*",), ("*",), (0,))}
    within = policy(allow("*"), deny("made-up:*"))
    assert told(policy(allow("made-up:Do")), within=within) == set()


def test_what_the_boundary_denies_says_so() -> None:
    within = policy(allow("*"), deny("s3:GetObject"))
    assert told(policy(allow("s3:GetObject")), within=within) == {
        (DENIED, "Amazon S3", ("GetObject",), ("*",), (BOUNDARY,)),
    }


def test_everything_is_one_line_and_all_but_a_service_many() -> None:
    (everything,) = reach([policy(allow("*"))])
    assert (everything.change.service, everything.sources) == ("", (0,))
    assert everything.change.number > 20_000
    others = reach([policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})])
    assert len(others) > 400
    assert "AWS Identity and Access Management (IAM)" not in {one.change.service for one in others}


def test_actions_that_nobody_knows_are_told_as_they_are_written() -> None:
    held = policy(allow(["made-up:Do*", "s3:GetObject"]), deny("made-up:Other"))
    unknown = {line for line in told(held) if not line[1]}
    assert unknown == {
        (ALLOWED, "", ("made-up:do*",), ("*",), (0,)),
        (DENIED, "", ("made-up:other",), ("*",), (0,)),
    }
    assert (CUT, "", ("made-up:do*",), ("*",), (0,)) in told(held, within=policy(allow("s3:*")))


def test_only_what_is_wanted_is_told() -> None:
    held = policy(allow(["s3:GetObject", "s3:PutObject", "made-up:Do"]))
    assert told(held, wanted=lambda action: action.name == "PutObject") == {
        (ALLOWED, "Amazon S3", ("PutObject",), ("*",), (0,)),
    }


@pytest.mark.parametrize("held", [(), (policy(deny("s3:GetObject")),)])
def test_who_is_allowed_nothing_has_no_line_that_allows(held: tuple[Policy, ...]) -> None:
    assert not {line for line in told(*held) if line[0] == ALLOWED}
