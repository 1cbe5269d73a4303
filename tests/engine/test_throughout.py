"""What is allowed on a whole collection: only what is certain for each resource in it."""

import json

import pytest

from engine import Policies, Policy, Principal, Request, allowed_throughout

ALICE = Principal.from_arn("arn:aws:iam::123456789012:user/alice")
USERS = "arn:aws:iam::123456789012:user/*"
ALL = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}


def deny(**given: object) -> dict[str, object]:
    return {"Effect": "Deny", "Action": "iam:ListMFADevices", "Resource": "*", **given}


def policy_of(*statements: dict[str, object]) -> Policy:
    return Policy.parse(json.dumps({"Version": "2012-10-17", "Statement": statements}))


@pytest.mark.parametrize(
    ("statements", "allowed", "because"),
    [
        ([ALL], True, "all of everything"),
        ([{**ALL, "Resource": USERS}], True, "all users"),
        ([{**ALL, "Resource": "arn:aws:iam::*:user/*"}], True, "all users of any account"),
        ([{**ALL, "Resource": "arn:aws:iam::123456789012:user/ops/*"}], False, "the users of a path alone"),
        ([{**ALL, "Resource": "arn:aws:iam::123456789012:user/${aws:username}"}], False, "the caller alone"),
        ([{**ALL, "Condition": {"StringEquals": {"aws:ResourceTag/team": "ops"}}}], False, "users with a tag alone"),
        ([ALL, deny(Resource="arn:aws:iam::123456789012:user/ops/*")], False, "some are denied by their path"),
        ([ALL, deny(Resource="arn:aws:iam::123456789012:user/${aws:username}")], False, "one is denied"),
        ([ALL, deny(Condition={"StringEquals": {"iam:ResourceTag/team": "ops"}})], False, "some are denied by a tag"),
        ([ALL, {"Effect": "Deny", "Action": "iam:*", "NotResource": "arn:aws:iam::*:user/ops/*"}], False, "all but some"),
        ([ALL, {"Effect": "Deny", "Action": "iam:*", "NotResource": "arn:aws:iam::*:user/*"}], True, "no user is denied"),
        ([ALL, deny(Resource="arn:aws:iam::123456789012:role/*")], True, "roles are denied, not users"),
        ([ALL, deny(Action="iam:GetUser", Resource="arn:aws:iam::123456789012:user/ops/*")], True, "another action"),
        ([ALL, deny(Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})], True, "signed in with MFA"),
    ],
)  # fmt: skip
def test_only_what_is_certain_for_each_is_allowed(
    statements: list[dict[str, object]], allowed: bool, because: str
) -> None:
    policy = policy_of(*statements)
    request = Request(ALICE, "iam:ListMFADevices", USERS, {"aws:MultiFactorAuthPresent": "true"})
    assert allowed_throughout(request, Policies(identity=[policy])) is allowed, because


def test_a_boundary_and_a_session_policy_deny_a_part_too() -> None:
    everything = policy_of(ALL)
    less = policy_of(ALL, deny(Resource=USERS.replace("*", "ops/*")))
    request = Request(ALICE, "iam:ListMFADevices", USERS)
    assert allowed_throughout(request, Policies(identity=[everything], boundaries=[everything]))
    assert not allowed_throughout(request, Policies(identity=[everything], boundaries=[less]))
    assert not allowed_throughout(request, Policies(identity=[everything], session=[less]))
