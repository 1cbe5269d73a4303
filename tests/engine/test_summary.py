"""The policy summary, as the console shows it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine import Policy
from engine.summary import (
    ALL_RESOURCES,
    MULTIPLE,
    NOTHING_GRANTED,
    ServiceSummary,
    Summary,
    number_allowed,
    summarise,
)
from tests.engine.managed_policies import managed_policies
from tests.work import lines_run


def of(*statements: dict[str, Any]) -> Summary:
    return summarise(Policy.from_value({"Version": "2012-10-17", "Statement": list(statements)}))


def allow(action: Any, resource: Any = "*", **elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def service(summary: Summary, prefix: str) -> ServiceSummary:
    return next(each for each in summary.allow if each.prefix == prefix)


def test_levels_are_full_or_limited() -> None:
    summary = of(allow(["sqs:Get*", "sqs:List*", "sqs:ReceiveMessage", "sqs:SendMessage"]))
    found = service(summary, "sqs")
    assert found.name == "Amazon SQS"
    assert dict(found.levels)["Write"] == "Limited"
    assert found.access.startswith("Full: ")
    assert summary.remaining_services == summary.total_services - 1


def test_everything_is_full_access_to_every_service() -> None:
    summary = of(allow("*"))
    assert summary.remaining_services == 0
    assert {each.access for each in summary.allow} == {"Full access"}


def test_not_action_leaves_the_named_out() -> None:
    summary = of({"Effect": "Allow", "NotAction": ["iam:*", "s3:Delete*"], "Resource": "*"})
    prefixes = {each.prefix for each in summary.allow}
    assert "iam" not in prefixes
    assert service(summary, "ec2").access == "Full access"
    assert service(summary, "s3").access != "Full access"
    assert not any(action.name.startswith("Delete") for action in service(summary, "s3").actions)


def test_resources_and_conditions_in_a_word() -> None:
    condition = {"Bool": {"aws:SecureTransport": "true"}}
    one = service(of(allow("s3:GetObject", "arn:aws:s3:::a/*", Condition=condition)), "s3")
    assert one.resource == "arn:aws:s3:::a/*"
    assert one.condition == "aws:SecureTransport | Bool | true"
    two = service(of(allow("s3:GetObject", ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"])), "s3")
    assert (two.resource, two.condition) == (MULTIPLE, "None")
    mixed = service(of(allow("s3:GetObject"), allow("s3:PutObject", Condition=condition)), "s3")
    assert (mixed.resource, mixed.condition) == (ALL_RESOURCES, MULTIPLE)
    without = service(of({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::secret/*"}), "s3")
    assert without.resource == "All resources except arn:aws:s3:::secret/*"


def test_deny_stands_apart() -> None:
    summary = of(allow("s3:*"), {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"})
    assert [each.prefix for each in summary.deny] == ["s3"]
    assert service(summary, "s3").access == "Full access"


def test_actions_without_a_fitting_resource_are_marked() -> None:
    summary = of(allow(["s3:ListAllMyBuckets", "s3:GetObject"], "arn:aws:s3:::a/*"))
    warnings = {action.name: action.warning for action in service(summary, "s3").actions}
    assert warnings["GetObject"] is None
    assert warnings["ListAllMyBuckets"] is not None
    assert NOTHING_GRANTED not in summary.warnings
    nothing = of(allow("s3:ListAllMyBuckets", "arn:aws:s3:::a"))
    assert nothing.warnings == (NOTHING_GRANTED,)


def test_unknown_services_and_actions() -> None:
    summary = of(allow(["nosuch:Do", "s3:NoSuchAction", "s3:GetObject"]))
    assert summary.uncategorized == ("nosuch",)
    assert summary.warnings == ("Unrecognized action: s3:NoSuchAction",)


def test_no_summary_of_not_principal() -> None:
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": "123456789012"}, "Action": "s3:*", "Resource": "*"}
    summary = of(statement)
    assert not summary.supported
    assert summary.reason


def test_every_managed_policy_can_be_summarised() -> None:
    for name, policy in list(managed_policies().items())[::10]:
        summary = summarise(Policy.from_value(policy["Document"]))
        assert summary.supported, name
        json.dumps(summary.as_dict())


def leave_out(*actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "NotAction": list(actions), "Resource": "*"}


@pytest.mark.parametrize(
    "statements",
    [
        [allow(["s3:Get*", "s3:GetObject", "sqs:*"]), allow("S3:getobject")],
        [allow("*"), {"Effect": "Deny", "Action": "*", "Resource": "*"}],
        [leave_out("iam:*", "S3:Get*")],
        [leave_out("iam:*"), leave_out("iam:Get*", "sqs:*")],
        [leave_out("iam:*"), allow("iam:GetUser")],
        [leave_out("*")],
        [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}],
        [allow("s3:NoSuchAction")],
    ],
)
def test_the_number_is_that_of_the_summary(statements: list[dict[str, Any]]) -> None:
    policy = Policy.from_value({"Version": "2012-10-17", "Statement": statements})
    assert number_allowed(policy) == sum(len(each.actions) for each in summarise(policy).allow)


def test_the_number_is_little_work_whatever_is_left_out() -> None:
    patterns = [f"ec2:*{number:03}*" for number in range(480)]
    hostile = Policy.from_value({"Version": "2012-10-17", "Statement": [leave_out(*patterns)] * 95})
    assert lines_run(lambda: number_allowed(hostile)) < 100 * 480 * 95
